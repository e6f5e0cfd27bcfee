import { chownSync, statSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { goodbyesFor, type Heard, isFrom } from "./kit/messages.ts";
import { NotifySocket } from "./kit/notify-socket.ts";
import { namesOf, renamesOf, statusOf } from "./kit/ownership.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { timed } from "./kit/timed.ts";

const FREE = /this host is alpha\.local on eth0/;
const WEB = { name: "Web", type: "_http._tcp", port: 8080 };
const CONFIGURATION = "/etc/dotlocal/dotlocal.yaml";

/** Milliseconds between a signal and the end of the process. */
const END_TIME_MAX = 1000;

const WAIT = { timeout: 10_000, interval: 50 };

/** The ids that the suite's own user has; no host has others' processes under them. */
const USER = { name: "dotlocal", id: 64_053 } as const;

function addUser(host: Host): void {
  const { name, id } = USER;
  const append = (path: string, line: string) =>
    host.writeFile(path, `${host.readFile(path).trimEnd()}\n${line}\n`);
  append("/etc/passwd", `${name}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin`);
  append("/etc/group", `${name}:x:${id}:`);
}

async function credentialsOf(daemon: Daemon): Promise<{ uid: string; capabilities: string }> {
  const { process } = await statusOf(daemon);
  const status = await daemon.host.output("cat", [`/proc/${process.pid}/status`]);
  return {
    uid: /^Uid:\s+(.*)$/m.exec(status)![1]!,
    capabilities: /^CapEff:\s+(.*)$/m.exec(status)![1]!,
  };
}

describeEndToEnd("the daemon's life", { needs: ["tcpdump"], concurrent: true }, () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "§10.1: %s: goodbyes for the name and the services, and exit status 0 within a second",
    async (signal) => {
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      const capture = await Capture.start(lan);
      const daemon = await Daemon.start(host, { services: { "web.yaml": WEB } });
      await daemon.process.line(FREE);
      await daemon.process.line(/publishing "Web" on eth0/);
      const { result, time } = await timed(() => {
        daemon.process.signal(signal);
        return daemon.process.ended;
      });
      expect(result).toBe(0);
      expect(time).toBeLessThan(END_TIME_MAX);
      const goodbyes = await capture.packets((packet) => isFrom(host, packet));
      expect(goodbyes.some((packet) => isGoodbye("alpha.local", packet as Heard))).toBe(true);
      expect(goodbyes.some((packet) => isServiceGoodbye("Web", packet as Heard))).toBe(true);
    },
  );

  test("SIGTERM while it starts ends it with exit status 0 too", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const process = spawnDotlocal(host, ["daemon"]);
    await process.line(/using eth0/);
    expect(await process.stop()).toBe(0);
  });

  test("SIGHUP: the configuration is read again, whole", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const daemon = await Daemon.start(host, {
      configuration: { hostname: "alpha", control: { publish: "group" } },
      services: { "web.yaml": WEB },
    });
    await daemon.process.line(FREE);
    Daemon.configure(host, {
      hostname: "omega",
      aliases: ["nas"],
      log: { level: "debug" },
      stateDirectory: "/var/lib/other",
    });
    Daemon.define(host, "web.yaml", { ...WEB, name: "Shop" });
    daemon.reload();
    await daemon.process.line(/this host is omega\.local on eth0/);
    await daemon.process.line(/publishing "Shop" on eth0/);
    await daemon.process.line(/stateDirectory: the change takes effect at the next start/);
    const found = await dotlocal(host, "resolve", "-4", "nas.local");
    expect(found.stdout).toBe(`nas.local\t${host.address}\n`);
  });

  test("SIGHUP: an invalid configuration is refused with its place, and the old one stays", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const daemon = await Daemon.start(host, { configuration: { hostname: "alpha" } });
    await daemon.process.line(FREE);
    Daemon.configure(host, "hostname: omega\nmdsn: {}\n");
    daemon.reload();
    await daemon.process.line(
      /not reloaded, the old configuration stays: .*dotlocal\.yaml:2:1: unknown key "mdsn"/,
    );
    const reload = await dotlocal(host, "reload");
    expect(reload).toMatchObject({ status: 2 });
    expect(reload.stderr).toContain(`${CONFIGURATION}:2:1`);
    expect((await namesOf(daemon)).map(({ label }) => label)).toEqual(["alpha"]);
  });

  test("after a crash the host and its services are called what they were called before", async () => {
    await using lan = await Lan.create();
    const [host, other] = [await lan.host("alpha"), await lan.host("beta")];
    const owner = await Daemon.start(other, {
      configuration: { hostname: "alpha" },
      services: { "web.yaml": { ...WEB, host: "beta-web.local" } },
    });
    await owner.process.line(FREE);
    await owner.process.line(/publishing "Web" on eth0/);
    const options = { configuration: { mdns: { reclaim: false } }, services: { "web.yaml": WEB } };
    const daemon = await Daemon.start(host, options);
    await daemon.process.line(/this host is alpha-2\.local on eth0/);
    await daemon.process.line(/publishing "Web \(2\)" on eth0/);
    await daemon.kill();
    const again = await Daemon.start(host, options);
    await again.process.line(/this host is alpha-2\.local on eth0/);
    await again.process.line(/publishing "Web \(2\)" on eth0/);
    expect(renamesOf(again)).toEqual([]);
  });
});

function isGoodbye(name: string, packet: Heard): boolean {
  return goodbyesFor(name, packet).length > 0;
}

function isServiceGoodbye(instance: string, { message }: Heard): boolean {
  return message.answers.some(
    ({ name, ttl }) => ttl === 0 && name.toString().startsWith(`${instance}._http._tcp`),
  );
}

describeEndToEnd("the daemon under systemd", { concurrent: true }, () => {
  test("tells that it is ready, what it is called, that it reloads and that it stops", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    using systemd = new NotifySocket(host);
    const daemon = await Daemon.start(host, {
      configuration: { hostname: "alpha" },
      services: { "web.yaml": WEB },
      env: systemd.env,
    });
    expect(await systemd.next(/^READY=1/)).toMatch(/^STATUS=alpha\.local on eth0; /m);
    Daemon.configure(host, { hostname: "omega" });
    daemon.reload();
    expect(await systemd.next(/^RELOADING=1/)).toMatch(/^MONOTONIC_USEC=\d+$/m);
    await systemd.next(/^READY=1/);
    await systemd.next(/^STATUS=omega\.local on eth0; 1 definition published$/);
    await daemon.stop();
    await systemd.next(/^STOPPING=1$/);
    expect(systemd.messages.at(-1)).toBe("STOPPING=1");
  });

  test("a reload that fails ends too", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    using systemd = new NotifySocket(host);
    const daemon = await Daemon.start(host, { configuration: {}, env: systemd.env });
    await systemd.next(/^READY=1/);
    Daemon.configure(host, "hostname: [");
    daemon.reload();
    await systemd.next(/^RELOADING=1/);
    await systemd.next(/^READY=1/);
  });

  test("feeds the watchdog more often than it asks for", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    using systemd = new NotifySocket(host);
    await Daemon.start(host, { env: { ...systemd.env, WATCHDOG_USEC: "2000000" } });
    await systemd.next(/^READY=1/);
    for (let times = 0; times < 4; times++) await systemd.next(/^WATCHDOG=1$/, 2000);
  });

  test("answers on the control socket that systemd opened, and leaves it there", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const socket = "/run/dotlocal/control.sock";
    await host.output("mkdir", ["/run/dotlocal"]);
    const systemd = host.spawn("systemd-socket-activate", [
      ...["--listen", socket, "--fdname", "control", "-E", "PATH"],
      ...[process.execPath, "bin/dotlocal.js", "daemon"],
    ]);
    await systemd.line(/Listening on/);
    const { ino } = statSync(host.namespace.path(socket));
    const status = await dotlocal(host, "status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({ controlSocket: socket });
    expect(await systemd.stop()).toBe(0);
    expect(statSync(host.namespace.path(socket)).ino).toBe(ino);
  });

  test("answers libnss-mdns on the socket that systemd opened, without being root", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    addUser(host);
    const socket = "/run/avahi-daemon/socket";
    await host.output("mkdir", ["-m", "777", "/run/avahi-daemon"]);
    const { name } = USER;
    const systemd = host.spawn("setpriv", [
      ...[`--reuid=${name}`, `--regid=${name}`, "--clear-groups"],
      ...["systemd-socket-activate", "--listen", socket, "--fdname", "avahi"],
      ...[process.execPath, "bin/dotlocal.js", "daemon", "--socket", "/run/avahi-daemon/control"],
    ]);
    await systemd.line(/Listening on/);
    const ask = () => host.run("python3", ["-c", ASK_AVAHI, socket, "alpha.local"]);
    expect((await ask()).stdout).toMatch(/^\+ \d+ 0 alpha\.local 192\.0\.2\.1/);
    expect(systemd.lines.join("\n")).not.toMatch(/libnss-mdns is not answered/);
  });
});

/** What libnss-mdns does: one line out, one line in. */
const ASK_AVAHI = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(sys.argv[1])
s.sendall(f"RESOLVE-HOSTNAME-IPV4 {sys.argv[2]}\\n".encode())
print(s.makefile().readline(), end="")
`;

describeEndToEnd("the daemon's user", { concurrent: true }, () => {
  test("started as root it becomes the configured user once its ports are bound", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    addUser(host);
    const configuration = { user: USER.name };
    const daemon = await Daemon.start(host, { configuration });
    await daemon.process.line(/running as user dotlocal from here on/);
    await daemon.process.line(FREE);
    expect(await credentialsOf(daemon)).toEqual({
      uid: Array(4).fill(USER.id).join("\t"),
      capabilities: "0".repeat(16),
    });
    const second = await host.connect(lan, { name: "eth1" });
    await daemon.process.line(/this host is alpha\.local on eth1/);
    await second.down();
    await daemon.process.line(/no longer using eth1/);
    expect(await daemon.stop()).toBe(0);
    await using again = await Daemon.start(host, { configuration });
    await again.process.line(FREE);
    expect(renamesOf(again)).toEqual([]);
  });

  test("keeps its names although the folder was root's before", async () => {
    await using lan = await Lan.create();
    const [host, other] = [await lan.host("alpha"), await lan.host("beta")];
    addUser(host);
    const owner = await Daemon.start(other, { configuration: { hostname: "alpha" } });
    await owner.process.line(FREE);
    host.writeFile("/var/lib/dotlocal/host-label", "old\n");
    const daemon = await Daemon.start(host, { configuration: { user: USER.name } });
    await daemon.process.line(/this host is alpha-2\.local on eth0/);
    await vi.waitFor(() => {
      expect(host.readFile("/var/lib/dotlocal/host-label")).toBe("alpha-2\n");
    }, WAIT);
    expect(statSync(host.namespace.path("/var/lib/dotlocal/host-label")).uid).toBe(USER.id);
    expect((await statusOf(daemon)).warnings.join("\n")).not.toContain("not kept over restarts");
  });

  test("that there is not is told at the start, with exit status 2", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    Daemon.configure(host, { user: "nobody-here" });
    const { status, stderr } = await dotlocal(host, "daemon", "-c", CONFIGURATION);
    expect(status).toBe(2);
    expect(stderr).toContain("there is no user nobody-here");
  });

  test("may be one that no file knows, on a file system that cannot be written", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const state = host.namespace.path("/run/state");
    await host.output("mkdir", ["/run/state", "/run/runtime"]);
    for (const folder of [state, host.namespace.path("/run/runtime")])
      chownSync(folder, 61_184, 61_184);
    for (const folder of ["/etc", "/var"]) {
      await host.output("mount", ["-o", "remount,ro", folder]);
    }
    const daemon = host.spawn(
      "setpriv",
      [
        ...["--reuid=61184", "--regid=61184", "--clear-groups", "--no-new-privs"],
        ...["--bounding-set=-all", process.execPath, "bin/dotlocal.js", "daemon"],
      ],
      { env: { STATE_DIRECTORY: "/run/state", RUNTIME_DIRECTORY: "/run/runtime" } },
    );
    await daemon.line(FREE);
    const status = await dotlocal(host, "status", "--socket", "/run/runtime/control.sock");
    expect(status.status).toBe(0);
    expect(await daemon.stop()).toBe(0);
  });
});
