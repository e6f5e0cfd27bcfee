import { expect, test } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { RecordType } from "../../src/wire/constants.ts";
import { reverseName } from "../../src/wire/reverse.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { isFrom } from "./kit/messages.ts";
import { askAsWindows, askByTcp, startMuteClients, startPoisoner } from "./kit/peers/llmnr.ts";
import { startLlmnrd } from "./kit/peers/llmnrd.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

/** Nothing but LLMNR, so that nothing else can be what answered. */
const LLMNR_ALONE = { mdns: { mode: "off" } };

const LLMNR_PORT = 5355;

/** Seconds that a busy machine may be late. */
const LATENESS = 0.15;

function octetsOf(address: string): number[] {
  return address.split(".").map(Number);
}

async function startedDaemon(host: Host, configuration: object = LLMNR_ALONE): Promise<Daemon> {
  const daemon = await Daemon.start(host, { configuration });
  await daemon.process.line(new RegExp(`answering for ${host.name} by LLMNR on eth0`));
  return daemon;
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(`LLMNR between two hosts with ${title}`, { needs: ["tcpdump"] }, () => {
    test("§4.1: the name is verified on both families, then found by the other host", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a, b);
      const capture = await Capture.start(lan);
      await startedDaemon(a);
      const verification = (await capture.packets(
        (packet) => isFrom(a, packet) && packet.message.questions[0]!.type === RecordType.ANY,
      )) as readonly { source: { port: number }; message: { flags: number; id: number } }[];
      expect(verification).toHaveLength(6);
      expect(new Set(verification.map(({ message }) => message.flags))).toEqual(new Set([0]));
      expect(new Set(verification.map(({ source }) => source.port)).size).toBe(2);

      await startedDaemon(b);
      const found = await dotlocal(b, "resolve", "alpha");
      expect(found).toMatchObject({ status: 0, stderr: "" });
      expect(found.stdout).toBe(`alpha\t${a.link.linkLocalAddress}%eth0\nalpha\t${a.address}\n`);
    });

    test("§2.4: the name of an address is asked of its host by TCP", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a, b);
      await startedDaemon(a);
      await startedDaemon(b);
      for (const address of [a.address, `${a.link.linkLocalAddress}%eth0`]) {
        expect(await dotlocal(b, "resolve", address)).toMatchObject({
          status: 0,
          stdout: `${address}\talpha\n`,
        });
      }
    });

    test("a name that nobody has fails within 600 ms, though mDNS is asked too", async () => {
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      await prepare(host);
      const daemon = await Daemon.start(host);
      await daemon.process.line(/answering for alpha by LLMNR/);
      const capture = await Capture.start(lan);
      expect(await dotlocal(host, "resolve", "nobody")).toMatchObject({ status: 1 });
      const asked = await capture.packets(
        ({ message, destination }) =>
          destination.port === LLMNR_PORT && String(message.questions[0]!.name) === "nobody",
      );
      expect(asked.filter(({ source }) => source.address.includes("."))).toHaveLength(6);
      expect(asked.at(-1)!.at - asked[0]!.at).toBeLessThan(0.5 + LATENESS);
    });

    test("Windows is answered by UDP on both families at once, and by TCP", async () => {
      await using lan = await Lan.create();
      const [a, windows] = [await lan.host("alpha"), await lan.host("windows")];
      await prepare(a);
      await startedDaemon(a, { ...LLMNR_ALONE, aliases: ["alias"] });
      for (const name of ["alpha", "ALPHA", "alias"]) {
        const responses = await askAsWindows(windows, name, "A");
        expect(responses).toHaveLength(4);
        for (const { source, flags, answers } of responses) {
          expect(source.port).toBe(LLMNR_PORT);
          expect(flags).toBe(0x8000);
          expect(answers).toEqual([{ type: RecordType.A, ttl: 30, data: octetsOf(a.address) }]);
        }
      }
      expect(await askAsWindows(windows, "other", "A")).toEqual([]);
      expect(await askByTcp(windows, a.address, "alpha", "A")).toMatchObject([
        { flags: 0x8000, answers: [{ data: octetsOf(a.address) }] },
      ]);
      const reverse = String(reverseName(a.address as IpAddress));
      expect(await askByTcp(windows, a.address, reverse, "PTR")).toMatchObject([
        { answers: [{ type: RecordType.PTR, ttl: 30 }] },
      ]);
      expect(await askByTcp(windows, a.address, "other", "A")).toEqual([]);
    });

    test("clients that never send are thrown out, and do not keep others away", async () => {
      await using lan = await Lan.create();
      const [a, bad, good] = [
        await lan.host("alpha"),
        await lan.host("bad"),
        await lan.host("good"),
      ];
      await prepare(a);
      await startedDaemon(a);
      const mute = startMuteClients(bad, a.address, 100);
      // The eight that one host may have are given up last, after five seconds.
      await mute.line(/^closed 92$/);
      expect(await askByTcp(good, a.address, "alpha", "A")).toHaveLength(1);
      await mute.line(/^closed 100$/);
    });

    test("§4.1: a host that comes later does not get the name, and says who has it", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a, b);
      await startedDaemon(a);
      const late = await Daemon.start(b, {
        configuration: { ...LLMNR_ALONE, hostname: "alpha" },
      });
      await late.process.line(/no longer answering for alpha by LLMNR on eth0: \S+ has the name/);
      const { stdout } = await late.command("status");
      expect(stdout).toContain("alpha is not answered for by LLMNR on eth0");
      expect(await askAsWindows(b, "alpha", "A")).toMatchObject(
        Array.from({ length: 4 }, () => ({ answers: [{ data: octetsOf(a.address) }] })),
      );
    });
  });
}

describeEndToEnd("TCP between LLMNR hosts", { needs: ["tcpdump", "tshark"] }, () => {
  test("§2.5: every TCP packet has a TTL or hop limit of one, and UDP has 255", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await startedDaemon(a);
    await startedDaemon(b);
    const capture = await Capture.start(lan, { expression: "port 5355" });
    for (const address of [a.address, `${a.link.linkLocalAddress}%eth0`]) {
      expect(await dotlocal(b, "resolve", address)).toMatchObject({ status: 0 });
    }
    expect(await dotlocal(b, "resolve", "alpha")).toMatchObject({ status: 0 });
    const established = "tcp and (tcp.flags.syn == 1 or tcp.len > 0)";
    const limits = await capture.dissect(established, "ip.ttl", "ipv6.hlim");
    expect(limits.length).toBeGreaterThanOrEqual(8);
    expect(new Set(limits.map(([ttl, hopLimit]) => ttl || hopLimit))).toEqual(new Set(["1"]));
    const udp = await capture.dissect("udp", "ip.ttl", "ipv6.hlim");
    expect(new Set(udp.map(([ttl, hopLimit]) => ttl || hopLimit))).toEqual(new Set(["255"]));
  });
});

describeEndToEnd("LLMNR with other programs", { needs: ["tcpdump", "llmnrd"] }, () => {
  test("llmnrd is found, and llmnr-query finds this host", async () => {
    await using lan = await Lan.create();
    const [a, peer] = [await lan.host("alpha"), await lan.host("gamma")];
    await startLlmnrd(peer);
    await startedDaemon(a);
    const found = await dotlocal(a, "resolve", "-4", "gamma");
    expect(found).toMatchObject({ status: 0, stdout: `gamma\t${peer.address}\n` });
    const asked = await peer.run("llmnr-query", ["-I", "eth0", "-T", "A", "alpha"]);
    expect(asked.stdout).toContain(a.address);
    const six = await peer.run("llmnr-query", ["-6", "-I", "eth0", "-T", "AAAA", "alpha"]);
    expect(six.stdout).toContain(a.link.linkLocalAddress);
  });

  test("llmnrd that has the name keeps it", async () => {
    await using lan = await Lan.create();
    const [a, peer] = [await lan.host("alpha"), await lan.host("gamma")];
    await startLlmnrd(peer, "alpha");
    const daemon = await Daemon.start(a, { configuration: LLMNR_ALONE });
    await daemon.process.line(/no longer answering for alpha by LLMNR on eth0/);
  });
});

describeEndToEnd("LLMNR with systemd-resolved", { needs: ["tcpdump", "systemd-resolved"] }, () => {
  test("each finds the other's name and the name of its address", async () => {
    await using lan = await Lan.create();
    const [a, peer] = [await lan.host("alpha"), await lan.host("delta")];
    await using resolved = await Resolved.start(peer, { settings: { MulticastDNS: "no" } });
    await startedDaemon(a);
    await expect
      .poll(async () => (await dotlocal(a, "resolve", "-4", "delta")).stdout, { timeout: 10_000 })
      .toBe(`delta\t${peer.address}\n`);
    expect(await dotlocal(a, "resolve", peer.address)).toMatchObject({
      stdout: `${peer.address}\tdelta\n`,
    });
    // It asks for each family on that family alone.
    for (const [option, address] of [
      ["-4", a.address],
      ["-6", a.link.linkLocalAddress],
    ] as const) {
      const found = await resolved.control("query", option, "--protocol=llmnr", "alpha");
      expect(found.stdout).toContain(address);
    }
    const reverse = await resolved.control("query", "--protocol=llmnr", a.address);
    expect(reverse.stdout).toContain("alpha");
  });

  test("on the same host UDP goes on where the other has TCP port 5355, with a warning", async () => {
    await using lan = await Lan.create();
    const [a, windows] = [await lan.host("alpha"), await lan.host("windows")];
    await using _ = await Resolved.start(a, { settings: { MulticastDNS: "no" } });
    const configuration = { ...LLMNR_ALONE, hostname: "beside" };
    const daemon = await Daemon.start(a, { configuration });
    await daemon.process.line(
      /systemd-resolve\S* \(process \d+\) holds TCP port 5355: LLMNR answers by UDP only/,
    );
    await daemon.process.line(/answering for beside by LLMNR on eth0/);
    const responses = await askAsWindows(windows, "beside", "A");
    expect(responses.length).toBeGreaterThan(0);
  });
});

describeEndToEnd("the sentinel", { needs: [] }, () => {
  test("a poisoner is found within a minute, told of, and no longer believed", async () => {
    await using lan = await Lan.create();
    const [a, b, bad] = [
      await lan.host("alpha"),
      await lan.host("beta"),
      await lan.host("poisoner"),
    ];
    await startedDaemon(b);
    await startPoisoner(bad);
    const startedAt = performance.now();
    const daemon = await Daemon.start(a, {
      configuration: { llmnr: { guardInterval: "4s" } },
    });
    await daemon.process.line(
      new RegExp(`${bad.address} on eth0 answered by LLMNR and mDNS for a name that nobody has`),
      60_000,
    );
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    const { stdout } = await daemon.command("status");
    expect(stdout).toContain(`${bad.address} on eth0 answers for names that nobody has`);
    // By LLMNR alone, since its Multicast DNS answers are never ignored.
    Daemon.configure(a, LLMNR_ALONE);
    daemon.reload();
    await daemon.process.line(/configuration read again/);
    expect(await daemon.command("resolve", "-4", "nobody")).toMatchObject({ status: 1 });
    const found = await daemon.command("resolve", "-4", "beta");
    expect(found.stdout).toContain(b.address);
  });

  test("llmnr.mode resolve answers nobody, and off does not even ask", async () => {
    await using lan = await Lan.create();
    const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
    await startedDaemon(b);
    const asking = await Daemon.start(a, {
      configuration: { ...LLMNR_ALONE, llmnr: { mode: "resolve", guard: false } },
    });
    expect(await asking.command("resolve", "-4", "beta")).toMatchObject({ status: 0 });
    expect(await askAsWindows(b, "alpha", "A")).toEqual([]);
    Daemon.configure(a, { ...LLMNR_ALONE, llmnr: { mode: "off" } });
    asking.reload();
    await asking.process.line(/configuration read again/);
    expect(await asking.command("resolve", "-4", "beta")).not.toMatchObject({ status: 0 });
    Daemon.configure(a, { ...LLMNR_ALONE, llmnr: { mode: "full" } });
    asking.reload();
    await asking.process.line(/answering for alpha by LLMNR on eth0/);
    expect(await askAsWindows(b, "alpha", "A")).toHaveLength(4);
  });
});
