/**
 * When cache entries are next due: one deadline for all the entries of an instant, so that a flood
 * of records with one TTL costs a deadline a second and not one a record.
 *
 * Entries are moved only to an earlier instant. One whose due time has grown, as every reception
 * does, is woken at the old one and put where it then belongs. An entry that leaves is struck from
 * its slot's list when half of that list has left.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { LinkContext, Task } from "./link-context.ts";

/** Entries that have left, beyond as many as have not, which a slot may hold on to. */
const SLACK = 16;

export class WakeSchedule {
  readonly #context: LinkContext;
  readonly #wake: (entry: CacheEntry, now: Instant) => void;
  readonly #slots = new Map<Instant, WakeSlot>();

  /** `wake` gets each entry that is due; it places or removes it. */
  constructor(context: LinkContext, wake: (entry: CacheEntry, now: Instant) => void) {
    this.#context = context;
    this.#wake = wake;
  }

  /** Has the entry woken at `at`, or earlier where it is placed already. */
  place(entry: CacheEntry, at: Instant): void {
    if (entry.wakeAt !== undefined) {
      if (entry.wakeAt <= at) return;
      this.remove(entry);
    }
    entry.wakeAt = at;
    this.#slotAt(at).add(entry);
  }

  remove(entry: CacheEntry): void {
    const at = entry.wakeAt;
    if (at === undefined) return;
    entry.wakeAt = undefined;
    const slot = this.#slots.get(at);
    if (slot === undefined || slot.noteLeft() > 0) return;
    this.#context.cancel(slot.deadline);
    this.#slots.delete(at);
  }

  #slotAt(at: Instant): WakeSlot {
    const known = this.#slots.get(at);
    if (known !== undefined) return known;
    const slot = new WakeSlot(at, (due, now) => this.#fire(due, now));
    slot.deadline = this.#context.schedule(at, slot);
    this.#slots.set(at, slot);
    return slot;
  }

  #fire(slot: WakeSlot, now: Instant): void {
    this.#slots.delete(slot.at);
    for (const entry of slot.entries) {
      if (entry.wakeAt !== slot.at) continue;
      entry.wakeAt = undefined;
      this.#wake(entry, now);
    }
  }
}

class WakeSlot implements Task {
  readonly at: Instant;
  deadline: Deadline<Task> | undefined = undefined;
  /** Those whose `wakeAt` is another have left; one that came back may be there twice. */
  entries: CacheEntry[] = [];
  /** How many have not left. */
  #count = 0;
  readonly #fire: (slot: WakeSlot, now: Instant) => void;

  constructor(at: Instant, fire: (slot: WakeSlot, now: Instant) => void) {
    this.at = at;
    this.#fire = fire;
  }

  add(entry: CacheEntry): void {
    this.entries.push(entry);
    this.#count++;
  }

  /** One of the entries has another `wakeAt` now; returns how many are left. */
  noteLeft(): number {
    this.#count--;
    if (this.entries.length > 2 * this.#count + SLACK) {
      this.entries = [...new Set(this.entries)].filter(({ wakeAt }) => wakeAt === this.at);
    }
    return this.#count;
  }

  run(now: Instant): void {
    this.#fire(this, now);
  }
}
