import { expect, test } from "vitest";
import { parseIpAddress } from "../../src/core/ip-address.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import { reverseName } from "../../src/wire/reverse.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import {
  addressesFor,
  answersFor,
  asksFor,
  type Heard,
  isFrom,
  isIpv4,
  isProbeFor,
} from "./kit/messages.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

/** RFC 6762 §10. */
const HOST_TTL = 120;

/** RFC 6762 §8.1, §8.3: seconds. */
const PROBE_INTERVAL = 0.25;
const ANNOUNCE_INTERVAL = 1;

/** Seconds that a busy machine may be late with what is due; what follows is then early. */
const LATENESS = 0.15;
const EARLINESS = 0.1;

/** RFC 6762 §8.3: at least two; the default. */
const ANNOUNCEMENTS = 2;

const MDNS_PORT = 5353;
const POLLING = { timeout: 10_000 };

/** Milliseconds from a look-up's start as a command to its end, on a machine at rest. */
const LOOKUP_TIME_MAX = 300;
const TRIES_MAX = 10;

/** What an empty program takes there; a busy machine takes longer for both. */
const EMPTY_TIME = 60;

/** Resolves once the hosts have announced all they have to. */
async function announced(capture: Capture, ...hosts: readonly Host[]): Promise<void> {
  for (const { name } of hosts) {
    const isAnnouncement = (packet: Heard) => addressesFor(`${name}.local`, packet).length > 0;
    await expect
      .poll(async () => (await capture.packets(isAnnouncement)).filter(isIpv4).length, POLLING)
      .toBeGreaterThanOrEqual(ANNOUNCEMENTS);
  }
}

/** Whether one of several runs is fast enough; every run has to print the same. */
async function isFast(
  host: Host,
  run: () => Promise<{ stdout: string }>,
  expected: string,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const empty = await milliseconds(() => host.run(process.execPath, ["-e", "0"]));
    const taken = await milliseconds(async () => expect((await run()).stdout).toBe(expected));
    if (taken < LOOKUP_TIME_MAX * Math.max(1, empty / EMPTY_TIME)) return true;
  }
  return false;
}

/** Seconds from a question for the owner's addresses to its answer: the least that was seen. */
async function leastWait(capture: Capture, asker: Host, owner: Host): Promise<number> {
  const name = `${owner.name}.local`;
  const asked = await capture.packets((p) => isFrom(asker, p) && asksFor(name, p));
  const answers = await capture.packets(
    (p) => isFrom(owner, p) && addressesFor(name, p).length > 0,
  );
  const waits = asked.flatMap(({ at }) => {
    const answer = answers.find((packet) => packet.at > at);
    return answer === undefined ? [] : [answer.at - at];
  });
  return Math.min(...waits);
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The reverse name of an address as a host has it. */
function reverse(address: string): string {
  return String(reverseName(parseIpAddress(address)!));
}

/** What `resolve` prints of a host: RFC 6724 puts IPv6 first. */
function printedAddresses({ name, address, link }: Host): string {
  return `${name}.local\t${link.linkLocalAddress}%eth0\n${name}.local\t${address}\n`;
}

for (const { title, transport, prepare } of socketKinds) {
  describeEndToEnd(`two hosts with ${title}`, { needs: ["tcpdump"] }, () => {
    test("§8: a name is probed for, announced, and taken back on SIGTERM", async () => {
      await using lan = await Lan.create();
      const host = await lan.host("alpha");
      await prepare(host);
      const capture = await Capture.start(lan);
      const daemon = await Daemon.start(host);
      await daemon.process.line(/this host is alpha\.local on eth0/);
      const name = "alpha.local";
      const isAnnouncement = (packet: Heard) => answersFor(name, packet).length > 0;
      await announced(capture, host);

      const probes = await capture.packets((packet) => isProbeFor(name, packet));
      const [first, second, third, ...more] = probes.filter(isIpv4);
      expect(more).toEqual([]);
      expect(probes.filter((packet) => !isIpv4(packet))).toHaveLength(3);
      expect(second!.at - first!.at).toBeGreaterThan(PROBE_INTERVAL - EARLINESS);
      expect(second!.at - first!.at).toBeLessThan(PROBE_INTERVAL + LATENESS);
      expect(third!.at - second!.at).toBeGreaterThan(PROBE_INTERVAL - EARLINESS);
      expect(third!.at - second!.at).toBeLessThan(PROBE_INTERVAL + LATENESS);
      for (const { message } of probes) {
        expect(message!.questions).toMatchObject([{ type: RecordType.ANY, unicastResponse: true }]);
        expect(message!.authorities.map(({ data, ttl, cacheFlush }) => [data, ttl, cacheFlush]))
          // RFC 6762 §10.2: the cache-flush bit has no meaning in proposed records.
          .toEqual([
            [{ kind: "A", address: host.address }, HOST_TTL, false],
            [{ kind: "AAAA", address: host.link.linkLocalAddress }, HOST_TTL, false],
          ]);
      }

      const announcements = (await capture.packets(isAnnouncement)).filter(isIpv4);
      expect(announcements).toHaveLength(ANNOUNCEMENTS);
      const [early, late] = announcements;
      expect(early!.at - third!.at).toBeGreaterThan(PROBE_INTERVAL - EARLINESS);
      expect(early!.at - third!.at).toBeLessThan(PROBE_INTERVAL + LATENESS);
      expect(late!.at - early!.at).toBeGreaterThan(ANNOUNCE_INTERVAL - EARLINESS);
      expect(late!.at - early!.at).toBeLessThan(ANNOUNCE_INTERVAL + LATENESS);
      for (const { message } of announcements) {
        expect(message).toMatchObject({ id: 0, flags: Flag.QR | Flag.AA, questions: [] });
        const records = message!.answers.map(({ name: owner, data, ttl, cacheFlush }) => [
          String(owner),
          data.kind,
          ttl,
          cacheFlush,
        ]);
        expect(records).toEqual(
          expect.arrayContaining([
            [name, "A", HOST_TTL, true],
            [name, "AAAA", HOST_TTL, true],
            [reverse(host.address), "PTR", HOST_TTL, true],
            [reverse(host.link.linkLocalAddress), "PTR", HOST_TTL, true],
          ]),
        );
      }

      const stoppedAt = performance.now();
      expect(await daemon.stop()).toBe(0);
      expect(performance.now() - stoppedAt).toBeLessThan(1000);
      const goodbye = await capture.until((packet) =>
        answersFor(name, packet).some(({ ttl }) => ttl === 0),
      );
      expect(goodbye.message!.answers.map(({ ttl }) => ttl)).toEqual(
        goodbye.message!.answers.map(() => 0),
      );
      expect(goodbye.message!.answers.map(({ data }) => data.kind)).toEqual(
        expect.arrayContaining(["A", "AAAA", "PTR"]),
      );

      // RFC 6762 §11: every packet, whatever it says.
      const all = await capture.packets(
        (packet) => isFrom(host, packet) && packet.destination.port === MDNS_PORT,
      );
      expect(new Set(all.map(({ hopLimit }) => hopLimit))).toEqual(new Set([255]));
      expect(new Set(all.map(({ source }) => source.port))).toEqual(new Set([MDNS_PORT]));
      expect(await capture.dissect("_ws.malformed", "frame.number")).toEqual([]);
    });

    test("each finds the other's name, addresses and reverse name", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a, b);
      const capture = await Capture.start(lan);
      const [daemon] = await Promise.all([Daemon.start(a), Daemon.start(b)]);
      await announced(capture, a, b);

      for (const [asker, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const name = `${other.name}.local`;
        const printed = printedAddresses(other);
        expect(await isFast(asker, () => dotlocal(asker, "resolve", name), printed)).toBe(true);
        const found = await dotlocal(
          asker,
          "resolve",
          other.address,
          `${other.link.linkLocalAddress}%eth0`,
        );
        expect(found).toMatchObject({ status: 0, stderr: "" });
        expect(found.stdout.split("\n").sort()).toEqual([
          "",
          `${other.address}\t${name}`,
          `${other.link.linkLocalAddress}%eth0\t${name}`,
        ]);
      }
      const status = JSON.parse((await daemon.command("status", "--json")).stdout);
      expect(status).toMatchObject({ transport, warnings: [] });
      expect(status.host.names).toMatchObject([{ label: "alpha", state: "registered" }]);
    });

    test("a command without a daemon asks by itself, and is answered as fast", async () => {
      await using lan = await Lan.create();
      const [a, b] = [await lan.host("alpha"), await lan.host("beta")];
      await prepare(a, b);
      const capture = await Capture.start(lan);
      await Daemon.start(b);
      await announced(capture, b);
      const run = () => dotlocal(a, "resolve", "--standalone", "beta.local");
      expect(await isFast(a, run, printedAddresses(b))).toBe(true);

      // RFC 6762 §6: a name's only owner answers at once.
      const askAgain = async () => {
        await run();
        return leastWait(capture, a, b);
      };
      await expect.poll(askAgain, POLLING).toBeLessThan(LATENESS);
      // It asks and publishes nothing.
      const sent = await capture.packets((packet) => isFrom(a, packet));
      expect(sent.filter(({ message }) => (message!.flags & Flag.QR) !== 0)).toEqual([]);
      expect(sent.filter(({ message }) => message!.authorities.length > 0)).toEqual([]);
    });
  });
}
