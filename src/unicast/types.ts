/** The unicast resolver's vocabulary: what its commands take and what its events say. */

import type { Endpoint } from "../core/datagram.ts";
import type { ExchangeServer } from "../core/exchange.ts";
import type { Duration } from "../core/time.ts";
import type { ExtendedError } from "../wire/edns.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";

declare const transactionIdBrand: unique symbol;

/** One client's question, from `resolve` to its event. */
export type TransactionId = number & { readonly [transactionIdBrand]: true };

/** A DNS-over-HTTPS server known by its name: it is looked up at the bootstrap servers first. */
export interface NamedServer {
  readonly transport: "https";
  readonly host: Name;
  readonly port: number;
  readonly serverName: string;
  readonly path: string;
}

/** `udp` is UDP, and TCP where that is not enough; `tcp` is never UDP (`use-vc`). */
export type NameServer = ExchangeServer | NamedServer;

/** Names at or below `domain` are asked at `servers`; the root's route is the default. */
export interface ServerRoute {
  readonly domain: Name;
  /** In order of preference. */
  readonly servers: readonly NameServer[];
}

export interface ServerPlan {
  readonly routes: readonly ServerRoute[];
  /** Asked for the addresses of servers that are known by name. */
  readonly bootstrap: readonly ExchangeServer[];
}

export interface DnsSettings {
  /** How long the servers are waited for in all: `timeout` times `attempts` (resolv.conf). */
  readonly timeout: Duration;
  readonly attempts: number;
  /** Servers take turns (resolv.conf `rotate`). */
  readonly rotateServers: boolean;
  /** The servers and the way to them are trusted to have validated (resolv.conf `trust-ad`). */
  readonly trustAd: boolean;
  /** Address records of an answer take turns in being the first. */
  readonly rotateAnswers: boolean;
  /** Answers kept; 0 keeps none. */
  readonly cacheSizeMax: number;
  /** Seconds. */
  readonly maxTtl: number;
  readonly maxNegativeTtl: number;
  /** Seconds for which an answer may be given after its time; 0: never (RFC 8767). */
  readonly staleTtl: number;
  readonly prefetch: boolean;
}

export interface ResolveSpec {
  readonly name: Name;
  /** A number from `RecordType`, or any other. */
  readonly type: number;
  readonly class: number;
  /** DO: DNSSEC records are wanted. Default false. */
  readonly dnssecOk?: boolean;
  /** CD: answers that fail validation are wanted. Default false. */
  readonly checkingDisabled?: boolean;
  /** Asks the servers of the route for this domain; default: the one the name falls in. */
  readonly route?: Name;
}

export interface Answer {
  /**
   * A response with RD and RA, AD where it may be believed, and no OPT record. Its response code is
   * NOERROR or NXDOMAIN; ttls count down from when it was received.
   */
  readonly message: Message;
  /** `stale`: its time is over and no server gave a newer one (RFC 8767). */
  readonly origin: "server" | "cache" | "stale";
  readonly server: Endpoint;
}

export type FailureReason =
  /** No server is known for the name. */
  | "no-servers"
  /** Nothing came in time. */
  | "timeout"
  /** No server could be reached. */
  | "unreachable"
  /** No server was who it should be. */
  | "certificate"
  /** The servers replied, and none of them with an answer. */
  | "refused"
  /** Aliases without an end, or too many of them. */
  | "alias-loop"
  /** Too much is under way. */
  | "limit";

export interface Failure {
  readonly reason: FailureReason;
  /** The last server's response code, e.g. SERVFAIL; SERVFAIL where none replied. */
  readonly responseCode: number;
  readonly extendedErrors: readonly ExtendedError[];
}

export type DnsEvent =
  | { readonly kind: "answered"; readonly id: TransactionId; readonly answer: Answer }
  | { readonly kind: "failed"; readonly id: TransactionId; readonly failure: Failure };

/** Why a reply was left aside: RFC 5452 §9.1, RFC 7873 §5.3. */
export type MismatchReason = "no-response" | "id" | "source" | "question" | "cookie";

export type DnsCounter =
  | "questions"
  | "cache-hits"
  | "cache-misses"
  | "stale-answers"
  | "merged-questions"
  | "prefetches"
  | "probes"
  | "requests-sent"
  | "retransmissions"
  | "truncated-replies"
  | "tcp-retries"
  | "late-replies"
  | "cookies-renewed"
  | "failures"
  | "limits"
  | "malformed-replies"
  | `mismatched-${MismatchReason}`;
