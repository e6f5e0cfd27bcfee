import { join } from "node:path";
import { expect, test } from "vitest";
import { Daemon, runDotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { describeEndToEnd } from "./kit/requirements.ts";

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly what: string;
  readonly remedy: string | null;
}

/** A host whose programs ask the stub, so that nothing but the test's own doing is in the way. */
async function soundHost(lan: Lan, name: string): Promise<Host> {
  const host = await lan.host(name, { resolvConf: "nameserver 127.0.0.153\n" });
  host.writeFile("/etc/nsswitch.conf", "hosts: files dns\n");
  await host.output("ip", ["link", "set", "lo", "up"]);
  return host;
}

async function diagnosed(host: Host): Promise<{ status: number; findings: readonly Finding[] }> {
  const { status, stdout } = await runDotlocal(host, ["diagnose", "--json"], {});
  return { status: status!, findings: findingsOf(stdout) };
}

function findingsOf(stdout: string): readonly Finding[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Finding);
}

/** Arguments of setpriv that run a program of Node as another user. */
function asUser(user: string): readonly string[] {
  return [`--reuid=${user}`, "--regid=nogroup", "--clear-groups", process.execPath];
}

/** A program that holds port 5353 and lets others have it too. */
const SHARING = `require("node:dgram").createSocket({ type: "udp4", reuseAddr: true })
  .bind(5353, () => console.log("bound"))`;

function telling(findings: readonly Finding[], severity: string): string[] {
  return findings.filter((finding) => finding.severity === severity).map(({ what }) => what);
}

describeEndToEnd("dotlocal diagnose", {}, () => {
  test("a sound host with a daemon and a neighbour has no problem", async () => {
    await using lan = await Lan.create();
    const [host, other] = [await soundHost(lan, "alpha"), await lan.host("beta")];
    const [daemon, neighbour] = await Promise.all([
      Daemon.start(host),
      Daemon.start(other, {
        services: { "web.yaml": { name: "Web", type: "_http._tcp", port: 80 } },
      }),
    ]);
    await daemon.process.line(/this host is alpha\.local/);
    await neighbour.process.line(/this host is beta\.local/);
    const { status, findings } = await diagnosed(host);
    expect(telling(findings, "problem")).toEqual([]);
    expect(status).toBe(0);
    const fine = telling(findings, "ok").join("\n");
    expect(fine).toMatch(/^running as process \d+: alpha\.local registered$/m);
    expect(fine).toContain("mDNS on eth0 (IPv4): the test packet left and came back");
    expect(fine).toContain("mDNS on eth0 (IPv6): the test packet left and came back");
    expect(fine).toMatch(/^\d+ addresses answered on eth0$/m);
    expect(fine).toContain("programs ask the link through the stub");
  });

  test("what is missing is named with its remedy: daemon, name service, links", async () => {
    await using lan = await Lan.create();
    const host = await lan.host("alpha");
    host.writeFile("/etc/nsswitch.conf", "hosts: files dns\n");
    const { status, findings } = await diagnosed(host);
    expect(status).toBe(3);
    expect(telling(findings, "warning")).toContainEqual(expect.stringMatching(/^no daemon runs/));
    expect(telling(findings, "problem")).toContainEqual(
      expect.stringMatching(/do not ask the link.*"hosts: files dns"/),
    );
    await host.link.down();
    const without = await diagnosed(host);
    expect(telling(without.findings, "problem")).toContainEqual(
      expect.stringMatching(/^no usable link: .*eth0 is down/),
    );
    const text = (await runDotlocal(host, ["diagnose"])).stdout;
    expect(text).toMatch(/^problem: no usable link: .*\n {2}remedy: bring an interface up/m);
  });

  test("who shares or holds port 5353 is named", async () => {
    await using lan = await Lan.create();
    const host = await soundHost(lan, "alpha");
    const hold = (reuse: boolean) =>
      host.spawn(process.execPath, [
        "-e",
        `require("node:dgram").createSocket({ type: "udp4", reuseAddr: ${reuse} })
          .bind(5353, () => console.log("bound"));`,
      ]);
    const sharing = hold(true);
    await sharing.line(/bound/);
    const shared = await diagnosed(host);
    expect(telling(shared.findings, "warning")).toContainEqual(
      expect.stringMatching(/^node \(process \d+\) holds UDP port 5353 too: /),
    );
    await sharing.stop();
    const holding = hold(false);
    await holding.line(/bound/);
    const held = await diagnosed(host);
    expect(held.status).toBe(3);
    expect(telling(held.findings, "problem")).toContainEqual(
      expect.stringMatching(/^node \(process \d+\) holds UDP port 5353 for itself alone$/),
    );
    await holding.stop();
  });

  test("without root, the user whose program shares port 5353 is named, and the program if a daemon knows it", async () => {
    await using lan = await Lan.create();
    const host = await soundHost(lan, "alpha");
    const sharing = host.spawn("setpriv", [...asUser("games"), "-e", SHARING]);
    await sharing.line(/bound/);
    const command = join(repositoryRoot, "bin/dotlocal.js");
    const sharers = async (): Promise<string[]> => {
      const args = [...asUser("nobody"), command, "diagnose", "--json"];
      const { stdout } = await host.run("setpriv", args);
      return telling(findingsOf(stdout), "warning").filter((what) => /port 5353/.test(what));
    };
    expect(await sharers()).toEqual([
      expect.stringMatching(/^a process of user games holds UDP port 5353 too: /),
    ]);

    // It looked while it was root.
    await using _ = await Daemon.start(host, { configuration: { user: "nobody" } });
    expect(await sharers()).toEqual([
      expect.stringMatching(/^node \(process \d+\) holds UDP port 5353 too: /),
    ]);
  });

  test("another host with this host's name is told", async () => {
    await using lan = await Lan.create();
    const [host, other] = [await soundHost(lan, "alpha"), await lan.host("alpha")];
    const rival = await Daemon.start(other);
    await rival.process.line(/this host is alpha\.local/);
    const { findings } = await diagnosed(host);
    expect(telling(findings, "warning")).toContainEqual(
      expect.stringMatching(/^alpha\.local belongs to /),
    );
  });
});

describeEndToEnd("dotlocal diagnose and the firewall", { needs: ["nft"] }, () => {
  test("a rule that drops mDNS is found twice: by the test packet and in the rules", async () => {
    await using lan = await Lan.create();
    const host = await soundHost(lan, "alpha");
    await host.output("nft", ["add", "table", "inet", "guard"]);
    const chain = "{ type filter hook input priority 0; policy accept; }";
    await host.output("nft", [`add chain inet guard input ${chain}`]);
    await host.output("nft", ["add rule inet guard input udp dport 5353 drop"]);
    const { status, findings } = await diagnosed(host);
    expect(status).toBe(3);
    const problems = telling(findings, "problem");
    expect(problems).toContain("mDNS on eth0 (IPv4): the test packet did not come back");
    expect(problems).toContain("a rule stops mDNS (UDP port 5353): udp dport 5353 drop");
    expect(telling(findings, "ok")).toContain(
      "LLMNR on eth0 (IPv4): the test packet left and came back",
    );
  });
});
