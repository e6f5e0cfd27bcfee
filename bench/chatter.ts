/**
 * What other hosts' chatter costs: each responder has a link to itself, on which 500 hosts announce,
 * ask, probe and say goodbye in 500 packets a second, and none of it concerns the responder. They take
 * turns, since each would find the processor's caches filled by the others otherwise.
 *
 * Target: at most 55 us of processor time a packet, where a Node program that only counts takes 39.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Host } from "../test/e2e/kit/lan.ts";
import { quick } from "./lib/effort.ts";
import { ciaoKind, countingKind, resolvedKind } from "./lib/further-responders.ts";
import {
  formatMeasured,
  installed,
  type Pair,
  responderKinds,
  startPair,
} from "./lib/responders.ts";

const ROUNDS = quick ? 1 : 5;
/** Milliseconds of chatter before a measurement, and of the measurement. */
const LEAD = quick ? 500 : 1000;
const ROUND_MILLISECONDS = quick ? 1500 : 4000;
/** Milliseconds: probing and announcing are over, and daemons at rest. */
const SETTLE = quick ? 3000 : 7000;
const RATE = "500";
const SUBNET = "198.18.0";
const FLOOD = join(process.cwd(), "test/e2e/kit/peers/flood.py");

interface Subject extends Pair {
  /** Microseconds a packet, one for each round. */
  readonly values: number[];
}

function packetsAt(host: Host): number {
  const statistics = `/sys/class/net/${host.link.name}/statistics/rx_packets`;
  return Number(readFileSync(host.namespace.path(statistics), "utf8"));
}

async function hear({ other: crowd, responder, values }: Subject): Promise<void> {
  const { host, cpu } = responder;
  const flood = crowd.spawn("/usr/bin/python3", [FLOOD, "eth0", "198.18.16.0", RATE, "busy"]);
  await setTimeout(LEAD);
  const before = { cpu: cpu(), packets: packetsAt(host) };
  await setTimeout(ROUND_MILLISECONDS);
  values.push((cpu() - before.cpu) / (packetsAt(host) - before.packets));
  await flood.stop();
}

const kinds = installed([...responderKinds, resolvedKind, ciaoKind, countingKind]);
const subjects: Subject[] = [];
for (const kind of kinds) subjects.push({ ...(await startPair(kind, SUBNET)), values: [] });
await setTimeout(SETTLE);
for (let round = 0; round < ROUNDS; round++) for (const subject of subjects) await hear(subject);
for (const { lan } of subjects) await lan.dispose();

const rows = subjects.map(({ responder: { name }, values }) => ({ name, values }));
console.log(formatMeasured("processor time a packet of chatter", "us", rows));
