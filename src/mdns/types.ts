/**
 * The mDNS engine's vocabulary: what its commands take and its events say (RFC 6762).
 *
 * Everything here is per link. A record set is published on a link; the layer above (`host`)
 * registers it on each link where it is wanted and decides what a lost name is called next.
 */

import type { Family, IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";

declare const registrationIdBrand: unique symbol;
declare const queryIdBrand: unique symbol;

export type RegistrationId = number & { readonly [registrationIdBrand]: true };
export type QueryId = number & { readonly [queryIdBrand]: true };

/** A record to publish. Its class is IN; cache-flush follows from `ownership` (RFC 6762 §10.2). */
export interface PublishedRecord {
  readonly name: Name;
  readonly type: number;
  /** Seconds. RFC 6762 §10: 120 where owner name or data is a host name, else 4500. */
  readonly ttl: number;
  readonly data: RecordData;
  /**
   * - `unique`: probed for (§8.1), cache-flush, conflicts are detected.
   * - `known-unique`: cache-flush, neither probed for nor fought over: reverse mapping records.
   * - `shared`: many hosts may have it; no cache-flush.
   */
  readonly ownership: "unique" | "known-unique" | "shared";
  /**
   * Address and reverse records of the host name: left to another responder of this very host while
   * one answers for the name (its packets carry our own addresses).
   */
  readonly cedable: boolean;
  /** Published on this family's group alone; undefined: on both. */
  readonly family?: Family | undefined;
}

export interface RegistrationSpec {
  readonly records: readonly PublishedRecord[];
}

/** Why a name was lost, for the log and for `status`. */
export interface Rival {
  /** Source address of the packet that won. */
  readonly address: IpAddress;
  /** Its record that conflicts with ours. */
  readonly record: ResourceRecord;
}

/** The state of one registration on its link. */
export type RegistrationState =
  /** Probing for its unique names (RFC 6762 §8.1), `conflicts` times set back so far. */
  | { readonly state: "probing"; readonly conflicts: number }
  /** All unique names won; announcements (§8.3) may still be going out. */
  | { readonly state: "registered"; readonly since: Instant }
  /** `name` belongs to another host; nothing of the registration is published until it changes. */
  | { readonly state: "conflicted"; readonly name: Name; readonly rival: Rival };

/** RFC 6762 §5.2, §5.4: a standing question, on some links or on all that there are and will be. */
export interface QuerySpec {
  readonly name: Name;
  readonly type: number;
  readonly links: "all" | readonly LinkId[];
  /**
   * - `continuous`: retransmitted with growing intervals and kept fresh until stopped.
   * - `one-shot`: the same schedule for the first seconds, no refresh, for a look-up that its owner
   *   ends.
   */
  readonly mode: "continuous" | "one-shot";
}

/** A record as a query's owner sees it. */
export interface Answer {
  readonly record: ResourceRecord;
  readonly link: LinkId;
  /** Published by this engine itself. */
  readonly own: boolean;
  /** Where it was last received from; undefined when `own`. */
  readonly source: IpAddress | undefined;
  /** When the record's TTL is over; `NEVER` when `own`. */
  readonly expires: Instant;
}

export type MdnsEvent =
  /** All unique names of the registration are ours now. Again after each re-probing. */
  | { readonly kind: "registered"; readonly registration: RegistrationId; readonly link: LinkId }
  /** A name of it was lost; its state is `conflicted`. The owner updates or withdraws it. */
  | {
      readonly kind: "conflicted";
      readonly registration: RegistrationId;
      readonly link: LinkId;
      readonly name: Name;
      readonly rival: Rival;
    }
  /**
   * Another responder of this host answers for `name`: its cedable records are left to it; or it has
   * gone and they are ours again.
   */
  | {
      readonly kind: "ceded" | "reclaimed";
      readonly registration: RegistrationId;
      readonly link: LinkId;
      readonly name: Name;
    }
  /** A record that answers the query came, or went (expired, said goodbye, was flushed). */
  | {
      readonly kind: "answer-added" | "answer-removed";
      readonly query: QueryId;
      readonly answer: Answer;
    }
  /** An NSEC record of the owner says that the name has no record of the type (RFC 6762 §6.1). */
  | {
      readonly kind: "negative";
      readonly query: QueryId;
      readonly link: LinkId;
      readonly expires: Instant;
    }
  /** The query went out on the link for the first time. */
  | { readonly kind: "asked"; readonly query: QueryId; readonly link: LinkId };

/** What can be tuned. Every default is the RFC's. */
export interface MdnsSettings {
  /** RFC 6762 §8.3: two to eight. */
  readonly announcements: number;
  /** Records kept a link; the least recently useful go first. */
  readonly cacheSizeMax: number;
  /** Longest time a record is believed, in seconds, whatever its TTL says. */
  readonly cacheTtlMax: number;
  /** Multicast packets a second a link that nothing can exceed. */
  readonly packetsPerSecondMax: number;
}

/** Reasons for which a received packet, or a part of it, was not used. */
export type DiscardReason =
  | "own-packet"
  | "malformed"
  | "off-link-source"
  | "wrong-source-port"
  | "opcode"
  | "response-code"
  | "unknown-link"
  | "known-answers-overflow"
  | "too-many-questions";

export type MdnsCounter =
  | "queries-received"
  | "responses-received"
  | "probes-received"
  | "queries-sent"
  | "probes-sent"
  | "responses-sent"
  | "announcements-sent"
  | "goodbyes-sent"
  | "unicast-responses-sent"
  | "legacy-responses-sent"
  | "answers-suppressed"
  | "questions-suppressed"
  | "packets-held-back"
  | "records-omitted"
  | "transmit-failures"
  | "conflicts"
  | "cache-evictions"
  | `discarded-${DiscardReason}`;

export interface CachedRecord {
  readonly record: ResourceRecord;
  readonly link: LinkId;
  readonly source: IpAddress;
  readonly remaining: Duration;
}
