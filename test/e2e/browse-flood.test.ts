import { expect, test } from "vitest";
import { Daemon, spawnDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { flood } from "./kit/peers/flood.ts";
import type { RunningProcess } from "./kit/process.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const TYPE = "_flood._tcp";

/** Instances, and a second as many are announced as a busy machine can send. */
const COUNT = 5000;
const RATE = 5000;

const TIMEOUT = 90_000;

function found({ lines }: RunningProcess): number {
  return new Set(lines.filter((line) => line.startsWith("+\t"))).size;
}

describeEndToEnd("5,000 services that are announced in a second", { needs: ["python3"] }, () => {
  test.each([
    ["without a daemon", ["browse", "--standalone", TYPE], false],
    ["through the daemon", ["browse", TYPE], true],
  ])(
    "are all found by browse %s",
    async (_title, args, hasDaemon) => {
      await using lan = await Lan.create();
      const flooder: Host = await lan.host("flooder", { addresses: ["198.18.0.2/15"] });
      const host = await lan.host("alpha", { addresses: ["198.18.0.1/15"] });
      if (hasDaemon) await Daemon.start(host);
      const browse = spawnDotlocal(host, args);
      // Its question is out, so it listens, once it has found the first.
      await expect
        .poll(
          async () => {
            await flood(flooder, RATE, ["instances", TYPE, "1"]);
            return found(browse);
          },
          { timeout: 20_000, interval: 500 },
        )
        .toBe(1);
      await flood(flooder, RATE, ["instances", TYPE, String(COUNT)]);
      await expect.poll(() => found(browse), { timeout: 30_000, interval: 200 }).toBe(COUNT);
    },
    TIMEOUT,
  );
});
