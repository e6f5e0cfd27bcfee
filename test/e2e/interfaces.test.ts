/** Links and addresses that come, go and change under a running daemon (RFC 6762 §8.4, §10.2). */

import { expect, test } from "vitest";
import { Capture } from "./kit/capture.ts";
import { Daemon, dotlocal } from "./kit/daemon.ts";
import { type Host, Lan } from "./kit/lan.ts";
import {
  addressesFor,
  answersFor,
  goodbyesFor,
  type Heard,
  isFrom,
  isProbeFor,
} from "./kit/messages.ts";
import { describeEndToEnd } from "./kit/requirements.ts";
import { socketKinds } from "./kit/socket-kinds.ts";

const NAME = "alpha.local";

/** Seconds from a change to its announcement, and what a busy machine adds. */
const ANNOUNCE_TIME_MAX = 2;
const LATENESS = 0.5;

/** RFC 6762 §10.1, §10.2: others drop what is no longer true after a second. */
const FLUSH_TIME_MAX = 1;

/** Milliseconds in which another host has to know of a change. */
const KNOWN_TIME_MAX = 1000 * (ANNOUNCE_TIME_MAX + FLUSH_TIME_MAX + LATENESS);

interface Pair extends AsyncDisposable {
  readonly changing: Host;
  readonly capture: Capture;
  readonly daemon: Daemon;
  /** The addresses that the other host's daemon resolves the name to. */
  known(): Promise<readonly string[]>;
}

/** Two hosts, of which the other has the first one's addresses in its cache. */
async function startPair(prepare: (...hosts: readonly Host[]) => Promise<void>): Promise<Pair> {
  const lan = await Lan.create();
  const [changing, other] = [await lan.host("alpha"), await lan.host("beta")];
  await prepare(changing, other);
  const capture = await Capture.start(lan);
  const [daemon, observer] = await Promise.all([Daemon.start(changing), Daemon.start(other)]);
  await daemon.process.line(/this host is alpha\.local on eth0/);
  const known = async () => {
    const { stdout } = await observer.command("resolve", "--timeout", "500ms", NAME);
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => line.split("\t")[1]!.replace("%eth0", "")).sort();
  };
  await expect
    .poll(known, { timeout: KNOWN_TIME_MAX })
    .toEqual([changing.address, changing.link.linkLocalAddress].sort());
  return { changing, capture, daemon, known, [Symbol.asyncDispose]: () => lan.dispose() };
}

/** Makes the change and waits for the first packet after it that matches; seconds it took. */
async function secondsUntil(
  capture: Capture,
  change: () => Promise<void>,
  matches: (packet: Heard) => boolean,
): Promise<number> {
  const changedAt = Date.now() / 1000;
  await change();
  const packet = await capture.until((heard) => heard.at > changedAt && matches(heard));
  return packet.at - changedAt;
}

function isTold(packet: Heard, address: string): boolean {
  return addressesFor(NAME, packet).some((told) => told === address);
}

function isTakenBack(packet: Heard, address: string): boolean {
  return goodbyesFor(NAME, packet).some((told) => told === address);
}

/** Whether it says that this is the name's one IPv4 address now (RFC 6762 §10.2). */
function replacesIpv4(packet: Heard, address: string): boolean {
  const told = answersFor(NAME, packet).filter(({ data, ttl }) => data.kind === "A" && ttl > 0);
  const [only, ...others] = told;
  return others.length === 0 && only?.cacheFlush === true && isTold(packet, address);
}

for (const { title, prepare } of socketKinds) {
  describeEndToEnd(`links that change, with ${title}`, { needs: ["tcpdump"] }, () => {
    test("§8.4: an address that comes is announced, and taken back when it goes", async () => {
      await using pair = await startPair(prepare);
      const { changing, capture, daemon, known } = pair;
      const before = [changing.address, changing.link.linkLocalAddress].sort();
      const another = "192.0.2.77";
      const added = await secondsUntil(
        capture,
        () => changing.link.addAddress(`${another}/24`),
        (packet) => isFrom(changing, packet) && isTold(packet, another),
      );
      expect(added).toBeLessThan(ANNOUNCE_TIME_MAX + LATENESS);
      await expect.poll(known, { timeout: KNOWN_TIME_MAX }).toEqual([another, ...before].sort());
      expect(await dotlocal(changing, "resolve", another)).toMatchObject({
        stdout: `${another}\t${NAME}\n`,
      });

      const removed = await secondsUntil(
        capture,
        () => changing.link.removeAddress(`${another}/24`),
        (packet) =>
          isFrom(changing, packet) &&
          (isTakenBack(packet, another) || replacesIpv4(packet, changing.address)),
      );
      expect(removed).toBeLessThan(ANNOUNCE_TIME_MAX + LATENESS);
      await expect.poll(known, { timeout: KNOWN_TIME_MAX }).toEqual(before);
      expect(daemon.process.lines.join("\n")).not.toContain("renamed");
    });

    test("§8.4: a changed address takes the place of the old one", async () => {
      await using pair = await startPair(prepare);
      const { changing, daemon } = pair;
      const [old] = changing.link.addresses;
      await changing.link.removeAddress(old!);
      await changing.link.addAddress("192.0.2.78/24");
      await expect
        .poll(pair.known, { timeout: KNOWN_TIME_MAX })
        .toEqual(["192.0.2.78", changing.link.linkLocalAddress].sort());
      expect(daemon.process.lines.join("\n")).not.toContain("renamed");
      expect((await daemon.command("status")).stdout).toMatch(
        /^ {2}alpha\.local +eth0 +registered/m,
      );
    });

    test("§8: after the cable was out, the name is probed for and announced again", async () => {
      await using pair = await startPair(prepare);
      const { changing, capture, daemon } = pair;
      await changing.link.unplug();
      await daemon.process.line(/no longer using eth0/);
      expect((await daemon.command("status")).stdout).toMatch(/^! no usable link/);
      const pluggedInAt = Date.now() / 1000;
      const seconds = await secondsUntil(
        capture,
        () => changing.link.plugIn(),
        (packet) => isFrom(changing, packet) && addressesFor(NAME, packet).length > 0,
      );
      expect(seconds).toBeLessThan(ANNOUNCE_TIME_MAX + LATENESS);
      const probes = await capture.packets(
        (packet) => packet.at > pluggedInAt && isFrom(changing, packet) && isProbeFor(NAME, packet),
      );
      expect(probes.length).toBeGreaterThanOrEqual(3);
      expect(await pair.known()).toContain(changing.address);
      expect(daemon.process.lines.join("\n")).not.toContain("renamed");
    });

    test("§10.3: on another network it knows and tells only what holds there", async () => {
      await using pair = await startPair(prepare);
      await using elsewhere = await Lan.create();
      const { changing, daemon } = pair;
      const stranger = await elsewhere.host("gamma", { addresses: ["192.0.2.200/24"] });
      const there = await Daemon.start(stranger);
      expect((await daemon.command("resolve", "-4", "beta.local")).status).toBe(0);
      const again = daemon.process.nextLine(/this host is alpha\.local on eth0/);
      await changing.link.moveTo(elsewhere);
      await again;
      expect(await there.command("resolve", "-4", NAME)).toMatchObject({
        stdout: `${NAME}\t${changing.address}\n`,
      });
      expect(await daemon.command("resolve", "-4", "gamma.local")).toMatchObject({
        stdout: "gamma.local\t192.0.2.200\n",
      });
      const left = await daemon.command("resolve", "--timeout", "500ms", "beta.local");
      expect(left).toMatchObject({ status: 1, stdout: "" });
    });
  });
}
