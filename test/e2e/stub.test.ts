import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Daemon, type DaemonOptions, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { repositoryRoot } from "./kit/paths.ts";
import { startBind, startDnsmasq } from "./kit/peers/name-servers.ts";
import { getent } from "./kit/peers/nss.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { timed } from "./kit/timed.ts";

const STUB = "127.0.0.153";

/** Seconds: what the link's records may be kept for by those who cannot hear that they changed. */
const LOCAL_TTL_MAX = 120;

/** Milliseconds, on a busy machine too. */
const AT_ONCE_MAX = 1000;
const ABSENT_TIME_MAX = 3800;

const WEB = { name: "Web", type: "_http._tcp", port: 8080, txt: { path: "/" } };

/** More than 1232 octets of addresses. */
const BIG = Array.from({ length: 90 }, (_, index) => `big A 198.51.100.${index}`).join("\n");
const ZONES = { "example.com": `www A 198.51.100.7\nweb CNAME www\n${BIG}` };

interface Dug {
  readonly status: string;
  readonly flags: readonly string[];
  /** Lines of the answer section, with single spaces, without ttls. */
  readonly answers: readonly string[];
  readonly ttls: readonly number[];
  readonly text: string;
}

/** What `dig` makes of it; one try. */
async function dig(host: Host, ...args: readonly string[]): Promise<Dug> {
  const fixed = ["+tries=1", "+time=6", "+noall", "+comments", "+answer"];
  const server = args.some((arg) => arg.startsWith("@")) ? [] : [`@${STUB}`];
  const { stdout: text } = await host.run("dig", [...fixed, ...server, ...args]);
  const records = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(";"))
    .map((line) => /^(\S+)\s+(\d+)\s+(.*)$/.exec(line)!);
  return {
    status: /status: (\w+)/.exec(text)?.[1] ?? "none",
    flags: /flags: ([a-z ]*);/.exec(text)?.[1]?.split(" ") ?? [],
    answers: records.map(([, name, , rest]) => `${name} ${rest!.replaceAll(/\s+/g, " ")}`),
    ttls: records.map(([, , ttl]) => Number(ttl)),
    text,
  };
}

async function started(host: Host, options: DaemonOptions = {}): Promise<Daemon> {
  const daemon = await Daemon.start(host, options);
  await daemon.process.line(/this host is \S+ on eth0/);
  return daemon;
}

function resolver(settings: object): DaemonOptions {
  return { configuration: { resolver: settings } };
}

describeEndToEnd("the stub to programs that speak DNS", { needs: ["dig", "named"] }, () => {
  test("answers for this host, other hosts and services, with AA and ttls that suit them", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("node-1"), await lan.host("node-2")];
    const services = { "web.json": WEB };
    const [daemon] = await Promise.all([started(a, { services }), started(b)]);
    await daemon.process.line(/publishing "Web"/);

    const own = await dig(a, "node-1.local");
    expect(own).toMatchObject({ status: "NOERROR", answers: [`node-1.local. IN A ${a.address}`] });
    expect(own.flags).toEqual(["qr", "aa", "rd", "ra"]);
    const other = await dig(a, "NODE-2.local");
    expect(other.answers).toEqual([`node-2.local. IN A ${b.address}`]);
    expect(other.flags).toEqual(["qr", "rd", "ra"]);
    expect((await dig(a, "node-2.local", "AAAA")).answers).toEqual([
      `node-2.local. IN AAAA ${b.link.linkLocalAddress}`,
    ]);
    const any = await dig(a, "node-1.local", "ANY");
    expect(any.answers).toContain(`node-1.local. IN A ${a.address}`);
    expect(any.answers).toContain(`node-1.local. IN AAAA ${a.link.linkLocalAddress}`);
    for (const [host, name] of [
      [a, "node-1"],
      [b, "node-2"],
    ] as const) {
      const { answers } = await dig(a, "-x", host.address);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toMatch(new RegExp(` IN PTR ${name}\\.local\\.$`));
    }
    for (const host of [a, b]) {
      const browsed = await dig(host, "_http._tcp.local", "PTR");
      expect(browsed.answers).toEqual(["_http._tcp.local. IN PTR Web._http._tcp.local."]);
      const located = await dig(host, "Web._http._tcp.local", "SRV");
      expect(located.answers).toEqual(["Web._http._tcp.local. IN SRV 0 0 8080 node-1.local."]);
      const described = await dig(host, "Web._http._tcp.local", "TXT");
      expect(described.answers).toEqual(['Web._http._tcp.local. IN TXT "path=/"']);
      for (const ttl of [...browsed.ttls, ...located.ttls, ...described.ttls]) {
        expect(ttl).toBeGreaterThan(0);
        expect(ttl).toBeLessThanOrEqual(LOCAL_TTL_MAX);
      }
    }
  });

  test("tells at once what a name has not, and in time that nobody has it", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("node-1"), await lan.host("node-2")];
    await Promise.all([started(a), started(b)]);
    for (const args of [
      ["node-1.local", "MX"],
      ["node-2.local", "MX"],
      ["local", "SOA"],
    ]) {
      const { result, time } = await timed(() => dig(a, ...args));
      expect(result, args.join(" ")).toMatchObject({ status: "NOERROR", answers: [] });
      expect(time, args.join(" ")).toBeLessThan(AT_ONCE_MAX);
    }
    const { result, time } = await timed(() => dig(a, "absent.local"));
    expect(result).toMatchObject({ status: "NXDOMAIN", answers: [] });
    expect(time).toBeLessThan(ABSENT_TIME_MAX);
  });

  test("passes on what name servers answer, by TCP what is too large for UDP", async () => {
    await using lan = await Lan.create();
    const [a, server] = [await lan.host("node-1"), await lan.host("ns")];
    await startBind(server, { zones: ZONES });
    await started(a, resolver({ upstreams: [server.address] }));

    const found = await dig(a, "web.example.com");
    expect(found).toMatchObject({ status: "NOERROR" });
    expect(found.flags).not.toContain("aa");
    expect(found.answers).toEqual([
      "web.example.com. IN CNAME www.example.com.",
      "www.example.com. IN A 198.51.100.7",
    ]);
    expect((await dig(a, "absent.example.com")).status).toBe("NXDOMAIN");
    expect(await dig(a, "www.example.com", "MX")).toMatchObject({ status: "NOERROR", answers: [] });
    expect((await dig(a, "example.com", "ANY")).text).toMatch(/IN\s+SOA/);
    expect((await dig(a, "example.com", "AXFR")).text).toContain("Transfer failed");

    const cut = await dig(a, "+ignore", "+noedns", "big.example.com");
    expect(cut.flags).toContain("tc");
    for (const args of [["+noedns"], ["+bufsize=1232"], ["+tcp"], ["+bufsize=4096"]]) {
      const { answers, flags } = await dig(a, ...args, "big.example.com");
      expect(answers, args.join()).toHaveLength(90);
      expect(flags).not.toContain("tc");
    }
    expect((await dig(a, "+edns=1", "+noednsneg", "www.example.com")).status).toBe("BADVERS");
    expect((await dig(a, "+opcode=status", "www.example.com")).status).toBe("NOTIMP");
  });

  test("answers what it knows without asking again, and the ttl runs down", async () => {
    await using lan = await Lan.create();
    const [a, server] = [await lan.host("node-1"), await lan.host("ns")];
    const named = await startBind(server, { zones: ZONES });
    const daemon = await started(a, resolver({ upstreams: [server.address] }));
    expect((await dig(a, "www.example.com")).ttls).toEqual([300]);
    await named.stop();
    await setTimeout(1100);
    const again = await dig(a, "www.example.com");
    expect(again).toMatchObject({
      status: "NOERROR",
      answers: ["www.example.com. IN A 198.51.100.7"],
    });
    expect(again.ttls[0]).toBeLessThan(300);
    expect((await dig(a, "+tcp", "big.example.com")).status).toBe("SERVFAIL");
    await dig(a, "www.example.com");
    expect(await daemon.command("cache", "flush")).toMatchObject({ status: 0 });
    expect((await dig(a, "www.example.com")).status).toBe("SERVFAIL");
  });

  test("serves the C library through resolv.conf", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("node-1"), await lan.host("node-2")];
    const server = await lan.host("ns");
    await startBind(server, { zones: ZONES });
    await Promise.all([started(a, resolver({ upstreams: [server.address] })), started(b)]);
    a.writeFile("/etc/resolv.conf", `nameserver ${STUB}\noptions edns0 trust-ad\n`);
    const local = await getent(a, "files dns", "ahostsv4", "node-2.local");
    expect(local.stdout).toMatch(new RegExp(`^${b.address} +STREAM node-2.local`));
    const remote = await getent(a, "files dns", "ahosts", "web.example.com");
    expect(remote.stdout).toMatch(/^198\.51\.100\.7 +STREAM www\.example\.com/);
    expect((await getent(a, "files dns", "hosts", b.address)).stdout).toMatch(/node-2\.local/);
    const big = await getent(a, "files dns", "ahostsv4", "big.example.com");
    expect(big.stdout.match(/STREAM/g)).toHaveLength(90);
    expect((await getent(a, "files dns", "ahosts", "absent.example.com")).status).toBe(2);
  });
});

describeEndToEnd("where the stub listens", { needs: ["dig", "dnsmasq"] }, () => {
  test("other hosts are refused until the configuration lets them ask", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("node-1"), await lan.host("node-2")];
    const listen = ["0.0.0.0:53", "[::]:53"];
    const daemon = await started(a, resolver({ stub: { listen } }));
    await daemon.process.line(/nobody may ask the stub at 0\.0\.0\.0 port 53 but this host/);
    expect((await dig(b, `@${a.address}`, "node-1.local")).status).toBe("REFUSED");
    expect((await dig(b, "+tcp", `@${a.address}`, "node-1.local")).status).toBe("none");
    expect((await dig(a, "@127.0.0.1", "node-1.local")).status).toBe("NOERROR");
    expect((await dig(a, "@::1", "node-1.local")).status).toBe("NOERROR");

    const allow = ["127.0.0.0/8", "192.0.2.0/24", "fe80::/10"];
    Daemon.configure(a, { resolver: { stub: { listen, allow } } });
    daemon.reload();
    await daemon.process.line(/definitions read again/);
    expect((await dig(b, `@${a.address}`, "node-1.local")).status).toBe("NOERROR");
    expect((await dig(b, "+tcp", `@${a.address}`, "node-1.local")).status).toBe("NOERROR");
    const linkLocal = `@${a.link.linkLocalAddress}%eth0`;
    expect((await dig(b, linkLocal, "node-1.local")).status).toBe("NOERROR");

    await a.link.addAddress("192.0.2.77/24");
    await vi.waitFor(
      async () => expect((await dig(b, "@192.0.2.77", "node-1.local")).status).toBe("NOERROR"),
      { timeout: 10_000 },
    );
  });

  test("an address that another program holds is named with it, and had once it is free", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("node-1");
    const dnsmasq = await startDnsmasq(a, ["--listen-address=127.0.0.9", "--bind-interfaces"]);
    const args = ["--stub", "127.0.0.9:53", "--stub", "127.0.0.153:53"];
    const daemon = await started(a, { configuration: {}, args });
    const warning = /dnsmasq \(process \d+\) holds UDP port 53 of 127\.0\.0\.9: the stub does not/;
    await daemon.process.line(warning);
    expect((await daemon.command("status")).stdout).toMatch(warning);
    expect((await dig(a, "node-1.local")).status).toBe("NOERROR");
    await dnsmasq.stop();
    daemon.reload();
    await daemon.process.line(/answering DNS queries on 127\.0\.0\.9 port 53 \(UDP and TCP\)/);
    expect((await dig(a, "@127.0.0.9", "node-1.local")).status).toBe("NOERROR");
    expect((await daemon.command("status")).stdout).not.toMatch(warning);
  });

  test("port 5354 stands in where 53 is not permitted, with a warning", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("node-1");
    // Builds the command where that is due.
    await dotlocal(a, "--version");
    const program = [process.execPath, join(repositoryRoot, "bin/dotlocal.js"), "daemon"];
    const daemon = a.spawn("setpriv", ["--bounding-set=-net_bind_service", ...program]);
    await daemon.line(/port 53 of 127\.0\.0\.153 is not permitted, the stub is at port 5354/);
    await daemon.line(/this host is \S+ on eth0/);
    expect((await dig(a, "-p", "5354", "node-1.local")).status).toBe("NOERROR");
    expect((await dig(a, "-p", "5354", "+tcp", "node-1.local")).status).toBe("NOERROR");
  });

  test("the configuration and --no-stub close it", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("node-1");
    const daemon = await started(a, { configuration: {} });
    expect((await dig(a, "node-1.local")).status).toBe("NOERROR");
    Daemon.configure(a, { resolver: { stub: { enabled: false } } });
    daemon.reload();
    await daemon.process.line(/definitions read again/);
    expect((await dig(a, "node-1.local")).status).toBe("none");
    await daemon.stop();
    await started(a, { args: ["--no-stub"] });
    expect((await dig(a, "node-1.local")).status).toBe("none");
  });

  test("a name server that is the stub itself is noticed at once", async () => {
    await using lan = await Lan.create();
    const a = await lan.host("node-1");
    const stub = { listen: ["0.0.0.0:53"], allow: ["127.0.0.0/8", "192.0.2.0/24"] };
    const daemon = await started(a, resolver({ upstreams: [a.address], stub }));
    const { result, time } = await timed(() => dig(a, "@127.0.0.1", "www.example.com"));
    expect(result.status).toBe("SERVFAIL");
    expect(time).toBeLessThan(AT_ONCE_MAX);
    await daemon.process.line(/leads back to the stub: take its address out of resolver.upstreams/);
  });
});
