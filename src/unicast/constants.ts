/** Numbers of the unicast resolver, each with where it comes from. */

import { hours, milliseconds, minutes, seconds } from "../core/time.ts";

/** The largest answer asked for by UDP: what no path fragments (RFC 6891 §6.2.3, §6.2.5). */
export const UDP_PAYLOAD_SIZE = 1232;

/** RFC 8467 §4.1: queries by TLS and HTTPS are padded to a multiple of this, in octets. */
export const QUERY_PADDING_BLOCK = 128;

/** RFC 6891 §7: for how long a server that refuses EDNS is asked without it. */
export const EDNS_ABSENCE = minutes(15);

// Time and repetition.

/** How long a server that was never heard is waited for before the next is asked as well. */
export const PATIENCE_UNKNOWN = milliseconds(400);

/** The same by TCP, TLS and HTTPS, which shake hands first. */
export const PATIENCE_UNKNOWN_STREAM = milliseconds(1500);

/** Bounds of the patience that measured round trips give; RFC 1536 §1 has it grow from there. */
export const PATIENCE_MIN = milliseconds(200);
export const PATIENCE_MAX = milliseconds(3000);

/** RFC 1536 §1: by this factor patience grows each time around the servers. */
export const PATIENCE_GROWTH = 2;

/** Messages that one question may cause in all, whatever the servers reply. */
export const SENDS_MAX = 16;

/** How long an exchange is left open: later replies tell nothing any more. */
export const EXCHANGE_LIFE = seconds(5);

/** Replies that do not belong to the question, after which it is asked by TCP (RFC 5452 §9.1). */
export const MISMATCHES_MAX = 8;

// Choice of servers.

/** The round trip that a server is credited with until one was measured. */
export const RTT_UNKNOWN = milliseconds(100);

/** Servers whose round trips differ by less than this are taken in the order they are listed. */
export const RTT_BAND = milliseconds(30);

/** What each refusal in a row adds to a server's round trip, and how many count. */
export const REFUSAL_PENALTY = milliseconds(150);
export const REFUSALS_COUNTED_MAX = 8;

/** Part of its round trip that a server keeps each time it is not chosen: it gets its turn again. */
export const RTT_DECAY = 0.98;

/** From the first failure of a server to the first probe of it, and the longest between two. */
export const PROBE_INTERVAL_MIN = seconds(1);
export const PROBE_INTERVAL_MAX = minutes(1);

/** After this time without a question nothing is probed. */
export const PROBE_IDLE = minutes(2);

// Cookies.

/** RFC 7873 §4: octets of the client's cookie. */
export const CLIENT_COOKIE_SIZE = 8;

/** RFC 7873 §7.1: a client's cookie should be renewed after about a day. */
export const CLIENT_COOKIE_LIFE = hours(26);

// Cache.

/** RFC 2308 §7.1: at most five minutes; long enough to keep a storm off, short enough to recover. */
export const FAILURE_LIFE = seconds(5);

/** Questions whose failure is remembered. */
export const FAILURES_MAX = 1000;

/** RFC 8767 §5: after this time a client gets what is stale. */
export const STALE_ANSWER_DELAY = milliseconds(1800);

/** RFC 8767 §5: seconds that a stale record says it is good for. */
export const STALE_TTL = 30;

/** RFC 8767 §5: after a failure what is stale is given at once for this time. */
export const FAILURE_RECHECK = seconds(30);

/** Part of its time after which an answer in use is asked for again. */
export const PREFETCH_POINT = 0.9;

/** Uses that make an answer one that is in use. */
export const PREFETCH_USES = 3;

/** Seconds; shorter lived answers are not fetched ahead. */
export const PREFETCH_TTL_MIN = 10;

/** Fetches ahead at the same time. */
export const PREFETCHES_MAX = 64;

// Bounds.

/** Names of one chain of aliases (RFC 1034 §3.6.2). */
export const CHAIN_MAX = 16;

/** Clients waiting, over all questions. */
export const LOOKUPS_MAX = 8192;

/** Different questions under way. */
export const INQUIRIES_MAX = 2048;

/** Exchanges open, those that nobody waits for included. */
export const EXCHANGES_MAX = 4096;

/** Events and requests not drained. */
export const OUTPUTS_MAX = 16_384;

/** Servers of a route that are used; more are ignored. */
export const SERVERS_MAX = 16;

/** Bounds between which a named server's address is looked up again. */
export const BOOTSTRAP_INTERVAL_MIN = seconds(5);
export const BOOTSTRAP_INTERVAL_MAX = hours(1);
