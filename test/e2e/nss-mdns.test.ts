import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { testNameService } from "./kit/name-service.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const SOCKET = "/run/avahi-daemon/socket";
const HOSTS_LINE = "files mdns_minimal [NOTFOUND=return] dns";
const HOSTS_LINE_FULL = "files mdns [NOTFOUND=return] dns";

/** Milliseconds of processor time that an idle daemon uses in a second at most. */
const IDLE_LOAD_MAX = 100;

function dial(host: Host): Socket {
  return connect(host.namespace.path(SOCKET));
}

function ask(host: Host, command: string): Promise<string> {
  const socket = dial(host);
  socket.write(`${command}\n`);
  return text(socket);
}

async function processorTime(daemon: Daemon): Promise<number> {
  const status = JSON.parse((await daemon.command("status", "--json")).stdout);
  return status.process.processorTime * 1000;
}

describeEndToEnd(
  "programs that resolve through libnss-mdns",
  { needs: ["libnss-mdns", "avahi-daemon", "avahi-utils", "ping"] },
  () => {
    testNameService({ forward: HOSTS_LINE, reverse: HOSTS_LINE_FULL });
  },
);

describeEndToEnd("Avahi's socket", { needs: ["avahi-daemon", "avahi-utils"] }, () => {
  test("is answered as Avahi itself answers it", async () => {
    await using lan = await Lan.create();
    const [a, b, c] = [await lan.host("alpha"), await lan.host("beta"), await lan.host("gamma")];
    await Promise.all([Daemon.startNamed(a), Avahi.start(b), Daemon.startNamed(c)]);
    for (const command of [
      "HELP",
      "",
      "RESOLVE-HOSTNAME",
      "HELP me",
      "resolve-hostname gamma.local",
      "RESOLVE-HOSTNAME-IPV4 gamma.local",
      "RESOLVE-HOSTNAME-IPV4   gamma.local  more",
      `RESOLVE-HOSTNAME-IPV6 gamma.local`,
      `RESOLVE-ADDRESS ${c.address}`,
      "RESOLVE-ADDRESS nonsense",
      `RESOLVE-HOSTNAME ${"x".repeat(64)}.local`,
    ]) {
      const [ours, theirs] = await Promise.all([ask(a, command), ask(b, command)]);
      // Which family's transport carried the answer is chance.
      const plain = (reply: string) => reply.replace(/^(\+ \d+) [01] /, "$1 P ");
      expect(plain(ours), command).toBe(plain(theirs));
    }
  });

  test("is left to Avahi when it starts later, and taken again when it goes", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const daemon = await Daemon.startNamed(a);
    const avahi = await Avahi.start(a);
    await daemon.process.line(/avahi-daemon\/socket is left to avahi-daemon/);
    expect(await ask(a, "RESOLVE-HOSTNAME-IPV4 alpha.local")).toContain(a.address);
    const taken = daemon.process.nextLine(/answering libnss-mdns on \S+avahi-daemon\/socket/);
    await avahi.process.kill();
    await taken;
    expect(await ask(a, "RESOLVE-HOSTNAME-IPV4 alpha.local")).toContain(a.address);
    expect(await daemon.stop()).toBe(0);
    expect((await a.run("ls", ["-A", "/run/avahi-daemon"])).stdout).not.toContain("socket");
  });

  test("is not touched where Avahi has it already, and `on` says so", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    await Avahi.start(a);
    const inode = () => a.output("stat", ["-c", "%i", SOCKET]);
    const before = await inode();
    const daemon = await Daemon.start(a, { configuration: { compat: { avahi: "on" } } });
    expect(await inode()).toBe(before);
    expect((await daemon.command("status")).stdout).toContain(
      `libnss-mdns is answered by avahi-daemon, which holds ${SOCKET}`,
    );
  });

  test("CVE-2021-3468: clients that write half a line and hang up leave the process idle", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    const daemon = await Daemon.startNamed(a);
    for (let clients = 0; clients < 1000; ) {
      const socket = dial(a);
      socket.on("error", () => {});
      socket.write("RESOLVE-HOSTNAME");
      // A queue that is full takes no more until the daemon has run.
      const isTaken = await once(socket, "connect").then(
        () => true,
        () => setTimeout(10, false),
      );
      if (isTaken) clients++;
      socket.destroy();
    }
    const before = await processorTime(daemon);
    await setTimeout(2000);
    expect(await processorTime(daemon)).toBeLessThan(before + 2 * IDLE_LOAD_MAX);
    expect(await ask(a, "RESOLVE-HOSTNAME-IPV4 alpha.local")).toContain(a.address);
  });

  test("a path that the host does not allow is named in one line with the remedy", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("alpha");
    await a.output("mkdir", ["-p", "/run/avahi-daemon"]);
    const daemon = await Daemon.start(a, { configuration: { compat: { avahi: "off" } } });
    expect((await daemon.command("status")).stdout).not.toContain("libnss-mdns");
    a.writeFile("/etc/nsswitch.conf", "hosts: files mdns4_minimal dns\n");
    Daemon.configure(a, { compat: { avahi: "auto" } });
    await a.output("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", "/run/avahi-daemon"]);
    daemon.reload();
    await daemon.process.line(
      /libnss-mdns is not answered: .* start as root, or set compat\.avahi to off/,
    );
  });
});
