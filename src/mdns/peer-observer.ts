/**
 * What others say about our names (RFC 6762 §6.6, §7.4, §8.1, §8.2, §9): in responses, conflicts,
 * answers that we need not give ourselves, and TTLs that must be put right; in probes, ties.
 *
 * A conflict is a record of a unique name of ours with data that is not ours, of whatever type: the
 * name was probed for with type ANY, and two hosts of which each has one family's addresses would
 * otherwise never find out. (RFC 6762 §9 itself speaks of the same type only; §8.1 of any type.) No
 * conflict are: goodbyes, since their sender is leaving; NSEC records, whose sender has others that
 * tell more; and whatever any of our links publishes or has sent of late, which comes back from
 * reflectors, bridges and access points, perhaps with addresses that we no longer have.
 *
 * A name that is claimed on one family alone has no rivals on the other, where it is not defended.
 *
 * Packets of another responder of this very host never cost us a name: names that it may have are
 * ceded (`cession.ts`), and over others there is no fight.
 */

import { after, type Instant, latest, milliseconds, NEVER } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { Claims } from "./claims.ts";
import {
  AGGREGATION_WAIT_MAX,
  MULTICAST_INTERVAL_MIN,
  SHARED_RESPONSE_DELAY_MAX,
  SHARED_RESPONSE_DELAY_MIN,
} from "./constants.ts";
import type { LinkContext, Received } from "./link-context.ts";
import type { OwnedName, OwnRecord, OwnSet } from "./own-records.ts";
import { proposedRecords } from "./prober.ts";
import type { Registry } from "./registry.ts";
import type { ResponseScheduler } from "./response-scheduler.ts";
import { breakTie } from "./tiebreak.ts";

export class PeerObserver {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  readonly #claims: Claims;
  readonly #scheduler: ResponseScheduler;

  constructor(
    context: LinkContext,
    registry: Registry,
    claims: Claims,
    scheduler: ResponseScheduler,
  ) {
    this.#context = context;
    this.#registry = registry;
    this.#claims = claims;
    this.#scheduler = scheduler;
  }

  handleResponse(received: Received, now: Instant): void {
    const { answers, authorities, additionals } = received.message;
    for (const record of answers) this.#handleRecord(record, received, now);
    for (const record of authorities) this.#handleRecord(record, received, now);
    for (const record of additionals) this.#handleRecord(record, received, now);
  }

  /** Looks at the proposed records of a query; a query without any is no probe. */
  handleProbe({ message, family, fromThisHost }: Received, now: Instant): void {
    if (message.authorities.length === 0) return;
    const names = new Set<OwnedName>();
    for (const { name } of message.questions) {
      const own = this.#registry.find(name);
      if (own !== undefined) names.add(own);
    }
    for (const name of names) {
      const theirs = message.authorities.filter((record) => record.name.equals(name.name));
      if (theirs.length === 0) continue;
      if (fromThisHost && name.isCedable) this.#handleTwinProbe(name, theirs, now);
      else if (name.isClaimedOn(family)) this.#breakTie(name, theirs, now);
    }
  }

  #handleRecord(record: ResourceRecord, received: Received, now: Instant): void {
    if (record.class !== RecordClass.IN) return;
    const name = this.#registry.find(record.name);
    if (name === undefined || record.type === RecordType.NSEC) return;
    if (received.fromThisHost && name.isCedable) {
      this.#handleTwin(name, record, now);
      return;
    }
    const own = name.find(record);
    if (own !== undefined) this.#handleSame(own, record, received, now);
    else if (name.isClaimedOn(received.family)) this.#handleOther(name, record, received, now);
  }

  /** Another responder of this host has one of the names that it may have. */
  #handleTwin(name: OwnedName, record: ResourceRecord, now: Instant): void {
    if (record.ttl > 0) this.#claims.cede(name, now);
    else this.#claims.reclaim(name, now);
  }

  /**
   * Another responder of this host probes for such a name. While we probe ourselves, the tie decides
   * which of us gives way: both must not.
   */
  #handleTwinProbe(name: OwnedName, theirs: readonly ResourceRecord[], now: Instant): void {
    const isOurTurn = name.claim.state === "probing";
    if (isOurTurn && breakTie(proposedRecords(name), theirs) !== "lost") return;
    this.#claims.cede(name, now);
  }

  /**
   * RFC 6762 §8.2. A probe whose every record is one of ours is our own, come back: from another of
   * our links, or from before our addresses changed.
   */
  #breakTie(name: OwnedName, theirs: readonly ResourceRecord[], now: Instant): void {
    if (name.claim.state !== "probing" || name.claim.run.sent === 0) return;
    if (theirs.every((record) => this.#context.isOurs(record, now))) return;
    if (breakTie(proposedRecords(name), theirs) === "lost") this.#claims.defer(name, now);
  }

  /** The very record that we have ourselves; what came to us alone reached no other cache. */
  #handleSame(own: OwnRecord, record: ResourceRecord, received: Received, now: Instant): void {
    if (!own.published || received.arrival.to !== "group") return;
    // RFC 6762 §6.6: others would drop the record too early, or now, when this is a goodbye.
    if (record.ttl * 2 < own.record.ttl) {
      this.#correct(own.set, now);
      return;
    }
    if (record.ttl >= own.record.ttl) this.#scheduler.strikeOut(own, received.family);
  }

  #handleOther(name: OwnedName, record: ResourceRecord, received: Received, now: Instant): void {
    if (record.ttl === 0) return;
    if (this.#context.isOurs(record, now)) {
      if (record.cacheFlush) this.#reinstate(name, record.type, now);
      return;
    }
    if (received.fromThisHost) return;
    this.#claims.conflict(name, { address: received.source.address, record }, now);
  }

  /**
   * RFC 6762 §14: records of another link of ours are bridged to this one and flush those of this
   * link from others' caches, so these must be sent again; unless that was within the last second,
   * when they are immune.
   */
  #reinstate(name: OwnedName, type: number, now: Instant): void {
    for (const set of name.publishedOfType(type)) {
      if (after(set.lastMulticastAt, MULTICAST_INTERVAL_MIN) <= now) this.#correct(set, now);
    }
  }

  /** RFC 6762 §6.6: marks the set to be multicast, after a random delay, since others may do so. */
  #correct(set: OwnSet, now: Instant): void {
    const delay = milliseconds(
      this.#context.random.integer(SHARED_RESPONSE_DELAY_MIN, SHARED_RESPONSE_DELAY_MAX),
    );
    for (const family of this.#context.link.families) {
      if (!set.reaches(family)) continue;
      const allowed = after(set.multicastAt(family), MULTICAST_INTERVAL_MIN);
      const due = latest(after(now, delay), allowed);
      const interval = MULTICAST_INTERVAL_MIN;
      const timing = { servedSince: NEVER, due, patience: AGGREGATION_WAIT_MAX, interval };
      this.#scheduler.multicast([set], family, timing, undefined, now);
    }
  }
}
