/**
 * Answers in use are asked for again before their time is over, so that nobody waits for a name that
 * everybody wants: after nine tenths of it when there were several uses before, else at the first use
 * after that.
 */

import { before, type Instant, milliseconds } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { PREFETCH_POINT, PREFETCH_TTL_MIN, PREFETCH_USES, PREFETCHES_MAX } from "./constants.ts";
import type { DnsContext } from "./context.ts";

export class Prefetcher {
  readonly #context: DnsContext;
  readonly #fetch: (entry: CacheEntry, now: Instant) => void;
  readonly #underWay = new Set<string>();

  /** `fetch` asks for the entry's question anew; `handleDone` follows when it is settled. */
  constructor(context: DnsContext, fetch: (entry: CacheEntry, now: Instant) => void) {
    this.#context = context;
    this.#fetch = fetch;
  }

  /** The entry was given out. */
  handleUse(entry: CacheEntry, now: Instant): void {
    entry.uses++;
    if (!this.#context.settings.prefetch || entry.prefetch !== undefined) return;
    const whole = entry.expires - entry.storedAt;
    if (whole < PREFETCH_TTL_MIN * 1000) return;
    const point = before(entry.expires, milliseconds(whole * (1 - PREFETCH_POINT)));
    if (now >= point || entry.uses >= PREFETCH_USES) {
      const task = { run: (at: Instant) => this.#start(entry, at) };
      entry.prefetch = this.#context.schedule(now > point ? now : point, task);
    }
  }

  handleRemoved(entry: CacheEntry): void {
    this.#context.cancel(entry.prefetch);
  }

  handleDone(key: string): void {
    this.#underWay.delete(key);
  }

  #start(entry: CacheEntry, now: Instant): void {
    if (this.#underWay.has(entry.key) || this.#underWay.size >= PREFETCHES_MAX) return;
    this.#underWay.add(entry.key);
    this.#context.counters.add("prefetches");
    this.#fetch(entry, now);
  }
}
