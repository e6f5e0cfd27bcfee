/**
 * The one deadline queue of an engine: a binary heap that is stable (equal instants come out in the
 * order they went in), so that a run is the same each time.
 *
 * Theory of operation: an entry is a handle that knows its place in the heap. Cancelling or moving
 * one costs O(log n) and leaves no garbage behind, so a queue never holds more than its live
 * entries.
 */

import { type Instant, NEVER } from "./time.ts";

/** What `schedule` returns: pass it to `cancel` or `move`. Opaque to its holder. */
export interface Deadline<T> {
  readonly at: Instant;
  readonly item: T;
}

interface Entry<T> extends Deadline<T> {
  at: Instant;
  readonly item: T;
  sequence: number;
  /** Index in the heap, or -1 once it is out. */
  place: number;
}

export class DeadlineQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #sequence = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline, or `NEVER`. */
  get next(): Instant {
    return this.#heap[0]?.at ?? NEVER;
  }

  schedule(at: Instant, item: T): Deadline<T> {
    const entry: Entry<T> = { at, item, sequence: this.#sequence++, place: this.#heap.length };
    this.#heap.push(entry);
    this.#siftUp(entry);
    return entry;
  }

  /** Takes a deadline out. Does nothing when it has already fired or been cancelled. */
  cancel(deadline: Deadline<T> | undefined): void {
    const entry = deadline as Entry<T> | undefined;
    if (entry === undefined || entry.place < 0) return;
    this.#remove(entry);
  }

  /** Gives a pending deadline another instant; one that has fired is scheduled afresh. */
  move(deadline: Deadline<T>, at: Instant): Deadline<T> {
    this.cancel(deadline);
    return this.schedule(at, deadline.item);
  }

  isPending(deadline: Deadline<T> | undefined): boolean {
    return deadline !== undefined && (deadline as Entry<T>).place >= 0;
  }

  /** Takes out the earliest item that is due at `now`, or returns undefined. */
  pop(now: Instant): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#remove(first);
    return first.item;
  }

  clear(): void {
    for (const entry of this.#heap) entry.place = -1;
    this.#heap.length = 0;
  }

  #remove(entry: Entry<T>): void {
    const last = this.#heap.pop()!;
    if (last !== entry) {
      this.#put(last, entry.place);
      this.#siftUp(last);
      this.#siftDown(last);
    }
    entry.place = -1;
  }

  #put(entry: Entry<T>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #siftUp(entry: Entry<T>): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1]!;
      if (!isBefore(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #siftDown(entry: Entry<T>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      let child = left;
      if (right !== undefined && isBefore(right, left!)) child = right;
      if (child === undefined || !isBefore(child, entry)) return;
      this.#swap(child, entry);
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
