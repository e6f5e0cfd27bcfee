/**
 * What this host wants to publish on one link, as the responder holds it: records, the sets in which
 * they are answered, and the owner names that they hang from.
 *
 * A set is what is answered, suppressed, announced and rate-limited as a whole: a unique RRset (RFC
 * 6762 §10.2: whoever sends a part of it must send all of it), or one shared record. Which records
 * are published at the moment is decided in `publication.ts`.
 */

import type { Family } from "../core/ip-address.ts";
import { FAMILIES } from "../core/ip-address.ts";
import { type Duration, type Instant, latest, seconds } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { recordDataOctets, sameRecordData } from "../wire/record-order.ts";
import type { NameClaim } from "./name-claim.ts";
import { type Reach, reaches, unionOf } from "./reach.ts";
import type { Registration } from "./registration.ts";
import type { PublishedRecord } from "./types.ts";

export type Ownership = PublishedRecord["ownership"];

/** RFC 1035 §4.1.3: type, class, ttl and data length. */
const RECORD_FIXED_SIZE = 10;

/** Long before every instant: the time of something that never happened. */
const NEVER_YET = Number.NEGATIVE_INFINITY as Instant;

export class OwnRecord {
  readonly record: ResourceRecord;
  readonly set: OwnSet;
  readonly cedable: boolean;
  /** Who wants it, and where. The record goes with the last of them. */
  readonly users = new Map<Registration, Reach>();
  /** Where it is published; undefined: it is not. */
  reach: Reach | undefined;

  constructor(spec: PublishedRecord, set: OwnSet) {
    this.set = set;
    this.cedable = spec.cedable;
    this.record = {
      name: spec.name,
      type: spec.type,
      class: RecordClass.IN,
      // RFC 6762 §10.2: never on a shared record.
      cacheFlush: spec.ownership !== "shared",
      ttl: spec.ttl,
      data: spec.data,
    };
  }

  get published(): boolean {
    return this.reach !== undefined;
  }

  /** The host name that a cedable record speaks of: of an address its owner, of a reverse its data. */
  get subject(): Name {
    const { data, name } = this.record;
    return data.kind === "PTR" ? data.name : name;
  }
}

export class OwnSet {
  readonly owner: OwnedName;
  readonly type: number;
  readonly ownership: Ownership;
  readonly members: OwnRecord[] = [];
  readonly #multicastAt: Record<Family, Instant> = { ipv4: NEVER_YET, ipv6: NEVER_YET };
  #published: readonly ResourceRecord[] = [];
  #reach: Reach | undefined;
  #size = 0;

  constructor(owner: OwnedName, type: number, ownership: Ownership) {
    this.owner = owner;
    this.type = type;
    this.ownership = ownership;
  }

  get isShared(): boolean {
    return this.ownership === "shared";
  }

  /** The records to answer with now. */
  get published(): readonly ResourceRecord[] {
    return this.#published;
  }

  /** Where they go, all together; undefined: there are none. */
  get reach(): Reach | undefined {
    return this.#reach;
  }

  /** Whether there is something to say on the family. */
  reaches(family: Family): boolean {
    return reaches(this.#reach, family);
  }

  /** Octets that the published records take in a message at most, without compression. */
  get size(): number {
    return this.#size;
  }

  /** To be called when `reach` of a member, or the members, changed. */
  refresh(): void {
    this.#published = this.members.filter((own) => own.published).map((own) => own.record);
    this.#reach = unionOf(this.members.map((own) => own.reach));
    this.#size = this.#published.reduce((size, record) => size + sizeOf(record), 0);
  }

  find(record: ResourceRecord): OwnRecord | undefined {
    return this.members.find((own) => sameRecordData(own.record.data, record.data));
  }

  noteMulticast(families: readonly Family[], now: Instant): void {
    for (const family of families) this.#multicastAt[family] = now;
  }

  /** When it was last multicast by the family; negative infinity for never. */
  multicastAt(family: Family): Instant {
    return this.#multicastAt[family];
  }

  get lastMulticastAt(): Instant {
    return FAMILIES.map((family) => this.#multicastAt[family]).reduce(latest);
  }

  get wasMulticast(): boolean {
    return this.lastMulticastAt !== NEVER_YET;
  }

  /** The longest TTL of its published records. */
  get ttl(): Duration {
    return seconds(this.#published.reduce((longest, { ttl }) => Math.max(longest, ttl), 0));
  }
}

export class OwnedName {
  readonly name: Name;
  readonly sets: OwnSet[] = [];
  claim: NameClaim = { state: "unclaimed" };
  /** The NSEC record of the name (RFC 6762 §6.1), made when first needed after a change. */
  negative: OwnSet | undefined;

  constructor(name: Name) {
    this.name = name;
  }

  *records(): IterableIterator<OwnRecord> {
    for (const set of this.sets) yield* set.members;
  }

  find(record: ResourceRecord): OwnRecord | undefined {
    for (const set of this.sets) {
      const own = set.type === record.type ? set.find(record) : undefined;
      if (own !== undefined) return own;
    }
    return undefined;
  }

  /** Those that must be proved to be ours alone (RFC 6762 §8.1). */
  get uniqueRecords(): readonly OwnRecord[] {
    return [...this.records()].filter((own) => own.set.ownership === "unique");
  }

  /** Where it is claimed as unique; undefined: nowhere. */
  get reach(): Reach | undefined {
    return unionOf(this.uniqueRecords.flatMap((own) => [...own.users.values()]));
  }

  /** Whether others are not to have it on the family. */
  isClaimedOn(family: Family): boolean {
    return this.claim.state !== "unclaimed" && reaches(this.reach, family);
  }

  /** Whether it is a name that another responder of this host may have instead. */
  get isCedable(): boolean {
    return this.uniqueRecords.some((own) => own.cedable);
  }

  get users(): ReadonlySet<Registration> {
    const users = new Set<Registration>();
    for (const own of this.records()) for (const user of own.users.keys()) users.add(user);
    return users;
  }

  /**
   * Whether we may say what the name does not have (RFC 6762 §6.1): it was probed for with ANY, or
   * it is a reverse mapping name, known to be ours. Not while another responder of this host has it.
   */
  get isSolelyOurs(): boolean {
    if (this.claim.state === "established") return true;
    if (this.claim.state !== "unclaimed") return false;
    return this.sets.some((set) => set.ownership === "known-unique" && set.published.length > 0);
  }

  /** The types it has records of now, in ascending order. */
  get publishedTypes(): readonly number[] {
    const types = new Set<number>();
    for (const set of this.sets) if (set.published.length > 0) types.add(set.type);
    return [...types].sort((a, b) => a - b);
  }

  publishedOfType(type: number): readonly OwnSet[] {
    return this.sets.filter(
      (set) => set.published.length > 0 && (type === RecordType.ANY || set.type === type),
    );
  }
}

function sizeOf({ name, data }: ResourceRecord): number {
  return name.octets.length + RECORD_FIXED_SIZE + recordDataOctets(data).length;
}
