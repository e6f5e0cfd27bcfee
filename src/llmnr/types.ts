/**
 * The LLMNR engine's vocabulary: what its commands take and its events say (RFC 4795).
 *
 * Names are published per link: the layer above (`host`) says what this host is called on each and
 * follows changes. A name that is lost is silent on its link and is never changed.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";

declare const lookupIdBrand: unique symbol;

export type LlmnrLookupId = number & { readonly [lookupIdBrand]: true };

/** Record data under a name; class IN and TTL are the responder's. */
export interface HostedData {
  /** A number from `RecordType`, or any other. */
  readonly type: number;
  readonly data: RecordData;
}

/** A name that this host answers for on a link, with all it holds. */
export interface HostedName {
  readonly name: Name;
  readonly records: readonly HostedData[];
  /**
   * - `unique`: verified before it is answered for without the T bit, and given up in a conflict
   *   (RFC 4795 §4).
   * - `known-unique`: nobody else can have it (reverse names: the address is this host's).
   * - `shared`: several hosts answer, each with the C bit set (RFC 4795 §4).
   */
  readonly ownership: "unique" | "known-unique" | "shared";
}

/** Who else answers for a name, for the log and for `status`. */
export interface Rival {
  readonly address: IpAddress;
  /** The records it answered with, if any. */
  readonly records: readonly ResourceRecord[];
}

export type NameState =
  /** RFC 4795 §4.1: answered for with the T bit set. */
  | { readonly state: "verifying" }
  | { readonly state: "unique"; readonly since: Instant }
  /** RFC 4795 §4.2: not answered for until it is verified again at `retryAt`. */
  | { readonly state: "conflicted"; readonly rival: Rival; readonly retryAt: Instant }
  /** Known to be unique, or not meant to be. */
  | { readonly state: "unverified" };

export interface LlmnrLookupSpec {
  readonly name: Name;
  /** Asked together, a query each (RFC 4795 §2.1.1). */
  readonly types: readonly number[];
  readonly links: "all" | readonly LinkId[];
}

export interface LlmnrAnswer {
  readonly record: ResourceRecord;
  readonly link: LinkId;
  readonly source: IpAddress;
}

/** What became of the question for one type. */
export type TypeOutcome =
  /** At least one record; CNAME records may be among them. */
  | { readonly state: "answered"; readonly type: number; readonly answers: readonly LlmnrAnswer[] }
  /** Somebody has the name, without such a record. */
  | { readonly state: "no-data"; readonly type: number }
  /** Nobody answered. */
  | { readonly state: "silent"; readonly type: number }
  /** Hosts gave different answers, so that none of them can be believed. */
  | { readonly state: "disputed"; readonly type: number };

export type LlmnrEvent =
  /** RFC 4795 §4.1: the name is this host's on the link, for the first time or again. */
  | { readonly kind: "name-verified"; readonly link: LinkId; readonly name: Name }
  /** RFC 4795 §4.1, §4.2: another host has the name and keeps it; it is silent here until `retryAt`. */
  | {
      readonly kind: "name-conflicted";
      readonly link: LinkId;
      readonly name: Name;
      readonly rival: Rival;
      readonly retryAt: Instant;
    }
  /** RFC 4795 §4.2: another host answers for the name, and is the one to give way. */
  | {
      readonly kind: "name-defended";
      readonly link: LinkId;
      readonly name: Name;
      readonly rival: Rival;
    }
  /** RFC 4795 §4.2: somebody says that several hosts answer for a name of ours. Advisory. */
  | {
      readonly kind: "conflict-reported";
      readonly link: LinkId;
      readonly name: Name;
      readonly reporter: IpAddress;
      readonly records: readonly ResourceRecord[];
    }
  /** Hosts gave different answers for a name that was looked up. */
  | {
      readonly kind: "answers-differ";
      readonly link: LinkId;
      readonly name: Name;
      readonly sources: readonly IpAddress[];
    }
  | {
      readonly kind: "lookup-done";
      readonly lookup: LlmnrLookupId;
      /** In the order of the types asked for. */
      readonly outcomes: readonly TypeOutcome[];
    }
  /** A sentinel's question is over; a host that is honest is not among the responders. */
  | {
      readonly kind: "sentinel-done";
      readonly lookup: LlmnrLookupId;
      readonly responders: readonly { readonly link: LinkId; readonly address: IpAddress }[];
    };

/** Reasons for which a received message was not used. */
export type DiscardReason =
  | "malformed"
  | "own-packet"
  | "unicast-query"
  | "unknown-link"
  | "off-link-source"
  | "wrong-source-port"
  | "opcode"
  | "counts"
  | "response-code"
  | "tentative"
  | "unsolicited"
  | "distrusted"
  | "responses-overflow";

export type LlmnrCounter =
  | "queries-received"
  | "queries-of-others"
  | "conflict-queries-received"
  | "conflict-queries-sent"
  | "responses-received"
  | "queries-sent"
  | "tcp-queries-sent"
  | "tcp-queries-received"
  | "responses-sent"
  | "tcp-responses-sent"
  | "truncated-responses-sent"
  | "tentative-responses-sent"
  | "responses-held-back"
  | "connections-accepted"
  | "connections-refused"
  | "connections-timed-out"
  | "lookups-refused"
  | "transmit-failures"
  | "conflicts"
  | `discarded-${DiscardReason}`;
