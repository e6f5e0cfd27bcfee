/**
 * What a stub listener asks of whoever knows the answers. The listener has the messages: their
 * headers, EDNS, truncation and who may ask; the answerer has the records, of whatever protocol.
 */

import type { ExtendedError } from "../../wire/edns.ts";
import type { Name } from "../../wire/name.ts";
import type { ResourceRecord } from "../../wire/record.ts";

/** The one question of a query, with the bits of it that change the answer. */
export interface StubQuestion {
  readonly name: Name;
  /** A number from `RecordType`, or any other. */
  readonly type: number;
  readonly class: number;
  /** RFC 3225 §3: DO, DNSSEC records are wanted. */
  readonly dnssecOk: boolean;
  /** RFC 4035 §3.2.2: CD, answers that fail validation are wanted. */
  readonly checkingDisabled: boolean;
  readonly recursionDesired: boolean;
  /** RFC 6840 §5.7: AD in a query, AD in the answer is understood. */
  readonly authenticDataWanted: boolean;
}

export interface StubAnswer {
  /** The bits AA, RA and AD of the header; QR, RD, CD, TC and the response code are the listener's. */
  readonly flags: number;
  /** With the upper bits of EDNS, where there are any. */
  readonly responseCode: number;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without an OPT record. */
  readonly additionals: readonly ResourceRecord[];
  /** RFC 8914, to be told to clients that speak EDNS. */
  readonly extendedErrors: readonly ExtendedError[];
}

/** What of a query's flags and EDNS the cached replies depend on. */
export interface CachedQueryFlags {
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

export interface CachedReply {
  /**
   * A whole reply without an OPT record, with the id, RD, CD and the question as the query has them;
   * the caller's to change.
   */
  readonly octets: Uint8Array;
  /** Octets of the query's header and its question: what follows is its EDNS. */
  readonly questionEnd: number;
  /**
   * Milliseconds for which the same query may be given the same reply again, as long as `epoch` stays
   * what it is; 0: it may not.
   */
  readonly validFor: number;
}

export interface QuestionAnswerer {
  /** Another number when replies that were given before may no longer be right. */
  readonly epoch: number;

  /**
   * The fast way: a finished reply to a query's octets where one is known already; undefined: use
   * `answer`. The query has one question, the operation QUERY and no QR bit.
   */
  replyFromCache(query: Uint8Array, flags: CachedQueryFlags): CachedReply | undefined;

  /** So many replies of `replyFromCache` were given again. */
  countRepeated(count: number): void;

  /**
   * Always an answer, SERVFAIL where there is none to be had.
   * @throws DotlocalError ABORTED when the signal is.
   */
  answer(question: StubQuestion, signal?: AbortSignal): Promise<StubAnswer>;
}
