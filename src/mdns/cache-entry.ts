/**
 * One record of another host in the cache, with how long it is believed.
 *
 * An entry is small: a link may bring 100,000 of them. It holds no timer; `WakeSchedule` has one for
 * all entries that are due at an instant.
 */

import type { IpAddress } from "../core/ip-address.ts";
import { after, before, between, type Duration, type Instant, seconds } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { ChainLink } from "./chain.ts";
import type { RecordSet } from "./record-set.ts";

/**
 * `believed` until its TTL is over; `doubted` when there is reason to think that it no longer holds:
 * its goodbye came (RFC 6762 §10.1), a cache-flush bit declared it old (§10.2), it is being
 * reconfirmed (§10.4), or the link was lost (§10.3). A doubted record goes soon unless it is
 * received again.
 */
export type Belief = "believed" | "doubted";

export class CacheEntry {
  readonly set: RecordSet;
  record: ResourceRecord;
  /** Where it was last received from, and when. */
  source: IpAddress;
  received: Instant;
  /** When it is gone unless it is received again. */
  expires: Instant;
  belief: Belief = "believed";
  /** When it was last received, or among another host's known answers while its set is watched. */
  seen: Instant;
  /** How many of the refresh points (RFC 6762 §5.2) have been acted on since it was received. */
  refreshes = 0;
  /** Its place in the order of use. */
  readonly use: ChainLink<CacheEntry> = new ChainLink(this);
  /** Its place among the entries due at an instant. */
  readonly wake: ChainLink<CacheEntry> = new ChainLink(this);

  constructor(set: RecordSet, record: ResourceRecord, source: IpAddress, now: Instant) {
    this.set = set;
    this.record = record;
    this.source = source;
    this.received = now;
    this.expires = now;
    this.seen = now;
  }

  /** Takes over what was just received, to be believed for `lifetime`. */
  renew(record: ResourceRecord, source: IpAddress, lifetime: Duration, now: Instant): void {
    const known = this.record;
    if (known.ttl !== record.ttl || known.cacheFlush !== record.cacheFlush) this.record = record;
    this.source = source;
    this.received = now;
    this.seen = now;
    this.expires = after(now, lifetime);
    this.belief = "believed";
    this.refreshes = 0;
  }

  /** Lets it go at `end` unless it is received again. Never lengthens its life. */
  doubt(end: Instant): void {
    this.belief = "doubted";
    if (end < this.expires) this.expires = end;
  }

  isBelieved(now: Instant): boolean {
    return this.belief === "believed" && this.expires > now;
  }

  /** Whole seconds that are left of the TTL its responder gave. */
  remainingTtl(now: Instant): number {
    const end = after(this.received, seconds(this.record.ttl));
    return Math.max(0, Math.floor(between(now, end) / 1000));
  }

  /** Whether it was last received longer than `age` ago. */
  isOlderThan(age: Duration, now: Instant): boolean {
    return this.received < before(now, age);
  }
}
