/** A laptop is closed in the evening and opened in the morning, on the same network. */

import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { addressesFor, isFrom, isProbeFor } from "./kit/messages.ts";
import { renamesOf } from "./kit/ownership.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { SleepyClock } from "./kit/sleepy-clock.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NIGHT = 8 * 3600;

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `a host that was suspended, with ${title}`,
    { needs: ["gcc", "tcpdump"] },
    () => {
      test("claims its name anew, keeps it, and forgets who has gone meanwhile", async () => {
        await using lan = await Lan.create();
        const [a, b, c] = [
          await lan.host("alpha"),
          await lan.host("beta"),
          await lan.host("gamma"),
        ];
        await prepare(a);
        const clock = await SleepyClock.install(a);
        const daemon = await Daemon.startNamed(a, clock.options);
        const web = { name: "Web", type: "_http._tcp", port: 80 };
        const other = await Daemon.startNamed(b, { services: { "web.yaml": web } });
        await using browse = spawnDotlocal(a, ["browse", "_http._tcp"]);
        await browse.line(/^\+\teth0\tWeb\t/);
        expect(await daemon.command("resolve", "-4", "beta.local")).toMatchObject({ status: 0 });

        const capture = await Capture.start(lan);
        await clock.suspend(daemon, NIGHT, () => other.process.kill());
        const asked = dotlocal(c, "resolve", "-4", "--standalone", "alpha.local");
        await daemon.process.line(/the host slept: claiming names anew/);
        const probe = await capture.until(
          (packet) => isFrom(a, packet) && isProbeFor("alpha.local", packet),
        );
        await capture.until(
          (packet) =>
            packet.at > probe.at &&
            isFrom(a, packet) &&
            addressesFor("alpha.local", packet).length > 0,
        );
        expect(await asked).toMatchObject({ status: 0, stdout: `alpha.local\t${a.address}\n` });

        await browse.line(/^-\teth0\tWeb\t/);
        expect(await daemon.command("resolve", "beta.local")).toMatchObject({ status: 1 });
        expect(renamesOf(daemon)).toEqual([]);
      });
    },
  );
}

describeEndToEnd("a daemon that was only stopped", { needs: ["gcc"] }, () => {
  test("does not take it for a suspend", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const clock = await SleepyClock.install(a);
    const daemon = await Daemon.startNamed(a, clock.options);
    await clock.suspend(daemon, 0, () => setTimeout(1000));
    expect(await dotlocal(b, "resolve", "-4", "--standalone", "alpha.local")).toMatchObject({
      status: 0,
    });
    expect(daemon.process.lines.filter((line) => /slept/.test(line))).toEqual([]);
  });
});
