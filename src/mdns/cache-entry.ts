/**
 * One record of another host in the cache, with how long it is believed.
 *
 * An entry is small: a link may bring 250,000 of them. It is the record itself, in parts: owner name
 * and type are the set's, the data is as small as can be (`kept-data.ts`). It holds no timer;
 * `WakeSchedule` has one for all entries that are due at an instant.
 */

import type { IpAddress } from "../core/ip-address.ts";
import { after, before, between, type Duration, type Instant, seconds } from "../core/time.ts";
import { RecordClass } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";
import type { Chain, Linked } from "./chain.ts";
import { type KeptData, restoreData } from "./kept-data.ts";
import type { RecordSet } from "./record-set.ts";

/**
 * `believed` until its TTL is over; `doubted` when there is reason to think that it no longer holds:
 * its goodbye came (RFC 6762 §10.1), a cache-flush bit declared it old (§10.2), it is being
 * reconfirmed (§10.4), or the link was lost (§10.3). A doubted record goes soon unless it is
 * received again.
 */
export type Belief = "believed" | "doubted";

/** Bits of an entry's marks; the lowest three are its refreshes. */
const REFRESHES = 0b00111;
const DOUBTED = 0b01000;
const CACHE_FLUSH = 0b10000;

export class CacheEntry implements ResourceRecord, Linked<CacheEntry> {
  readonly set: RecordSet;
  readonly kept: KeptData;
  ttl = 0;
  /** Where it was last received from, and when. */
  source: IpAddress;
  received: Instant;
  /** When it is gone unless it is received again. */
  expires: Instant;
  #marks = 0;
  /** When it is to be looked at; undefined where it is not. */
  wakeAt: Instant | undefined = undefined;
  /** Its place in the order of use. */
  chain: Chain<CacheEntry> | undefined = undefined;
  previous: CacheEntry | undefined = undefined;
  next: CacheEntry | undefined = undefined;

  constructor(set: RecordSet, kept: KeptData, source: IpAddress, now: Instant) {
    this.set = set;
    this.kept = kept;
    this.source = source;
    this.received = now;
    this.expires = now;
  }

  get name(): Name {
    return this.set.name;
  }

  get type(): number {
    return this.set.type;
  }

  get cacheFlush(): boolean {
    return (this.#marks & CACHE_FLUSH) !== 0;
  }

  get belief(): Belief {
    return (this.#marks & DOUBTED) === 0 ? "believed" : "doubted";
  }

  /** How many of the refresh points (RFC 6762 §5.2) have been acted on since it was received. */
  get refreshes(): number {
    return this.#marks & REFRESHES;
  }

  set refreshes(count: number) {
    this.#marks = (this.#marks & ~REFRESHES) | count;
  }

  /** No other is cached. */
  get class(): number {
    return RecordClass.IN;
  }

  get data(): RecordData {
    return restoreData(this.kept, this.set.type);
  }

  /** The record, to be given away. */
  get record(): ResourceRecord {
    const { name, type, class: recordClass, cacheFlush, ttl, data } = this;
    return { name, type, class: recordClass, cacheFlush, ttl, data };
  }

  /** It was just received, to be believed for `lifetime`. */
  renew(record: ResourceRecord, source: IpAddress, lifetime: Duration, now: Instant): void {
    this.ttl = record.ttl;
    this.#marks = record.cacheFlush ? CACHE_FLUSH : 0;
    this.source = source;
    this.received = now;
    this.expires = after(now, lifetime);
  }

  /** Lets it go at `end` unless it is received again. Never lengthens its life. */
  doubt(end: Instant): void {
    this.#marks |= DOUBTED;
    if (end < this.expires) this.expires = end;
  }

  isBelieved(now: Instant): boolean {
    return this.belief === "believed" && this.expires > now;
  }

  /** Whole seconds that are left of the TTL its responder gave. */
  remainingTtl(now: Instant): number {
    const end = after(this.received, seconds(this.ttl));
    return Math.max(0, Math.floor(between(now, end) / 1000));
  }

  /** Whether it was last received longer than `age` ago. */
  isOlderThan(age: Duration, now: Instant): boolean {
    return this.received < before(now, age);
  }
}
