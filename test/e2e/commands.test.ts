import { join } from "node:path";
import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { Host, Lan } from "./kit/lan.ts";
import { addressesFor, isFrom } from "./kit/messages.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const LAUNCHER = join(repositoryRoot, "bin/dotlocal.js");

const NOBODY = 65_534;
const GROUP = 990;

/** Milliseconds: the default of `mdns.lookupTimeout`, and what a busy machine adds. */
const LOOKUP_TIMEOUT = 3000;
const OVERHEAD_MAX = 1500;

/** From a link's coming up to our using it, in milliseconds, where nothing tells us of it. */
const LINK_TIME_MAX = 1500;

/** Arguments that run the command as another user, for `host.run("setpriv", ...)`. */
function asNobody(groups: "none" | "control", ...args: readonly string[]): readonly string[] {
  const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`];
  const membership = groups === "none" ? ["--clear-groups"] : [`--groups=${GROUP}`];
  return [...identity, ...membership, "--", process.execPath, LAUNCHER, ...args];
}

async function elapsed<Outcome>(work: Promise<Outcome>): Promise<[Outcome, number]> {
  const startedAt = performance.now();
  return [await work, performance.now() - startedAt];
}

describeEndToEnd("the command line", {}, () => {
  test("wrong usage and names that cannot be names end with status 2 and a hint", async () => {
    await using host = await Host.create("alpha");
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [["resolve", "--bogus", "x.local"], /unknown option '--bogus'\n\(dotlocal --help tells more/],
      [["resolve"], /missing required argument 'name\|address'/],
      [["resolvee", "x.local"], /unknown command 'resolvee'\n\(Did you mean resolve\?\)/],
      [["resolve", "-4", "-6", "x.local"], /'-4' cannot be used with option '-6'/],
      [["resolve", "--timeout", "soon", "x.local"], /'soon' is invalid. expected a duration such/],
      [["daemon", "--log-level", "loud"], /^--log-level: expected .*, not "loud"/],
      [["daemon", "-c", "/nonexistent.yaml"], /^cannot read \/nonexistent\.yaml/],
    ];
    for (const [args, message] of cases) {
      const result = await dotlocal(host, ...args);
      expect(result).toMatchObject({ status: 2, stdout: "" });
      expect(result.stderr).toMatch(message);
    }
    expect(await dotlocal(host, "--help")).toMatchObject({ status: 0, stderr: "" });
  });

  test("what the host lacks ends with status 3 and the remedy", async () => {
    await using host = await Host.create("alpha");
    const status = await dotlocal(host, "status");
    expect(status).toMatchObject({ status: 3, stdout: "" });
    expect(status.stderr).toMatch(
      /^no daemon answers at \/run\/dotlocal\/control\.sock: start one with "dotlocal daemon"/,
    );
    const resolve = await dotlocal(host, "resolve", "beta.local");
    expect(resolve).toMatchObject({ status: 3, stdout: "" });
    expect(resolve.stderr).toMatch(/^no usable link: .*\(name one with -i\)\n$/);
  });

  test("names are looked up one a line, as text or JSON, and missing ones are told", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    const [daemon] = await Promise.all([Daemon.start(a), Daemon.start(b)]);
    const found = await daemon.command("resolve", "--json", "-4", "beta.local");
    expect(found).toMatchObject({ status: 0, stderr: "" });
    expect(
      found.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        name: "beta.local",
        address: b.address,
        interface: "eth0",
        protocol: "mdns",
        ttl: expect.any(Number),
      },
    ]);
    expect(await daemon.command("resolve", "-t", "A", "beta.local")).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(new RegExp(`^beta\\.local\\t\\d+\\tA\\t${b.address}\\n$`)),
    });

    const [missing, waited] = await elapsed(daemon.command("resolve", "nobody.local"));
    expect(missing).toEqual({
      status: 1,
      stdout: "",
      stderr: "nobody answers for nobody.local\n",
    });
    expect(waited).toBeGreaterThan(LOOKUP_TIMEOUT - 500);
    expect(waited).toBeLessThan(LOOKUP_TIMEOUT + OVERHEAD_MAX);
    const [some, briefly] = await elapsed(
      daemon.command("resolve", "-4", "--timeout", "400ms", "beta.local", "nobody-2.local"),
    );
    expect(some).toMatchObject({ status: 1, stdout: `beta.local\t${b.address}\n` });
    expect(some.stderr).toContain("nobody-2.local");
    expect(briefly).toBeLessThan(400 + OVERHEAD_MAX);
    for (const options of [[], ["--standalone"]]) {
      expect(await dotlocal(a, "resolve", ...options, "a..local")).toEqual({
        status: 2,
        stdout: "",
        stderr: '"a..local" is not a name: a label is empty\n',
      });
    }
  });

  test("status tells people what matters, and programs everything in one line", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const daemon = await Daemon.start(host, { configuration: { aliases: ["nas"] } });
    await daemon.process.line(/publishing nas\.local/);
    const { stdout } = await daemon.command("status");
    expect(stdout).toMatch(/^dotlocal \d+\.\d+\.\d+, process \d+, up \d+ s, /);
    expect(stdout).toMatch(/^mDNS full, .*native sockets, load /m);
    expect(stdout).toMatch(/^ {2}alpha\.local +eth0 +registered +\d+ s ago$/m);
    expect(stdout).toMatch(/^ {2}nas\.local\.? +eth0 +registered$/m);
    expect(stdout).toMatch(new RegExp(`^ {2}eth0 +${host.address}/24 fe80::\\S+/64 +1500 `, "m"));
    expect(stdout).toMatch(/^ {2}eth0 +mdns +out +.*probes \d+/m);
    const json = (await daemon.command("status", "--json")).stdout;
    expect(json.trimEnd()).not.toContain("\n");
    expect(JSON.parse(json)).toMatchObject({ controlSocket: "/run/dotlocal/control.sock" });
  });

  test("a reader that has seen enough is no error", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    await Daemon.start(host);
    for (const reader of ["head -1", "true"]) {
      const script = `"$0" "$1" status | ${reader}; echo "status \${PIPESTATUS[0]}"`;
      const piped = await host.run("bash", ["-c", script, process.execPath, LAUNCHER]);
      expect(piped.stderr).toBe("");
      expect(piped.stdout).toMatch(/^(dotlocal .*\n)?status 0\n$/);
    }
  });
});

describeEndToEnd("the daemon's configuration", {}, () => {
  test("a file that is not valid is refused with its place and the nearest key", async () => {
    await using host = await Host.create("alpha");
    Daemon.configure(host, "ipv6: true\nhostnam: x\nmdns:\n  lookupTimeout: soon\n");
    for (const command of ["daemon", "check"]) {
      const result = await dotlocal(host, command, "-c", "/etc/dotlocal/dotlocal.yaml");
      expect(result.status).toBe(2);
      expect(result.stdout + result.stderr).toMatch(
        /^\/etc\/dotlocal\/dotlocal\.yaml:2:1: .*hostnam.*did you mean "hostname"\?/m,
      );
      expect(result.stdout + result.stderr).toMatch(
        /^\/etc\/dotlocal\/dotlocal\.yaml:4:18: .*expected a duration/m,
      );
    }
  });

  test("it is read again on demand, and an invalid one leaves the old in force", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const capture = await Capture.start(lan);
    const daemon = await Daemon.start(host, { configuration: { aliases: ["nas"] } });
    await daemon.process.line(/publishing nas\.local/);
    Daemon.configure(host, "aliases: [files]\nipv5: true\n");
    const refused = await daemon.command("reload");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/^\/etc\/dotlocal\/dotlocal\.yaml:2:1: .*ipv5/);
    daemon.reload();
    await daemon.process.line(/not reloaded, the old configuration stays: .*yaml:2:1: /);
    expect((await daemon.command("status")).stdout).toMatch(/^ {2}nas\.local/m);

    const announcements = () =>
      capture.packets((packet) => addressesFor("alpha.local", packet).length > 0);
    // Two, on each family.
    await expect.poll(async () => (await announcements()).length, { timeout: 10_000 }).toBe(4);
    Daemon.configure(host, "aliases: [files]\n");
    expect(await daemon.command("reload")).toMatchObject({ status: 0 });
    await daemon.process.line(/publishing files\.local/);
    await capture.until((packet) => addressesFor("files.local", packet).length > 0);
    await capture.until(({ message }) =>
      message.answers.some(({ name, ttl }) => ttl === 0 && String(name) === "nas.local"),
    );
    // What has not changed is neither taken back nor announced again.
    expect(await announcements()).toHaveLength(4);
  });
});

for (const { title, transport, prepare } of socketKinds) {
  describeEndToEnd(`a daemon with ${title}`, { needs: ["tcpdump"] }, () => {
    test("waits for a link, says so, and uses it as soon as it comes up", async () => {
      await using lan = await Lan.create();
      await using host = await Host.create("alpha");
      await prepare(host);
      const daemon = await Daemon.start(host);
      await daemon.process.line(/warning: no usable link: waiting for one/);
      expect((await daemon.command("status")).stdout).toMatch(/^! no usable link: waiting for one/);
      const capture = await Capture.start(lan);
      const link = await host.connect(lan);
      const cameUpAt = performance.now();
      await daemon.process.line(/using eth0/);
      expect(performance.now() - cameUpAt).toBeLessThan(LINK_TIME_MAX);
      await daemon.process.line(/this host is alpha\.local on eth0/);
      await capture.until((p) => isFrom(link, p) && addressesFor("alpha.local", p).length > 0);
    });

    test("works for a user without privileges, and names what it has to leave out", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a);
      await a.output("chmod", ["0755", "/run"]);
      const other = await Daemon.start(b);
      const daemon = a.spawn("setpriv", asNobody("none", "daemon"), {
        env: { XDG_RUNTIME_DIR: "" },
      });
      await daemon.line(
        /no control socket \(status, reload\): cannot listen on \/run\/dotlocal.*--socket$/,
      );
      await daemon.line(/this host is alpha\.local on eth0/);
      expect(await other.command("resolve", "-4", "alpha.local")).toMatchObject({
        status: 0,
        stdout: `alpha.local\t${a.address}\n`,
      });
      daemon.signal("SIGTERM");
      expect(await daemon.ended).toBe(0);
    });

    test("has its control socket in the user's own directory", async () => {
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      await prepare(host);
      const own = `/run/user/${NOBODY}`;
      await host.output("install", ["-d", "-o", String(NOBODY), "-m", "0700", own]);
      const env = { XDG_RUNTIME_DIR: own };
      await dotlocal(host, "--version");
      const daemon = host.spawn("setpriv", asNobody("none", "daemon"), { env });
      await daemon.line(/this host is alpha\.local on eth0/);
      const status = await host.run("setpriv", [...asNobody("none", "status")], { env });
      expect(status).toMatchObject({ status: 0, stderr: "" });
      expect(status.stdout).toMatch(/^ {2}alpha\.local +eth0 +registered/m);
    });

    test("lets other users look up, and its group change", async () => {
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      await prepare(host);
      host.writeFile("/etc/group", `${host.readFile("/etc/group")}dotlocal:x:${GROUP}:\n`);
      const daemon = await Daemon.start(host, { configuration: {} });
      await daemon.process.line(/this host is alpha\.local on eth0/);
      const run = (groups: "none" | "control", ...args: readonly string[]) =>
        host.run("setpriv", [...asNobody(groups, ...args)]);
      const socket = ["--socket", "/run/dotlocal/control.sock"];
      // The kernel tells who asks only through the native module: else the group alone may connect.
      const lookup = await run("none", "resolve", "-4", ...socket, "alpha.local");
      const reload = await run("none", "reload");
      expect(reload.status).toBe(3);
      if (transport === "native") {
        expect(lookup).toMatchObject({ status: 0, stdout: `alpha.local\t${host.address}\n` });
        expect(reload.stderr).toMatch(/^you are not allowed to publish or change/);
      } else {
        expect(lookup.status).toBe(3);
        expect(reload.stderr).toMatch(/^no permission to use \/run\/dotlocal\/control\.sock/);
      }
      expect(await run("control", "reload")).toMatchObject({ status: 0, stderr: "" });
      expect(await run("control", "status")).toMatchObject({ status: 0 });
    });
  });
}
