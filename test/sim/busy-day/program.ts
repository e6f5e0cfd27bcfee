/**
 * `node --expose-gc program.mjs HOURS SEED`: a busy day in a process of its own; prints a line of JSON
 * an hour, with the heap after a collection and how many objects of the engines' classes are alive.
 */

import { setImmediate } from "node:timers/promises";
import { queryObjects } from "node:v8";
import { DeadlineQueue } from "../../../src/core/deadline-queue.ts";
import { MdnsLink } from "../../../src/mdns/mdns-link.ts";
import { busyHours, type FullHour } from "./busy-day.ts";

export interface Sample extends FullHour {
  /** Octets, after a collection. */
  readonly heap: number;
  /** Entries of all deadline queues: timers of the engines, and packets on their way. */
  readonly deadlines: number;
  /** Links of engines that are alive, those of engines that have ended among them. */
  readonly links: number;
  /** Seconds of processor time so far. */
  readonly processor: number;
}

const pending = countDeadlines();
const [hours, seed] = process.argv.slice(2).map(Number);
for (const full of busyHours({ hours: hours!, seed: seed! })) {
  // What a weak reference was asked for stays alive until the turn is over.
  await setImmediate();
  globalThis.gc!();
  const { heapUsed: heap } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const processor = Math.round((user + system) / 1e5) / 10;
  const sample: Sample = { ...full, heap, deadlines: pending(), links: aliveLinks(), processor };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
  await setImmediate();
}

/** Finds every queue by its use, without keeping it. */
function countDeadlines(): () => number {
  const known = new WeakSet<DeadlineQueue<unknown>>();
  const queues: WeakRef<DeadlineQueue<unknown>>[] = [];
  const { schedule } = DeadlineQueue.prototype;
  DeadlineQueue.prototype.schedule = function (this: DeadlineQueue<unknown>, at, item) {
    if (!known.has(this)) {
      known.add(this);
      queues.push(new WeakRef(this));
    }
    return schedule.call(this, at, item);
  };
  return () => queues.reduce((sum, queue) => sum + (queue.deref()?.size ?? 0), 0);
}

/** The collection that it begins with counts for `heap` too. */
function aliveLinks(): number {
  return queryObjects(MdnsLink, { format: "count" }) as unknown as number;
}
