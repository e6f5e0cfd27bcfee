/**
 * A browser on the same host: it has a socket of its own on port 5353, as Chromium has for WebRTC and
 * to find Chromecasts. Neither must take anything from the other.
 */

import { join } from "node:path";
import { expect, test } from "vitest";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { renamesOf } from "./kit/ownership.ts";
import type { RunningProcess } from "./kit/process.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const BROWSER = join(import.meta.dirname, "kit/peers/browser.mjs");

/** As a page's candidate for a connection names this host. */
const CANDIDATE = "acd31160-f01b-4b60-8b01-3273dda71e36.local";

const CAST = { name: "Living room", type: "_googlecast._tcp", port: 8009 };

function startBrowser(host: Host): RunningProcess {
  const args = [BROWSER, host.address, CANDIDATE, "alpha.local", "beta.local"];
  return host.spawn(process.execPath, args);
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(`beside a browser on one host, with ${title}`, {}, () => {
    test("both find and are found, and nobody is renamed", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a);
      const daemon = await Daemon.startNamed(a);
      const other = await Daemon.startNamed(b, { services: { "cast.yaml": CAST } });
      await other.process.line(/publishing "Living room"/);
      await using browser = startBrowser(a);

      const heard = (way: string, name: string, data: string): Promise<unknown> =>
        browser.line(new RegExp(`"way":"${way}","name":"${name}".*"data":"${data}`));
      await heard("multicast", "_googlecast._tcp.local", "Living room");
      for (const { name, address } of [a, b]) {
        await heard("multicast", `${name}.local`, address);
        await heard("legacy", `${name}.local`, address);
      }

      // The daemons have heard it announced.
      for (const host of [a, b]) {
        expect(await dotlocal(host, "resolve", "-4", CANDIDATE)).toMatchObject({
          status: 0,
          stdout: `${CANDIDATE}\t${a.address}\n`,
        });
      }
      // Who has not must ask by one question.
      expect(await dotlocal(b, "resolve", "--standalone", "-t", "A", CANDIDATE)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`\tA\t${a.address}\n`),
      });
      expect(await dotlocal(b, "resolve", "-4", "--standalone", "alpha.local")).toMatchObject({
        status: 0,
        stdout: `alpha.local\t${a.address}\n`,
      });

      // A socket that is bound to the group takes nobody's unicast.
      const status = JSON.parse((await daemon.command("status", "--json")).stdout);
      expect(status).toMatchObject({ portHolders: [], warnings: [] });
      expect(renamesOf(daemon)).toEqual([]);
    });
  });
}
