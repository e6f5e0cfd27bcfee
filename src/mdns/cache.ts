/**
 * The records of other hosts on one link (RFC 6762 §10), of both address families together.
 *
 * A record is found in constant time by owner name, type and data. The number of records is bounded;
 * the least recently used of those that no query wants go first, then the least recently received
 * of the wanted. A record that somebody wants is woken exactly when it is to be asked for again
 * (§5.2) or is over; any other is only looked at in the second after its end, and is never given out
 * after it.
 *
 * Who wants what, and what becomes of it when a record goes, is the observer's: the querier.
 */

import type { IpAddress } from "../core/ip-address.ts";
import { type Instant, instant, seconds } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { type Belief, CacheEntry } from "./cache-entry.ts";
import { Chain } from "./chain.ts";
import {
  RECORD_SET_SHARE,
  RECORD_SET_SIZE_MIN,
  TYPES_PER_NAME_MAX,
  UNWANTED_EXPIRY_STEP,
} from "./constants.ts";
import { type KeptData, keepData } from "./kept-data.ts";
import type { LinkContext } from "./link-context.ts";
import { RecordSet } from "./record-set.ts";
import { nextRefreshPoint, refreshPointsReached } from "./refresh.ts";
import { WakeSchedule } from "./wake-schedule.ts";

/** `kept`: an active query must not lose it, so it is refreshed. `wanted`: one would be told. */
export type Interest = "none" | "wanted" | "kept";

export interface CacheObserver {
  interestIn(entry: CacheEntry): Interest;
  /** RFC 6762 §5.2: a kept record has reached a refresh point. */
  handleRefreshDue(entry: CacheEntry, now: Instant): void;
  /** A record is no longer in the cache: over, flushed, or evicted. */
  handleRemoved(entry: CacheEntry, now: Instant): void;
}

export interface Stored {
  readonly entry: CacheEntry;
  readonly before: "absent" | Belief;
}

export class RecordCache {
  readonly #context: LinkContext;
  readonly #observer: CacheObserver;
  /** The first set of each name, by the name's key; `RecordSet.next` leads to its other types. */
  readonly #names = new Map<string, RecordSet>();
  /** The name that was looked up last, and its first set: a record is stored in a few steps. */
  #latestName: Name | undefined;
  #latestFirst: RecordSet | undefined;
  /** The host that was heard last: its records share one text. */
  #latestSource: IpAddress | undefined;
  readonly #unwanted = new Chain<CacheEntry>();
  readonly #wanted = new Chain<CacheEntry>();
  readonly #wakes: WakeSchedule;
  #size = 0;
  #evictions = 0;

  constructor(context: LinkContext, observer: CacheObserver) {
    this.#context = context;
    this.#observer = observer;
    this.#wakes = new WakeSchedule(context, (entry, now) => this.#wake(entry, now));
  }

  /** Records held; one that is over may count for a second more. */
  get size(): number {
    return this.#size;
  }

  get nameCount(): number {
    return this.#names.size;
  }

  /** How many records were dropped to make room. */
  get evictions(): number {
    return this.#evictions;
  }

  /** The set of that name and type, if it has records. */
  find(name: Name, type: number): RecordSet | undefined {
    let set = this.#firstSet(name);
    while (set !== undefined && set.type !== type) set = set.next;
    return set;
  }

  findEntry(record: ResourceRecord): CacheEntry | undefined {
    return this.find(record.name, record.type)?.find(keepData(record.data));
  }

  /** Every set of the name. */
  *setsOf(name: Name): IterableIterator<RecordSet> {
    let set = this.#firstSet(name);
    while (set !== undefined) {
      const { next }: RecordSet = set;
      yield set;
      set = next;
    }
  }

  *[Symbol.iterator](): IterableIterator<CacheEntry> {
    yield* this.#wanted;
    yield* this.#unwanted;
  }

  /** Takes in a record that was received (not a goodbye), and tells what was known of it. */
  store(record: ResourceRecord, source: IpAddress, now: Instant): Stored {
    const set = this.find(record.name, record.type);
    const data = keepData(record.data);
    const known = set?.find(data);
    const before = known === undefined ? "absent" : known.belief;
    const host = this.#shared(source);
    const entry = known ?? this.#add(record, data, host, set, now);
    const ttl = Math.min(record.ttl, this.#context.settings.cacheTtlMax);
    entry.renew(record, host, seconds(ttl), now);
    this.#arrange(entry);
    return { entry, before };
  }

  /** Lets an entry go at `end` unless it is received again. */
  doubt(entry: CacheEntry, end: Instant, now: Instant): void {
    entry.doubt(end);
    if (entry.expires <= now) this.remove(entry, now);
    else this.#arrange(entry);
  }

  remove(entry: CacheEntry, now: Instant): void {
    this.discard(entry);
    this.#observer.handleRemoved(entry, now);
  }

  /** Removes it and tells nobody. */
  discard(entry: CacheEntry): void {
    entry.chain?.remove(entry);
    this.#wakes.remove(entry);
    entry.set.delete(entry);
    if (entry.set.size === 0) this.#dropSet(entry.set);
    this.#size--;
  }

  /** The observer's interest in records of this name has changed. */
  review(name: Name, now: Instant): void {
    for (const set of this.setsOf(name)) {
      for (const entry of set) {
        entry.refreshes = Math.max(entry.refreshes, refreshPointsReached(entry, now));
        this.#arrange(entry);
      }
    }
  }

  #wake(entry: CacheEntry, now: Instant): void {
    if (entry.expires <= now) {
      this.remove(entry, now);
      return;
    }
    const isKept = this.#observer.interestIn(entry) === "kept";
    const reached = refreshPointsReached(entry, now);
    if (isKept && entry.belief === "believed" && reached > entry.refreshes) {
      this.#observer.handleRefreshDue(entry, now);
      entry.refreshes = reached;
    }
    this.#arrange(entry);
  }

  /** Puts the entry where its use and its next due time say. */
  #arrange(entry: CacheEntry): void {
    const interest = this.#observer.interestIn(entry);
    (interest === "none" ? this.#unwanted : this.#wanted).append(entry);
    this.#wakes.place(entry, dueTime(entry, interest));
  }

  #add(
    record: ResourceRecord,
    data: KeptData,
    source: IpAddress,
    known: RecordSet | undefined,
    now: Instant,
  ): CacheEntry {
    this.#makeRoom(known, now);
    const remaining = known === undefined || known.size === 0 ? undefined : known;
    const set = remaining ?? this.#addSet(record, now);
    const entry = new CacheEntry(set, data, source, now);
    set.add(entry);
    this.#size++;
    return entry;
  }

  /** Evicts one record where there is no room for another in the cache, or in the set. */
  #makeRoom(set: RecordSet | undefined, now: Instant): void {
    const { cacheSizeMax } = this.#context.settings;
    const setSizeMax = Math.max(RECORD_SET_SIZE_MIN, Math.floor(cacheSizeMax * RECORD_SET_SHARE));
    if (set !== undefined && set.size >= setSizeMax) this.#evict(set.oldest, now);
    else if (this.#size >= cacheSizeMax) {
      this.#evict(this.#unwanted.first ?? this.#wanted.first, now);
    }
  }

  #addSet(record: ResourceRecord, now: Instant): RecordSet {
    const { name } = record;
    this.#limitTypes(name, now);
    const first = this.#firstSet(name);
    const set = new RecordSet(first?.name ?? name, record.type);
    set.next = first;
    this.#setFirst(name, set);
    return set;
  }

  /** The same address as the text that was kept last, where it is the same. */
  #shared(source: IpAddress): IpAddress {
    if (this.#latestSource !== source) this.#latestSource = source;
    return this.#latestSource;
  }

  #firstSet(name: Name): RecordSet | undefined {
    if (this.#latestName !== name) {
      this.#latestName = name;
      this.#latestFirst = this.#names.get(name.key);
    }
    return this.#latestFirst;
  }

  #setFirst(name: Name, first: RecordSet): void {
    this.#names.set(name.key, first);
    this.#latestName = name;
    this.#latestFirst = first;
  }

  /** Makes room for one more type of a name: the oldest type that no query wants goes. */
  #limitTypes(name: Name, now: Instant): void {
    let count = 0;
    for (let set = this.#firstSet(name); set !== undefined; set = set.next) count++;
    if (count < TYPES_PER_NAME_MAX) return;
    const sets = [...this.setsOf(name)];
    const isWanted = ({ oldest }: RecordSet) =>
      oldest !== undefined && this.#observer.interestIn(oldest) !== "none";
    const victim = sets.findLast((set) => !isWanted(set)) ?? sets.at(-1);
    for (const entry of [...(victim ?? [])]) this.#evict(entry, now);
  }

  #evict(entry: CacheEntry | undefined, now: Instant): void {
    if (entry === undefined) return;
    this.#evictions++;
    this.#context.counters.add("cache-evictions");
    this.remove(entry, now);
  }

  #dropSet(set: RecordSet): void {
    this.#latestName = undefined;
    const { key } = set.name;
    if (this.#names.get(key) === set) {
      if (set.next === undefined) this.#names.delete(key);
      else this.#names.set(key, set.next);
      return;
    }
    for (const other of this.setsOf(set.name)) if (other.next === set) other.next = set.next;
  }
}

function dueTime(entry: CacheEntry, interest: Interest): Instant {
  if (interest === "kept") return nextRefreshPoint(entry);
  if (interest === "wanted") return entry.expires;
  return instant(Math.ceil(entry.expires / UNWANTED_EXPIRY_STEP) * UNWANTED_EXPIRY_STEP);
}
