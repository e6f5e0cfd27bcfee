/**
 * From the start of a responder's process to its first announcement on the wire, each on a host of
 * its own, in turns. Between the two lie a random wait of up to 250 ms and three probes 250 ms apart
 * (RFC 6762 §8.1), so that nobody can take less than 750 ms.
 *
 * systemd-resolved does Multicast DNS once it is told of the link, which is counted: nobody else
 * needs that. ciao publishes no host name by itself and is given a service.
 *
 * Target: at most 1.05 times avahi-daemon.
 */

import { setTimeout } from "node:timers/promises";
import { isResponse } from "../src/wire/message.ts";
import { Capture, type Packet } from "../test/e2e/kit/capture.ts";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { rounds } from "./lib/effort.ts";
import { ciaoKind, resolvedKind } from "./lib/further-responders.ts";
import { formatMeasured, installed, type ResponderKind, responderKinds } from "./lib/responders.ts";

const ROUNDS = rounds(9);
const SUBNET = "198.18.0";
const GROUPS = ["224.0.0.251", "ff02::fb"];
const BESIDE = ["dotlocal", "avahi-daemon"];

const kinds = [
  ...responderKinds.filter(({ name }) => BESIDE.includes(name)),
  resolvedKind,
  ciaoKind,
];

interface Subject {
  readonly kind: ResponderKind;
  readonly host: Host;
  readonly capture: Capture;
  /** Milliseconds, a value a round. */
  readonly values: number[];
}

/** When the host last started a process, in milliseconds since 1970. */
function noteStarts(host: Host): () => number {
  let startedAt = Number.NaN;
  const { spawn } = host;
  const value: typeof spawn = (...words) => {
    startedAt = performance.timeOrigin + performance.now();
    return spawn(...words);
  };
  Object.defineProperty(host, "spawn", { value });
  return () => startedAt;
}

function isAnnouncement({ message, destination }: Packet, after: number, at: number): boolean {
  if (message === undefined || at * 1000 < after || !GROUPS.includes(destination.address)) {
    return false;
  }
  return isResponse(message) && message.answers.some(({ ttl }) => ttl > 0);
}

async function timeOfStart({ kind, host, capture }: Subject): Promise<number> {
  const before = performance.timeOrigin + performance.now();
  const startedAt = starts.get(host)!;
  const responder = await kind.start(host);
  const { at } = await capture.until((packet) => isAnnouncement(packet, before, packet.at));
  await responder.stop();
  return at * 1000 - startedAt();
}

await using lan = await Lan.create();
const starts = new Map<Host, () => number>();
const subjects: Subject[] = [];
for (const [index, kind] of installed(kinds).entries()) {
  const host = await lan.host(`bench-${index}`, { addresses: [`${SUBNET}.${index + 10}/15`] });
  subjects.push({ kind, host, capture: await Capture.start(host), values: [] });
  starts.set(host, noteStarts(host));
}
// The first start of each reads its files from the disk.
for (const subject of subjects) await timeOfStart(subject);
for (let round = 0; round < ROUNDS; round++) {
  for (const subject of subjects) {
    await setTimeout(500);
    subject.values.push(await timeOfStart(subject));
  }
}

const rows = subjects.map(({ kind, values }) => ({ name: kind.name, values }));
console.log(formatMeasured("from start to first announcement", "ms", rows));
