/**
 * What distinct announcements cost: 50,000 announcements of five records each, no two of one service,
 * as fast as another host sends them. Each responder hears them on a wire of its own, in turns, and
 * does with them what it does; then it hears them again, slowly, so that what keeps them has all.
 *
 * Target: at most 0.4 s of processor time for 10,000 that were taken from the socket, at most 60 per
 * cent dropped there, at most 2.5 KiB of memory a service.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Host } from "../test/e2e/kit/lan.ts";
import { quick, rounds } from "./lib/effort.ts";
import {
  formatMeasured,
  installed,
  type Responder,
  type ResponderKind,
  responderKinds,
  startPair,
} from "./lib/responders.ts";

const ROUNDS = rounds(3);
const COUNT = quick ? 5_000 : 50_000;
/** A second, when all is to be heard. */
const SLOW_RATE = 5000;
const FULL_RATE = 0;
const SUBNET = "198.18.0";

/** Milliseconds: probing and announcing are over, and what only the start needed is given back. */
const SETTLE = quick ? 3000 : 7000;

/** A responder that takes less than so many microseconds in so many milliseconds is idle. */
const IDLE_TIME = 20_000;
const IDLE_WAIT = 500;
const IDLE_CHECKS_MAX = 120;

/** As /proc/net/udp has it: port 5353. */
const PORT = ":14E9";

/** A program that receives and does nothing more: what any responder costs at least. */
const counter: ResponderKind = {
  name: "counts only",
  isInstalled: true,
  start: async (host) => {
    const script = join(process.cwd(), "bench/peers/counter.py");
    const peer = host.spawn("/usr/bin/python3", [script, host.address]);
    await peer.line(/ready/);
    return peer;
  },
};

interface Outcome {
  /** Seconds of processor time for 10,000 that were taken. */
  readonly cost: number;
  /** Per cent. */
  readonly dropped: number;
  /** KiB a service. */
  readonly memory: number;
}

async function measure(kind: ResponderKind): Promise<Outcome> {
  const { lan, responder, other: announcer } = await startPair(kind, SUBNET);
  await using _lan = lan;
  await setTimeout(SETTLE);
  const before = { cpu: responder.cpu(), memory: residentMemory(responder) };
  await announce(announcer, FULL_RATE);
  await whenIdle(responder);
  const dropped = drops(responder.host);
  const cost = (responder.cpu() - before.cpu) / 1e6;
  await announce(announcer, SLOW_RATE);
  await whenIdle(responder);
  return {
    cost: (cost / (COUNT - dropped)) * 10_000,
    dropped: (100 * dropped) / COUNT,
    memory: (residentMemory(responder) - before.memory) / COUNT,
  };
}

async function announce(announcer: Host, rate: number): Promise<void> {
  const script = join(process.cwd(), "bench/peers/announcements.py");
  const args = [script, announcer.address, 0, COUNT, rate].map(String);
  await announcer.output("/usr/bin/python3", args, { timeout: 120_000 });
}

async function whenIdle({ cpu }: Responder): Promise<void> {
  for (let check = 0; check < IDLE_CHECKS_MAX; check++) {
    const before = cpu();
    await setTimeout(IDLE_WAIT);
    if (cpu() - before < IDLE_TIME) return;
  }
}

/** KiB. */
function residentMemory({ pids }: Responder): number {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return sum + Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  }, 0);
}

/** Packets that found the socket full; of several sockets, at the one that lost most. */
function drops(host: Host): number {
  const table = readFileSync(`/proc/${host.namespace.pid}/net/udp`, "latin1");
  const sockets = table.split("\n").filter((line) => line.includes(PORT));
  return Math.max(...sockets.map((line) => Number(line.trim().split(/ +/).at(-1))));
}

const kinds = [...installed(responderKinds), counter];
const outcomes = kinds.map((): Outcome[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, kind] of kinds.entries()) outcomes[index]!.push(await measure(kind));
}

function table(title: string, unit: string, value: (outcome: Outcome) => number): string {
  const rows = kinds.map(({ name }, index) => ({ name, values: outcomes[index]!.map(value) }));
  return formatMeasured(title, unit, rows);
}

console.log(table("processor time for 10,000 taken", "s", ({ cost }) => cost));
console.log(table("dropped at the socket", "%", ({ dropped }) => dropped));
console.log(table("memory a service", "KiB", ({ memory }) => memory));
