import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Daemon, dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { renamesOf, statusOf } from "./kit/ownership.ts";
import { startBusyLink } from "./kit/peers/flood.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

/** Milliseconds; `npm run soak` makes it an hour. */
const DURATION = Number(process.env["DOTLOCAL_SOAK_BUSY_SECONDS"] ?? 120) * 1000;

/** Packets a second, from 500 hosts with a service each that come, are asked for, and go. */
const RATE = 200;

/** Milliseconds between two looks at the daemon. */
const PACE = 1000;

/** Octets by which the least heap of the last third may exceed that of the second. */
const GROWTH_MAX = 16 * 2 ** 20;

interface Look {
  readonly heap: number;
  readonly descriptors: number;
}

describeEndToEnd("a daemon on a busy link", { needs: ["python3"], concurrent: true }, () => {
  test(
    "keeps its heap, its descriptors and its name, and goes on answering",
    async ({ annotate }) => {
      await using lan = await Lan.create();
      const [host, crowd, asker] = [
        await lan.host("alpha", { addresses: ["198.18.0.1/15"] }),
        await lan.host("crowd", { addresses: ["198.18.0.2/15"] }),
        await lan.host("asker", { addresses: ["198.18.0.3/15"] }),
      ];
      const services = { "web.yaml": { name: "Web", type: "_http._tcp", port: 80 } };
      const daemon = await Daemon.start(host, { services });
      startBusyLink(crowd, RATE);
      spawnDotlocal(host, ["browse", "_http._tcp"]);
      await setTimeout(DURATION / 3);

      const looks: Look[] = [];
      for (const end = Date.now() + (DURATION * 2) / 3; Date.now() < end; ) {
        const { pid, memory } = (await statusOf(daemon)).process;
        const descriptors = (await host.output("ls", [`/proc/${pid}/fd`])).split("\n").length;
        looks.push({ heap: memory.heap, descriptors });
        expect(await dotlocal(asker, "resolve", "--standalone", "alpha.local")).toMatchObject({
          status: 0,
        });
        await setTimeout(PACE);
      }

      const middle = Math.floor(looks.length / 2);
      const [second, last] = [looks.slice(0, middle), looks.slice(middle)];
      const growth = least(last, "heap") - least(second, "heap");
      await annotate(`${looks.length} looks, heap grown by ${Math.round(growth / 1024)} KiB`);
      expect(growth).toBeLessThan(GROWTH_MAX);
      expect(least(last, "descriptors")).toBe(least(second, "descriptors"));
      expect(renamesOf(daemon)).toEqual([]);
      expect(daemon.process.lines.filter((line) => /error/.test(line))).toEqual([]);
    },
    DURATION + 60_000,
  );
});

function least(looks: readonly Look[], what: keyof Look): number {
  return Math.min(...looks.map((look) => look[what]));
}
