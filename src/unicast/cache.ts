/**
 * Answers by question, bounded; the least recently used goes first. What is over but could still be
 * given as stale stays (RFC 8767 §4).
 */

import { BoundedMap } from "../core/bounded.ts";
import type { Instant } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { DnsContext } from "./context.ts";
import { freshnessOf } from "./stale.ts";

export class AnswerCache {
  readonly #context: DnsContext;
  readonly #onRemoved: (entry: CacheEntry) => void;
  readonly #entries: BoundedMap<string, CacheEntry>;

  constructor(context: DnsContext, onRemoved: (entry: CacheEntry) => void) {
    this.#context = context;
    this.#onRemoved = onRemoved;
    const sizeMax = Math.max(1, context.settings.cacheSizeMax);
    this.#entries = new BoundedMap(sizeMax, (_, entry) => onRemoved(entry));
  }

  get size(): number {
    return this.#entries.size;
  }

  get evictions(): number {
    return this.#entries.evictions;
  }

  /** An answer that is fresh or stale. */
  find(key: string, now: Instant): CacheEntry | undefined {
    const entry = this.#entries.find(key);
    if (entry === undefined) return undefined;
    if (freshnessOf(entry, this.#context.settings.staleTtl, now) !== "over") return entry;
    this.remove(entry);
    return undefined;
  }

  store(entry: CacheEntry): void {
    if (this.#context.settings.cacheSizeMax <= 0) return;
    const before = this.#entries.peek(entry.key);
    if (before !== undefined) this.#onRemoved(before);
    this.#entries.set(entry.key, entry);
  }

  remove(entry: CacheEntry): void {
    if (this.#entries.peek(entry.key) !== entry) return;
    this.#entries.delete(entry.key);
    this.#onRemoved(entry);
  }

  clear(): void {
    for (const entry of this.#entries.values()) this.#onRemoved(entry);
    this.#entries.clear();
  }

  [Symbol.iterator](): IterableIterator<CacheEntry> {
    return this.#entries.values();
  }
}
