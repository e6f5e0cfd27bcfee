import { join } from "node:path";
import { expect, test } from "vitest";
import { Daemon, dotlocal, runDotlocal, spawnDotlocal } from "./kit/daemon.ts";
import { Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

const LAUNCHER = join(repositoryRoot, "bin/dotlocal.js");

const WEB = { name: "Web", type: "_http._tcp", port: 80, txt: { path: "/" } };

/** Two hosts that know each other: alpha runs `a`, beta offers a service. */
async function twoHosts(lan: Lan): Promise<{ a: Daemon; b: Daemon }> {
  const [alpha, beta] = [await lan.host("alpha"), await lan.host("beta")];
  const [a, b] = await Promise.all([
    Daemon.start(alpha),
    Daemon.start(beta, { services: { "web.yaml": WEB } }),
  ]);
  await a.command("resolve", "-4", "beta.local");
  return { a, b };
}

describeEndToEnd("dotlocal cache", {}, () => {
  test("lists what others said, forgets it, and asks again for what is in doubt", async () => {
    await using lan = await Lan.create();
    const { a, b } = await twoHosts(lan);
    const list = async (...args: string[]) => (await a.command("cache", ...args)).stdout;
    expect(await list("list", "--name", "beta.local", "--type", "A")).toMatch(
      new RegExp(`^beta\\.local\\t\\d+\\tA\\t${b.host.address}\\teth0\\t\\S+\\n$`),
    );
    expect(JSON.parse((await list("--json", "--type", "A")).split("\n")[0]!)).toMatchObject({
      ...{ name: "beta.local", type: "A", protocol: "mdns", interface: "eth0" },
    });
    expect(await a.command("cache", "list", "-i", "wlan*")).toMatchObject({
      status: 1,
      stdout: "",
    });

    // Beta is gone without a goodbye: nobody confirms, so the record goes.
    await b.kill();
    expect(await a.command("cache", "reconfirm", "beta.local")).toMatchObject({ status: 0 });
    await expect.poll(() => list("--name", "beta.local"), { timeout: 15_000 }).toBe("");
    expect(await a.command("cache", "reconfirm", "beta.local")).toEqual({
      ...{ status: 1, stdout: "", stderr: "nothing is cached for beta.local\n" },
    });

    expect(await a.command("cache", "flush")).toMatchObject({ status: 0 });
    expect(await a.command("cache")).toMatchObject({ status: 1, stdout: "" });
  });
});

describeEndToEnd("dotlocal monitor", { needs: ["tshark"] }, () => {
  test("shows what the daemon sends and gets, filtered, decoded and once each", async () => {
    await using lan = await Lan.create();
    const { a, b } = await twoHosts(lan);
    const monitor = spawnDotlocal(a.host, ["monitor", "--name", "*.local"]);
    const hears = (): Promise<boolean> =>
      a.command("resolve", "--timeout", "200ms", "nobody-1.local").then(() => {
        return monitor.lines.some((line) => line.includes("nobody-1.local"));
      });
    await expect.poll(hears, { timeout: 15_000 }).toBe(true);
    await a.command("cache", "flush");
    await a.command("resolve", "-4", "--timeout", "3s", "beta.local");
    await monitor.stop();
    const lines = monitor.lines.map((line) => line.split("\t"));
    const about = lines.filter(([, , , , , text]) => text?.startsWith("beta.local"));
    const [asked] = about.filter(([, , , , kind]) => kind === "query");
    expect(asked!.slice(1)).toEqual([
      ...["eth0", "mdns", `*${a.host.address} > group`, "query", "beta.local A"],
    ]);
    const answers = about.filter(
      ([, , , from, kind]) => kind === "answer" && from!.startsWith(b.host.address),
    );
    expect(answers.map(([, , , , , text]) => text)).toContain(
      `beta.local 120 A ${b.host.address} flush`,
    );
    // Our own query comes back by loopback and is shown once.
    const queries = about.filter(
      ([, , , from, kind, text]) =>
        kind === "query" && text === "beta.local A" && from!.includes(a.host.address),
    );
    expect(queries.every(([, , , from]) => from!.startsWith("*"))).toBe(true);
  });

  test("without a daemon it listens itself, and writes a capture that Wireshark reads", async () => {
    await using lan = await Lan.create();
    const [alpha, beta] = [await lan.host("alpha"), await lan.host("beta")];
    const monitor = spawnDotlocal(alpha, ["monitor", "--json", "--pcap", "/run/link.pcap"]);
    const daemon = await Daemon.start(beta);
    await daemon.process.line(/this host is beta\.local/);
    await monitor.line(/"beta\.local".*"kind":"response"|"kind":"response".*"beta\.local"/);
    // LLMNR is heard too.
    await daemon.command("resolve", "--timeout", "1s", "nobody");
    await monitor.line(/"protocol":"llmnr"/);
    expect(await monitor.stop()).toBe(0);
    const seen = monitor.lines.map((line) => JSON.parse(line));
    const fields = [
      "ip.src",
      "ipv6.src",
      "udp.dstport",
      "ip.checksum.status",
      "udp.checksum.status",
    ];
    const printed = await alpha.output("tshark", [
      ...["-n", "-r", "/run/link.pcap", "-T", "fields"],
      ...["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"],
      ...[...fields, "_ws.malformed"].flatMap((field) => ["-e", field]),
    ]);
    const packets = printed
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(packets).toHaveLength(seen.length);
    for (const [ipv4, , port, ipChecksum, udpChecksum, malformed] of packets) {
      expect(["5353", "5355"]).toContain(port);
      // 1: good.
      if (ipv4 !== "") expect(ipChecksum).toBe("1");
      expect(udpChecksum).toBe("1");
      expect(malformed ?? "").toBe("");
    }
    const times = await alpha.output("tshark", [
      ...["-n", "-r", "/run/link.pcap", "-T", "fields", "-e", "frame.time_epoch"],
    ]);
    const [first] = times.split("\n");
    expect(Math.round(Number(first) * 1e6)).toBeCloseTo(seen[0].at, -1);
  });

  test("is fed by a daemon that answers nothing by LLMNR, too", async () => {
    await using lan = await Lan.create();
    const [alpha, beta] = [await lan.host("alpha"), await lan.host("beta")];
    const daemon = await Daemon.start(alpha, { configuration: { llmnr: { mode: "off" } } });
    const other = await Daemon.start(beta);
    const monitor = spawnDotlocal(alpha, ["monitor"]);
    await expect
      .poll(
        async () => {
          await other.command("resolve", "--timeout", "300ms", "nobody");
          return monitor.lines.some((line) => /\tllmnr\t.*\tquery\tnobody A/.test(line));
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    await monitor.stop();
    await daemon.stop();
  });

  test("ends with the daemon, after so many messages, and with its reader", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const daemon = await Daemon.start(host);
    const counted = runDotlocal(host, ["monitor", "--count", "2"]);
    await daemon.command("resolve", "--timeout", "1500ms", "nobody.local");
    await daemon.command("resolve", "--timeout", "1500ms", "nobody-else.local");
    expect((await counted).status).toBe(0);
    const monitor = spawnDotlocal(host, ["monitor"]);
    await expect
      .poll(async () => {
        await daemon.command("resolve", "--timeout", "300ms", "nobody.local");
        return monitor.lines.length > 0;
      })
      .toBe(true);
    await daemon.stop();
    await expect.poll(() => monitor.isRunning).toBe(false);
    expect(monitor.status).toBe(3);
  });

  test("filters that cannot be are told before anything is shown", async () => {
    await using host = await Host.create("alpha");
    const wrong = await dotlocal(host, "monitor", "--from", "printer");
    expect(wrong).toMatchObject({ status: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/^--from: expected a network/);
    expect(await dotlocal(host, "monitor")).toMatchObject({ status: 3, stdout: "" });
  });
});

describeEndToEnd("dotlocal status --watch", {}, () => {
  test("tells the state again and again, and waits for a daemon that is away", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    const watching = spawnDotlocal(host, ["status", "--watch", "--every", "200ms"]);
    await watching.line(/no daemon answers/);
    const daemon = await Daemon.start(host);
    await daemon.process.line(/this host is alpha\.local/);
    await watching.line(/^ {2}alpha\.local +eth0 +registered/);
    expect(await watching.stop()).toBe(0);
  });
});

describeEndToEnd("metrics", {}, () => {
  test("are served where the configuration says, and elsewhere after a reload", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    await host.output("ip", ["link", "set", "lo", "up"]);
    const metrics = (listen: string) => ({ metrics: { listen } });
    const daemon = await Daemon.start(host, { configuration: metrics("127.0.0.1:9353") });
    const fetched = async (port: number): Promise<string> => {
      const script = `fetch("http://127.0.0.1:${port}/metrics").then(async (r) => console.log(await r.text()), () => {})`;
      return (await host.run(process.execPath, ["-e", script])).stdout;
    };
    await daemon.process.line(/this host is alpha\.local/);
    expect(await fetched(9353)).toMatch(
      /^dotlocal_host_name\{link="eth0",name="alpha\.local",state="registered",renamed="false"\} 1$/m,
    );
    Daemon.configure(host, metrics("127.0.0.1:9354"));
    expect((await daemon.command("reload")).status).toBe(0);
    expect(await fetched(9354)).toContain("dotlocal_info");
    expect(await fetched(9353)).toBe("");
  });
});

describeEndToEnd("the log level", {}, () => {
  test("changes while the daemon runs", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    await Daemon.start(host);
    const request = (...args: string[]) =>
      host.output("curl", [
        ...["-s", "--unix-socket", "/run/dotlocal/control.sock"],
        ...[...args, "http://localhost/v1/log-level"],
      ]);
    expect(JSON.parse(await request())).toEqual({ level: "info" });
    await request("-X", "PUT", "-d", '{"level":"debug"}');
    expect(JSON.parse(await request())).toEqual({ level: "debug" });
  });
});

describeEndToEnd("shell completion", {}, () => {
  test("bash offers commands, options, types and names from the daemon, escaped", async () => {
    await using lan = await Lan.create();
    const { a } = await twoHosts(lan);
    await a.command("browse", "--once", "--resolve", "_http._tcp");
    const bash = async (line: string): Promise<string[]> => {
      const words = line.split(" ");
      const script = `
        dotlocal() { "${process.execPath}" "${LAUNCHER}" "$@"; }
        eval "$(dotlocal completion bash)"
        COMP_LINE='${line}' COMP_POINT=${line.length} COMP_CWORD=${words.length - 1}
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
        _dotlocal
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await a.host.output("bash", ["-c", script])).trimEnd().split("\n");
    };
    expect(await bash("dotlocal mon")).toEqual(["monitor"]);
    expect(await bash("dotlocal monitor --pc")).toEqual(["--pcap"]);
    expect(await bash("dotlocal browse -i e")).toEqual(["eth0"]);
    expect(await bash("dotlocal resolve be")).toEqual(["beta.local"]);
    expect(await bash("dotlocal resolve Web.")).toEqual(["Web._http._tcp.local"]);
  });

  test("the scripts are sound, and an unknown shell is told", async () => {
    await using host = await Host.create("alpha");
    for (const shell of ["bash", "zsh", "fish"]) {
      const { status, stdout } = await dotlocal(host, "completion", shell);
      expect(status).toBe(0);
      host.writeFile("/run/completion", stdout);
      const check = await host.run("bash", [
        ...["-c", `command -v ${shell} >/dev/null || exit 0; ${shell} -n /run/completion`],
      ]);
      expect({ shell, ...check }).toMatchObject({ status: 0, stderr: "" });
    }
    expect(await dotlocal(host, "completion", "tcsh")).toMatchObject({ status: 2, stdout: "" });
  });
});
