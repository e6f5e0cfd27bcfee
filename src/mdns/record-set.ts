/**
 * The cached records of one owner name and type (an RRset), found by their data.
 *
 * Most sets hold one record and many links have tens of thousands of sets, so the first records
 * stand in the object itself and in a short array; only a large set, such as the instances of a
 * service type, pays for a map.
 */

import type { Name } from "../wire/name.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { type KeptData, keptDataKey, sameKeptData } from "./kept-data.ts";

/** Up to this many records are compared one by one. */
const ARRAY_SIZE_MAX = 8;

export class RecordSet {
  readonly name: Name;
  readonly type: number;
  /** The set of the same name with another type. */
  next: RecordSet | undefined = undefined;
  #entries: CacheEntry | CacheEntry[] | Map<string, CacheEntry> | undefined = undefined;

  constructor(name: Name, type: number) {
    this.name = name;
    this.type = type;
  }

  get size(): number {
    const entries = this.#entries;
    if (entries === undefined) return 0;
    if (entries instanceof Map) return entries.size;
    return Array.isArray(entries) ? entries.length : 1;
  }

  /** The entry that was added first. */
  get oldest(): CacheEntry | undefined {
    for (const entry of this) return entry;
    return undefined;
  }

  find(data: KeptData): CacheEntry | undefined {
    const entries = this.#entries;
    if (entries === undefined) return undefined;
    if (entries instanceof Map) return entries.get(keptDataKey(data));
    if (!Array.isArray(entries)) return sameKeptData(entries.kept, data) ? entries : undefined;
    return entries.find((entry) => sameKeptData(entry.kept, data));
  }

  /** Adds an entry whose data is not in the set. */
  add(entry: CacheEntry): void {
    const entries = this.#entries;
    if (entries === undefined) this.#entries = entry;
    else if (entries instanceof Map) entries.set(keptDataKey(entry.kept), entry);
    else if (!Array.isArray(entries)) this.#entries = [entries, entry];
    else if (entries.length < ARRAY_SIZE_MAX) entries.push(entry);
    else {
      const all = [...entries, entry];
      this.#entries = new Map(all.map((each) => [keptDataKey(each.kept), each]));
    }
  }

  delete(entry: CacheEntry): void {
    const entries = this.#entries;
    if (entries === entry) this.#entries = undefined;
    else if (entries instanceof Map) entries.delete(keptDataKey(entry.kept));
    else if (Array.isArray(entries)) this.#entries = entries.filter((each) => each !== entry);
  }

  /** In the order in which they were added. The set must not change meanwhile: copy it first. */
  *[Symbol.iterator](): IterableIterator<CacheEntry> {
    const entries = this.#entries;
    if (entries === undefined) return;
    if (entries instanceof Map || Array.isArray(entries)) yield* entries.values();
    else yield entries;
  }
}
