/**
 * What DNS-SD needs of the protocols that carry its records: to publish sets of records, and to ask
 * standing questions, over all links at once (RFC 6763 is written on top of ordinary DNS records).
 *
 * The engine in `host/` binds this to Multicast DNS; DNS-SD itself knows no link protocol. Commands
 * go through `RecordPort`; what comes of them reaches DNS-SD as `RecordEvent` values.
 */

import type { Family, IpAddress } from "../core/ip-address.ts";
import type { LinkFilter, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";

declare const recordSetIdBrand: unique symbol;
declare const recordQueryIdBrand: unique symbol;

export type RecordSetId = number & { readonly [recordSetIdBrand]: true };
export type RecordQueryId = number & { readonly [recordQueryIdBrand]: true };

/** A record to publish, of class IN. */
export interface PortRecord {
  readonly name: Name;
  readonly type: number;
  /** Seconds. RFC 6762 §10: 120 where owner name or data is a host name, else 4500. */
  readonly ttl: number;
  readonly data: RecordData;
  /**
   * - `unique`: probed for, conflicts are told.
   * - `known-unique`: one owner by nature, neither probed for nor fought over.
   * - `shared`: many hosts may have it.
   */
  readonly ownership: "unique" | "known-unique" | "shared";
  /** Left to another responder of this very host while one answers for the name. */
  readonly cedable: boolean;
  /** Published on this family's group alone; undefined: on both. */
  readonly family?: Family | undefined;
}

/** The link a record set is published on, as far as its records may depend on it. */
export interface Place {
  readonly link: LinkId;
  /** The interface's name, e.g. `eth0`. */
  readonly linkName: string;
  /** What this host is called there, e.g. `node-1.local`; changes when the host is renamed. */
  readonly hostName: Name;
}

/** Records that stand and fall together: one conflict takes the whole set from its link. */
export interface RecordSetSpec {
  /** Links that come later are chosen by it too. */
  readonly links: LinkFilter;
  /**
   * The records on one link. Called again whenever the link or the host's name there changes, so it
   * must depend on nothing but its argument and data that `update` would replace.
   */
  readonly recordsAt: (place: Place) => readonly PortRecord[];
}

export interface RecordQuerySpec {
  readonly name: Name;
  readonly type: number;
  readonly links: LinkFilter;
}

/** A record as a query's owner sees it. */
export interface RecordAnswer {
  readonly record: ResourceRecord;
  readonly link: LinkId;
  /** Published by this program itself. */
  readonly own: boolean;
  /** Where it was last received from; undefined when `own`. */
  readonly source: IpAddress | undefined;
  /** When the record's TTL is over; `NEVER` when `own`. */
  readonly expires: Instant;
}

/** Why a name was lost. */
export interface RecordRival {
  /** Source address of the packet that won. */
  readonly address: IpAddress;
  /** Its record that conflicts with ours. */
  readonly record: ResourceRecord;
}

/** The state of a record set on one link. */
export type RecordSetState =
  /** Nothing is published: the mode forbids it, or the set has no records there. */
  | { readonly state: "held" }
  | { readonly state: "probing" }
  | { readonly state: "registered"; readonly since: Instant }
  | { readonly state: "conflicted"; readonly name: Name; readonly rival: RecordRival };

export type RecordEvent =
  /** All unique names of the set are ours on the link. Again after each re-probing. */
  | { readonly kind: "set-registered"; readonly set: RecordSetId; readonly link: LinkId }
  /** A name was lost on the link; the owner updates the set or withdraws it. */
  | {
      readonly kind: "set-conflicted";
      readonly set: RecordSetId;
      readonly link: LinkId;
      readonly name: Name;
      readonly rival: RecordRival;
    }
  | {
      readonly kind: "answer-added" | "answer-removed";
      readonly query: RecordQueryId;
      readonly answer: RecordAnswer;
    }
  /** The owner of the name says that it has no record of the type (RFC 6762 §6.1). */
  | {
      readonly kind: "negative";
      readonly query: RecordQueryId;
      readonly link: LinkId;
      readonly expires: Instant;
    }
  /** The question went out on the link for the first time. */
  | { readonly kind: "asked"; readonly query: RecordQueryId; readonly link: LinkId };

export interface RecordPort {
  registerSet(spec: RecordSetSpec, now: Instant): RecordSetId;
  /** The set's whole new records; only what changed goes on the wire (RFC 6762 §8.4). */
  updateSet(id: RecordSetId, spec: RecordSetSpec, now: Instant): void;
  /** Takes the records back with goodbyes. */
  withdrawSet(id: RecordSetId, now: Instant): void;
  /** The state on every link the set is chosen for. */
  setStates(id: RecordSetId): ReadonlyMap<LinkId, RecordSetState>;

  /** Asks until stopped; answers known already come as events at once. */
  startQuery(spec: RecordQuerySpec, now: Instant): RecordQueryId;
  stopQuery(id: RecordQueryId, now: Instant): void;
  /** Everything known now that answers the query, own records included. */
  answers(id: RecordQueryId, now: Instant): readonly RecordAnswer[];

  /** RFC 6762 §10.4: a record that seems not to work is asked for again and goes unless confirmed. */
  reconfirm(
    target: { readonly name: Name; readonly type: number; readonly data?: RecordData },
    now: Instant,
  ): void;
}
