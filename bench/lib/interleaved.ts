/**
 * Times functions against each other, in turns and in one process, so that what disturbs one
 * disturbs all; the fastest of many short rounds counts.
 */

import { quick, rounds } from "./effort.ts";

export interface Subject {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Timing {
  readonly name: string;
  readonly microseconds: number;
}

const ROUNDS = rounds(40);
const ROUND_MILLISECONDS = 25;
const WARM_UP_MILLISECONDS = quick ? 100 : 300;

/** Keeps results alive, so that no call can be left out. */
let sink: unknown;

export function timeInterleaved(subjects: readonly Subject[]): Timing[] {
  const batches = subjects.map((subject) => calibrate(subject));
  const best = subjects.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    subjects.forEach((subject, index) => {
      const microseconds = time(subject, batches[index]!);
      best[index] = Math.min(best[index]!, microseconds);
    });
  }
  return subjects.map(({ name }, index) => ({ name, microseconds: best[index]! }));
}

/** A table: microseconds a call, calls a second, and how many times faster the first one is. */
export function formatTimings(title: string, timings: readonly Timing[]): string {
  const own = timings[0]!.microseconds;
  const rows = timings.map(({ name, microseconds }) => {
    const rate = Math.round(1e6 / microseconds).toLocaleString("en-US");
    const ratio = `${(microseconds / own).toFixed(1)}x`;
    return `  ${name.padEnd(24)}${microseconds.toFixed(3).padStart(10)} us${rate.padStart(14)} /s${ratio.padStart(8)}`;
  });
  return [title, ...rows].join("\n");
}

/** Calls that fill a round, after warming up. */
function calibrate(subject: Subject): number {
  const end = performance.now() + WARM_UP_MILLISECONDS;
  let calls = 0;
  while (performance.now() < end) {
    for (let index = 0; index < 100; index++) sink = subject.run();
    calls += 100;
  }
  return Math.max(1, Math.round((calls * ROUND_MILLISECONDS) / WARM_UP_MILLISECONDS));
}

function time(subject: Subject, calls: number): number {
  const start = performance.now();
  for (let index = 0; index < calls; index++) sink = subject.run();
  return ((performance.now() - start) * 1000) / calls;
}

export function lastResult(): unknown {
  return sink;
}
