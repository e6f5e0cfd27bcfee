import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, type HostLink, Lan } from "./kit/lan.ts";
import { addressesFor, isFrom } from "./kit/messages.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "gate.local";

/** Everything the link says under the name, addresses sorted. */
async function saidOn(capture: Capture, link: HostLink): Promise<readonly string[]> {
  const packets = await capture.packets((packet) => isFrom(link, packet));
  const said = packets.flatMap((packet) => addressesFor(NAME, packet as never));
  return [...new Set(said)].sort();
}

async function askedBy(host: Host): Promise<readonly string[]> {
  const { stdout } = await dotlocal(host, "resolve", "--standalone", NAME);
  return stdout.trim().split("\n");
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(`a host on two links with ${title}`, { needs: ["tcpdump", "dig"] }, () => {
    test("§14: tells each link the addresses of that link only", async () => {
      await using near = await Lan.create({ prefix: "192.0.2" });
      await using far = await Lan.create({ prefix: "198.51.100" });
      const gate = await near.host("gate");
      const second = await gate.connect(far);
      const [onNear, onFar] = [await near.host("near"), await far.host("far")];
      await prepare(gate, onNear, onFar);
      const captures = [await Capture.start(near), await Capture.start(far)] as const;
      const daemon = await Daemon.start(gate);
      await Promise.all([
        daemon.process.line(/this host is gate\.local on eth0/),
        daemon.process.line(/this host is gate\.local on eth1/),
      ]);

      expect(await askedBy(onNear)).toEqual([
        `${NAME}\t${gate.link.linkLocalAddress}%eth0`,
        `${NAME}\t${gate.address}`,
      ]);
      expect(await askedBy(onFar)).toEqual([
        `${NAME}\t${second.linkLocalAddress}%eth0`,
        `${NAME}\t${second.address}`,
      ]);
      expect(await saidOn(captures[0], gate.link)).toEqual([
        gate.address,
        gate.link.linkLocalAddress,
      ]);
      expect(await saidOn(captures[1], second)).toEqual([second.address, second.linkLocalAddress]);
      // Whoever asks on the host itself is told of both, with the scope of each.
      const own = await daemon.command("resolve", NAME);
      expect(own.stdout).toContain(`%eth0`);
      expect(own.stdout).toContain(`%eth1`);
    });

    test("§6.7: a query to any of its addresses is answered from that address", async () => {
      await using lan = await Lan.create();
      const gate = await lan.host("gate");
      const asker = await lan.host("asker");
      await gate.link.addAddress("192.0.2.50/24");
      await prepare(gate);
      const daemon = await Daemon.start(gate);
      await daemon.process.line(/this host is gate\.local on eth0/);
      const ask = (server: string, type: string) =>
        asker.output("dig", [
          ...["-p", "5353", "+noall", "+answer", "+tries=1", "+time=2", `@${server}`, NAME, type],
        ]);
      const capture = await Capture.start(lan, { expression: "udp src port 5353" });
      // dig accepts no answer from another address than it asked.
      for (const server of [gate.address, "192.0.2.50"]) {
        const answer = await ask(server, "A");
        expect(answer).toMatch(/^gate\.local\.\s+10\s+IN\s+A\s+192\.0\.2\.1$/m);
        expect(answer).toMatch(/^gate\.local\.\s+10\s+IN\s+A\s+192\.0\.2\.50$/m);
      }
      expect(await ask(`${gate.link.linkLocalAddress}%eth0`, "AAAA")).toContain(
        gate.link.linkLocalAddress,
      );
      const replies = await capture.packets((packet) => isFrom(gate, packet));
      expect(replies.map(({ source }) => source.address)).toEqual([
        gate.address,
        "192.0.2.50",
        gate.link.linkLocalAddress,
      ]);
      // RFC 6762 §6.7: a legacy query's id and question come back, without the cache-flush bit.
      expect(replies.map(({ message }) => message!.questions.length)).toEqual([1, 1, 1]);
      expect(replies.flatMap(({ message }) => message!.answers).some((r) => r.cacheFlush)).toBe(
        false,
      );
    });
  });
}
