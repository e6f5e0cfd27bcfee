import { expect, test } from "vitest";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { Lan } from "./kit/lan.ts";
import { getent } from "./kit/peers/nss.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `a host with systemd-resolved and one with ${title}`,
    { needs: ["systemd-resolved", "libnss-resolve"] },
    () => {
      test("find each other's name, addresses and reverse name", async () => {
        await using lan = await Lan.create();
        const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
        await prepare(a);
        const [daemon, resolved] = await Promise.all([Daemon.start(a), Resolved.start(b)]);
        await daemon.process.line(/this host is alpha\.local on eth0/);

        expect((await resolved.control("query", "-4", "alpha.local")).stdout).toMatch(
          new RegExp(`^alpha\\.local: ${a.address} +-- link: eth0$`, "m"),
        );
        expect((await resolved.control("query", "-6", "alpha.local")).stdout).toMatch(
          new RegExp(`^alpha\\.local: ${a.link.linkLocalAddress}%2 +-- link: eth0$`, "m"),
        );
        expect((await getent(b, "resolve", "ahostsv4", "alpha.local")).stdout).toContain(a.address);

        for (const options of [[], ["--standalone"]]) {
          const found = await dotlocal(a, "resolve", ...options, "beta.local");
          expect(found).toMatchObject({ status: 0, stderr: "" });
          expect(found.stdout).toBe(
            `beta.local\t${b.link.linkLocalAddress}%eth0\nbeta.local\t${b.address}\n`,
          );
        }
        expect((await daemon.command("resolve", b.address)).stdout).toBe(
          `${b.address}\tbeta.local\n`,
        );
        // It has no reason to take another name, nor have we.
        expect(resolved.process.lines.join("\n")).not.toMatch(/Hostname conflict/);
        expect(daemon.process.lines.join("\n")).not.toMatch(/renamed/);
      });
    },
  );
}
