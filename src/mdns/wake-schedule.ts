/**
 * When cache entries are next due: one deadline for all the entries of an instant, so that a flood
 * of records with one TTL costs a deadline a second and not one a record.
 *
 * Entries are moved only to an earlier instant. One whose due time has grown, as every reception
 * does, is woken at the old one and put where it then belongs.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { Chain } from "./chain.ts";
import type { LinkContext, Task } from "./link-context.ts";

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
    const current = entry.wake.chain;
    if (current instanceof WakeSlot) {
      if (current.at <= at) return;
      this.remove(entry);
    }
    this.#slotAt(at).append(entry.wake);
  }

  remove(entry: CacheEntry): void {
    const slot = entry.wake.chain;
    if (!(slot instanceof WakeSlot)) return;
    slot.remove(entry.wake);
    if (slot.first !== undefined) return;
    this.#context.cancel(slot.deadline);
    this.#slots.delete(slot.at);
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
    for (;;) {
      const entry = slot.first;
      if (entry === undefined) return;
      slot.remove(entry.wake);
      this.#wake(entry, now);
    }
  }
}

class WakeSlot extends Chain<CacheEntry> implements Task {
  readonly at: Instant;
  deadline: Deadline<Task> | undefined = undefined;
  readonly #fire: (slot: WakeSlot, now: Instant) => void;

  constructor(at: Instant, fire: (slot: WakeSlot, now: Instant) => void) {
    super();
    this.at = at;
    this.#fire = fire;
  }

  run(now: Instant): void {
    this.#fire(this, now);
  }
}
