import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { breakTie } from "../../src/mdns/tiebreak.ts";
import { Capture } from "./kit/capture.ts";
import { Daemon } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import { answersFor, isFrom, isIpv4, isProbeFor } from "./kit/messages.ts";
import { namesOf, ownersOf, renamesOf } from "./kit/ownership.ts";
import { Avahi } from "./kit/peers/avahi.ts";
import { Resolved } from "./kit/peers/resolved.ts";
import { startCiao } from "./kit/peers/scripted-peer.ts";
import { describeEndToEnd, type Requirement } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "alpha.local";

/** What LLMNR says of the same label is another matter. */
const MDNS_ONLY = { args: ["--llmnr", "off"] };

/** Milliseconds after which a host that was started has probed and announced (RFC 6762 §8). */
const SETTLED = 4000;

/** The lead of the first in milliseconds, where one is started after the other. */
const LEAD = 3000;

/** Milliseconds in which a rival that does not know how to lose has given in. */
const SETTLED_MAX = 20_000;

/** Milliseconds: the first try for a lost name comes after a minute, and takes probing. */
const RECLAIM_TIME = 80_000;

/** Another responder on the link, as a rival for a host name. */
interface Contender {
  readonly title: string;
  readonly needs: readonly Requirement[];
  start(host: Host): Promise<Rival>;
}

interface Rival {
  /** How often it has changed its host name. */
  renames(): number;
  /** How often a lost fight makes it do so. */
  readonly renamesMax: number;
}

const contenders: readonly Contender[] = [
  {
    title: "avahi-daemon",
    needs: ["avahi-daemon"],
    async start(host) {
      const { process } = await Avahi.start(host);
      const pattern = /Host name conflict, retrying with/;
      return { renames: () => count(process.lines, pattern), renamesMax: 1 };
    },
  },
  {
    title: "systemd-resolved",
    needs: ["systemd-resolved"],
    async start(host) {
      // A name that it loses by LLMNR it would give up here too.
      const { process } = await Resolved.start(host, { settings: { LLMNR: "no" } });
      // It takes the name that it lost up again and again, and answers for it while it probes, which
      // RFC 6762 §8.1 forbids: seen in version 252.
      const pattern = /changing published hostname/;
      return { renames: () => count(process.lines, pattern), renamesMax: Number.POSITIVE_INFINITY };
    },
  },
  {
    title: "ciao",
    needs: ["ciao"],
    async start(host) {
      const peer = await startCiao(host);
      // Without properties it takes its own TXT record for another's, and probes without end.
      const properties = { path: "/" };
      await peer.register({ name: "Web", type: "_http._tcp", port: 80, properties });
      return { renames: () => count(peer.process.lines, /"event":"renamed"/), renamesMax: 1 };
    },
  },
];

/** A LAN with two hosts that are both called alpha, and a third that minds its own business. */
async function fight(lan: Lan) {
  const [ours, theirs] = [await lan.host("alpha"), await lan.host("alpha")];
  const asker = await lan.host("asker");
  const capture = await Capture.start(lan);
  const bystander = await Daemon.start(asker, MDNS_ONLY);
  const owners = async () => {
    expect(renamesOf(bystander)).toEqual([]);
    return await ownersOf(NAME, { capture, asker, hosts: [ours, theirs] });
  };
  return { ours, theirs, capture, owners };
}

/** Every rename names the host that has the name. */
function expectRival(daemon: Daemon, { address, link }: Host): void {
  for (const line of renamesOf(daemon)) {
    expect(line).toMatch(/renamed alpha to alpha-2 on eth0: \S+ answers for alpha\.local$/);
    expect(line.includes(` ${address} `) || line.includes(` ${link.linkLocalAddress} `)).toBe(true);
  }
}

function expectRenamed(rival: Rival): void {
  expect(rival.renames()).toBeGreaterThan(0);
  expect(rival.renames()).toBeLessThanOrEqual(rival.renamesMax);
}

function count(lines: readonly string[], pattern: RegExp): number {
  return lines.filter((line) => pattern.test(line)).length;
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(
    `two of our daemons with one name, ${title}`,
    { needs: ["tcpdump"], concurrent: true },
    () => {
      test("§8.2: started together, the later data wins and the other takes one new name", async () => {
        await using lan = await Lan.create();
        const { ours: low, theirs: high, capture, owners } = await fight(lan);
        await prepare(low, high);
        const [first, second] = await Promise.all([
          Daemon.start(low, MDNS_ONLY),
          Daemon.start(high, MDNS_ONLY),
        ]);
        await setTimeout(SETTLED);

        const winner = await expectedWinner(capture, low, high);
        expect(await owners()).toEqual([winner]);
        const [won, lost] = winner === low ? [first, second] : [second, first];
        expect(renamesOf(won)).toEqual([]);
        expect(renamesOf(lost)).toHaveLength(1);
        expectRival(lost, winner);
        expect(await namesOf(won)).toMatchObject([{ label: "alpha", state: "registered" }]);
        expect(await namesOf(lost)).toMatchObject([{ label: "alpha-2", state: "registered" }]);
      });

      test(
        "§9: started one after the other, the first keeps its name; the second gets it when the first goes",
        async () => {
          await using lan = await Lan.create();
          const { ours, theirs, capture, owners } = await fight(lan);
          await prepare(ours, theirs);
          const first = await Daemon.start(ours, MDNS_ONLY);
          await setTimeout(LEAD);
          const second = await Daemon.start(theirs, MDNS_ONLY);
          await second.process.line(/this host is alpha-2\.local on eth0/);
          expect(await owners()).toEqual([ours]);
          expect(renamesOf(first)).toEqual([]);
          expect(renamesOf(second)).toHaveLength(1);
          expectRival(second, ours);
          expect((await namesOf(second))[0]!.takenBy).toMatch(
            new RegExp(`^(${ours.address}|${ours.link.linkLocalAddress})$`),
          );

          expect(await first.stop()).toBe(0);
          await second.process.line(/alpha\.local is free again on eth0/, RECLAIM_TIME);
          expect(await owners()).toEqual([theirs]);
          expect(await namesOf(second)).toMatchObject([{ label: "alpha", state: "registered" }]);
          // RFC 6762 §10.1: the name that it no longer uses is taken back.
          await capture.until(
            (packet) =>
              isFrom(theirs, packet) &&
              answersFor("alpha-2.local", packet).some(({ ttl }) => ttl === 0),
          );
        },
        RECLAIM_TIME + 30_000,
      );
    },
  );
}

/**
 * RFC 6762 §8.2: whose proposed records are later, where both were still probing; otherwise whoever
 * had announced the name before the other began to probe.
 */
async function expectedWinner(capture: Capture, low: Host, high: Host): Promise<Host> {
  const probes = (await capture.packets((packet) => isProbeFor(NAME, packet))).filter(isIpv4);
  const [lowProbe, highProbe] = [low, high].map((host) =>
    probes.find((packet) => isFrom(host, packet)),
  );
  const [announcement] = await capture.packets((packet) => answersFor(NAME, packet).length > 0);
  if (announcement!.at < lowProbe!.at) return high;
  if (announcement!.at < highProbe!.at) return low;
  return breakTie(lowProbe!.message!.authorities, highProbe!.message!.authorities) === "won"
    ? low
    : high;
}

for (const { title, needs, start } of contenders) {
  describeEndToEnd(
    `our daemon and ${title} with one name`,
    { needs: ["tcpdump", ...needs], concurrent: true },
    () => {
      test("§8.1: ours is first, and keeps it", async ({ expect }) => {
        await using lan = await Lan.create();
        const { ours, theirs, owners } = await fight(lan);
        const daemon = await Daemon.start(ours, MDNS_ONLY);
        await daemon.process.line(/this host is alpha\.local on eth0/);
        await setTimeout(LEAD);
        const rival = await start(theirs);
        await setTimeout(SETTLED);
        expect(renamesOf(daemon)).toEqual([]);
        expectRenamed(rival);
        await expect.poll(owners, { timeout: SETTLED_MAX }).toEqual([ours]);
        expect(await namesOf(daemon)).toMatchObject([{ label: "alpha", state: "registered" }]);
      });

      test("§8.1: ours is second, and takes another at once", async ({ expect }) => {
        await using lan = await Lan.create();
        const { ours, theirs, owners } = await fight(lan);
        const rival = await start(theirs);
        await setTimeout(LEAD);
        const daemon = await Daemon.start(ours, MDNS_ONLY);
        await daemon.process.line(/this host is alpha-2\.local on eth0/);
        await setTimeout(SETTLED);
        expect(renamesOf(daemon)).toHaveLength(1);
        expectRival(daemon, theirs);
        expect(rival.renames()).toBe(0);
        await expect.poll(owners, { timeout: SETTLED_MAX }).toEqual([theirs]);
        expect(await namesOf(daemon)).toMatchObject([{ label: "alpha-2", state: "registered" }]);
      });

      test("§8.2: both start together, and one has it at the end", async ({ expect }) => {
        await using lan = await Lan.create();
        const { ours, theirs, owners } = await fight(lan);
        const [daemon, rival] = await Promise.all([Daemon.start(ours, MDNS_ONLY), start(theirs)]);
        await setTimeout(SETTLED);
        await expect.poll(owners, { timeout: SETTLED_MAX }).toHaveLength(1);
        const [owner] = await owners();
        expect(renamesOf(daemon)).toHaveLength(owner === ours ? 0 : 1);
        expectRival(daemon, theirs);
        if (owner === ours) expectRenamed(rival);
        else expect(rival.renames()).toBeLessThan(rival.renamesMax);
      });
    },
  );
}
