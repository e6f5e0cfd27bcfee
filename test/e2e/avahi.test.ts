import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

/** One command on Avahi's own socket, as nss-mdns gives it. */
function askSocket(host: Host, command: string): Promise<string> {
  const socket = connect(host.namespace.path("/run/avahi-daemon/socket"));
  socket.write(`${command}\n`);
  return text(socket);
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `a host with Avahi and one with ${title}`,
    { needs: ["avahi-daemon", "avahi-utils"] },
    () => {
      test("find each other's name, addresses and reverse name", async () => {
        await using lan = await Lan.create();
        const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
        await prepare(a);
        const [daemon, avahi] = await Promise.all([Daemon.start(a), Avahi.start(b)]);
        await daemon.process.line(/this host is alpha\.local on eth0/);

        const name = "alpha.local";
        const { linkLocalAddress } = a.link;
        const resolved = await Promise.all([
          avahi.resolve("-4", "-n", name),
          avahi.resolve("-6", "-n", name),
          avahi.resolve("-a", a.address),
          avahi.resolve("-a", linkLocalAddress),
        ]);
        expect(resolved.map(({ stdout, stderr }) => stdout + stderr)).toEqual([
          `${name}\t${a.address}\n`,
          `${name}\t${linkLocalAddress}\n`,
          `${a.address}\t${name}\n`,
          `${linkLocalAddress}\t${name}\n`,
        ]);
        const index = b.link.index;
        expect(await askSocket(b, `RESOLVE-HOSTNAME-IPV4 ${name}`)).toMatch(
          new RegExp(`^\\+ ${index} [01] ${name} ${a.address}\n$`),
        );
        expect(await askSocket(b, `RESOLVE-ADDRESS ${a.address}`)).toMatch(
          new RegExp(`^\\+ ${index} [01] ${name}\n$`),
        );

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
      });

      test("§9: the host that comes later takes another name, and says so", async () => {
        await using lan = await Lan.create();
        const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
        await prepare(b);
        const avahi = await Avahi.start(a);
        const daemon = await Daemon.start(b, { args: ["--hostname", "alpha"] });
        await daemon.process.line(/this host is alpha-2\.local on eth0/);
        expect(avahi.process.lines.join("\n")).not.toMatch(/conflict|Withdrawing/);
        expect((await avahi.resolve("-4", "-n", "alpha-2.local")).stdout).toContain(b.address);
        const status = (await daemon.command("status")).stdout;
        expect(status).toMatch(
          /^! alpha\.local belongs to \S+ on eth0: here it is alpha-2\.local$/m,
        );
      });
    },
  );
}
