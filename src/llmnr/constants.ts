/** Numbers of RFC 4795, each with its section, and the bounds that we set ourselves. */

import type { Family, IpAddress } from "../core/ip-address.ts";
import { hours, milliseconds, seconds } from "../core/time.ts";

/** RFC 4795 §2: the port of queries and responses, by UDP and by TCP. */
export const LLMNR_PORT = 5355;

/** RFC 4795 §2: the groups that queries are sent to. */
export const GROUPS: Readonly<Record<Family, IpAddress>> = {
  ipv4: "224.0.0.252" as IpAddress,
  ipv6: "ff02::1:3" as IpAddress,
};

/** RFC 4795 §7: bound of the random delay before a query or a response. */
export const JITTER_INTERVAL = milliseconds(100);

/** RFC 4795 §7: how long an answer is waited for, on IEEE 802 media. */
export const LLMNR_TIMEOUT = milliseconds(100);

/** RFC 4795 §2.7: how often a query is sent at most. */
export const TRANSMISSIONS_MAX = 3;

/** RFC 4795 §2.8: TTL in seconds of the records in a response. */
export const RECORD_TTL = 30;

/** RFC 4795 §2.1: octets of a UDP message when nothing tells that more will pass. */
export const PAYLOAD_SIZE_DEFAULT = 512;

/** RFC 4795 §2.1: octets of the largest UDP message that has to be taken. */
export const PAYLOAD_SIZE_MAX = 9194;

/** RFC 768, RFC 791, RFC 8200: octets of the headers before a message. */
export const HEADERS_SIZE: Readonly<Record<Family, number>> = { ipv4: 28, ipv6: 48 };

/** RFC 4795 §2.5: TTL and hop limit of TCP packets, so that nothing passes a router. */
export const TCP_HOP_LIMIT = 1;

/** RFC 6891 §6.1.3: the version of EDNS that is understood. */
export const EDNS_VERSION = 0;

/**
 * How long further answers may follow the first one before a look-up is over: two hosts that answer
 * the same query differently are found out by it.
 */
export const SETTLE_WAIT = milliseconds(25);

/** A name with different answers is looked at this long afterwards with all answers awaited. */
export const DISPUTE_MEMORY = seconds(30);
export const DISPUTES_MAX = 256;

/** How long a TCP connection and its answer are waited for. */
export const TCP_ANSWER_WAIT = seconds(1);

/** Look-ups under way at once, and those that wait for their turn. */
export const LOOKUPS_ACTIVE_MAX = 128;
export const LOOKUPS_WAITING_MAX = 2048;

/** Responses taken by one query on one link and family; those beyond are dropped and counted. */
export const RESPONSES_PER_QUERY_MAX = 32;

/** Responses that wait out their random delay; those beyond are dropped and counted. */
export const RESPONSES_PENDING_MAX = 256;

/** UDP responses a second, to one host and on a link in all; those beyond are dropped and counted. */
export const RESPONSES_PER_HOST_MAX = 50;
export const RESPONSES_PER_LINK_MAX = 500;
export const RESPONSE_WINDOW = seconds(1);
/** Hosts whose responses are counted apart. */
export const PACED_HOSTS_MAX = 256;

/** Connections of other hosts at once, in all and from one address. */
export const CONNECTIONS_MAX = 64;
export const CONNECTIONS_PER_HOST_MAX = 8;

/** A connection on which no query came for this long is closed, and one that is older than that. */
export const CONNECTION_IDLE_MAX = seconds(5);
export const CONNECTION_AGE_MAX = seconds(30);

/** Queries on one connection, after which it is closed. */
export const CONNECTION_QUERIES_MAX = 64;

/** RFC 4795 §4.2: a lost name is tried again after its TTL, and no sooner or later than this. */
export const RETRY_WAIT_MIN = seconds(5);
export const RETRY_WAIT_MAX = hours(1);
/** So that two hosts that gave way to each other do not try at the same instant. */
export const RETRY_SPREAD = seconds(3);

/** A name is not verified more often than this for queries with the C bit, which anybody can send. */
export const CHECK_INTERVAL_MIN = seconds(5);

/** Hosts whose answers for single labels are ignored; the least recently found go first. */
export const DISTRUSTED_HOSTS_MAX = 1024;

/** Names of this host on a link. */
export const NAMES_MAX = 1024;

/** Datagrams, exchange commands and events that wait for the caller to drain them. */
export const TRANSMITS_MAX = 4096;
export const COMMANDS_MAX = 16_384;
export const EVENTS_MAX = 16_384;
