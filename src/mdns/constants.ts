/** Numbers of RFC 6762, each with its section, and the bounds that we set ourselves. */

import { type Duration, hours, milliseconds, minutes, seconds } from "../core/time.ts";

/** RFC 6762 §3: the port that all mDNS queries and responses use. */
export const MDNS_PORT = 5353;

/** RFC 6762 §10: TTL in seconds of records whose owner name or data is a host name. */
export const HOST_TTL = 120;

/** RFC 6762 §10: TTL in seconds of all other records. */
export const OTHER_TTL = 4500;

/** RFC 6762 §5.2: random delay before the first query of a series. */
export const FIRST_QUERY_DELAY_MIN = milliseconds(20);
export const FIRST_QUERY_DELAY_MAX = milliseconds(120);

/** RFC 6762 §5.2: interval between the first two queries, doubling up to the longest. */
export const QUERY_INTERVAL_FIRST = seconds(1);
export const QUERY_INTERVAL_MAX = hours(1);

/** RFC 6762 §5.2: parts of a TTL at which a wanted record is asked for again, and the jitter. */
export const REFRESH_PERCENTAGES: readonly number[] = [80, 85, 90, 95];
export const REFRESH_JITTER_PERCENT = 2;

/** RFC 6762 §6: delay of an answer that others may give too. */
export const SHARED_RESPONSE_DELAY_MIN = milliseconds(20);
export const SHARED_RESPONSE_DELAY_MAX = milliseconds(120);

/** RFC 6762 §7.2: delay of the answer to a query whose known answers continue (TC). */
export const TRUNCATED_QUERY_DELAY_MIN = milliseconds(400);
export const TRUNCATED_QUERY_DELAY_MAX = milliseconds(500);

/** RFC 6762 §6: a record is not multicast again sooner, and the exception for answering a probe. */
export const MULTICAST_INTERVAL_MIN = seconds(1);
export const PROBE_DEFENCE_INTERVAL_MIN = milliseconds(250);

/**
 * A query that arrives so soon after the multicast of its answer was on its way before that, and its
 * sender has the answer. RFC 6762 names no time; this is that of a slow link.
 */
export const QUERY_TRAVEL_TIME = milliseconds(50);

/** RFC 6762 §5.4: a record not multicast within this part of its TTL is multicast despite QU. */
export const UNICAST_RESPONSE_TTL_DIVISOR = 4;

/** RFC 6762 §6: how long after a QU question a unicast response to it is accepted. */
export const UNICAST_RESPONSE_WAIT = seconds(2);

/** RFC 6762 §6.7: largest TTL in seconds in a legacy unicast response. */
export const LEGACY_TTL_MAX = 10;

/** RFC 6762 §8.1: random wait before the first probe, interval, and how many. */
export const PROBE_DELAY_MAX = milliseconds(250);
export const PROBE_INTERVAL = milliseconds(250);
export const PROBE_COUNT = 3;

/** RFC 6762 §8.1: this many conflicts within the window bring the longer pause. */
export const CONFLICTS_MAX = 15;
export const CONFLICT_WINDOW = seconds(10);
export const CONFLICT_PAUSE = seconds(5);

/** RFC 6762 §8.2: the loser of a simultaneous probe waits before it probes again. */
export const TIEBREAK_LOSER_WAIT = seconds(1);

/** RFC 6762 §8.3: interval between the first two announcements, doubling after. */
export const ANNOUNCE_INTERVAL_FIRST = seconds(1);
export const ANNOUNCEMENTS_MIN = 2;

/** RFC 6762 §10.1: a record whose goodbye came is kept for this long. */
export const GOODBYE_GRACE = seconds(1);

/** RFC 6762 §10.2: records older than this are flushed by a cache-flush bit, after the grace. */
export const CACHE_FLUSH_AGE = seconds(1);
export const CACHE_FLUSH_GRACE = seconds(1);

/** RFC 6762 §10.4: a record under reconfirmation is gone after two queries in this time. */
export const RECONFIRM_WAIT = seconds(10);

/** RFC 6762 §10.5: unanswered queries of others, and the time in which they are seen. */
export const POOF_QUERIES = 2;
export const POOF_WAIT = seconds(10);

/** RFC 6762 §7.3: a question of another host suppresses ours when ours is due this soon. */
export const DUPLICATE_QUESTION_WINDOW = seconds(1);

/** RFC 6762 §17: octets of the largest IP packet, with headers, for one oversized record. */
export const PACKET_SIZE_MAX = 9000;

/** RFC 768, RFC 791, RFC 8200: octets of the headers before our message. */
export const IPV4_UDP_HEADER_SIZE = 28;
export const IPV6_UDP_HEADER_SIZE = 48;

/**
 * How long a packet or record of ours may come back from the link and still be taken as our own:
 * reflectors and access points return them late. No RFC; observed up to two seconds.
 */
export const ECHO_WINDOW = seconds(5);

/** Packets and records remembered for it, over all links. */
export const ECHO_PACKETS_MAX = 512;
export const ECHO_RECORDS_MAX = 4096;

/** Records of other hosts kept a link by default: those of 50,000 services. */
export const CACHE_SIZE_DEFAULT = 262_144;

/** RFC 6762 has no limit on TTLs; a record is believed no longer than this, in seconds. */
export const CACHE_TTL_MAX_DEFAULT = 24 * 3600;

/** Multicast packets a second a link by default, beyond which sending waits. */
export const PACKETS_PER_SECOND_DEFAULT = 200;

/** Packets that wait for the next second; those beyond are dropped and counted. */
export const HELD_PACKETS_MAX = 200;

/** RFC 6762 §7.2: queriers whose continued known answers are awaited, and packets of each. */
export const TRUNCATED_QUERIERS_MAX = 64;
export const TRUNCATED_PACKETS_MAX = 16;

/** Questions taken from one packet; those beyond are ignored and counted. */
export const QUESTIONS_MAX = 256;

/** While another responder of this host has the host name: how often we look whether it still does. */
export const CEDED_CHECK_INTERVAL = minutes(1);

/** Packets and events that wait for the caller to drain them. */
export const TRANSMITS_MAX = 10_000;
export const EVENTS_MAX = 1_000_000;

/** Questions a link that are due some time; those beyond wait until others have been sent. */
export const ACTIVE_QUESTIONS_MAX = 4096;

/** Unanswered questions that are repeated in a message each; where there are more, they share one. */
export const LONE_QUESTIONS_MAX = 8;

/** Transmissions of a question that only one-shot queries want: at about 0, 1, 3 and 7 seconds. */
export const ONE_SHOT_QUERIES_MAX = 4;

/** A continuous query that joins a question asked within this time causes no query of its own. */
export const JOINED_QUESTION_AGE_MAX = minutes(1);

/** Interval at which a question is asked again whose unique answer has been lost. */
export const LOST_ANSWER_INTERVAL = seconds(10);

/** Known answers that go with one query, over all its packets. */
export const KNOWN_ANSWERS_MAX = 1024;

/** RFC 6762 §10.3: how long wanted records of a link that was lost are kept unbelieved. */
export const RESET_GRACE = seconds(5);

/** RFC 6762 §10.4: when the queries of a reconfirmation go out after the first, and how many run. */
export const RECONFIRM_INTERVALS: readonly Duration[] = [seconds(1), seconds(4)];
export const RECONFIRMATIONS_MAX = 256;

/** RFC 6762 §10.5: packets of one query (a family each) are no further apart, and sets watched. */
export const POOF_QUERY_INTERVAL_MIN = milliseconds(500);
export const POOF_SETS_MAX = 256;

/** Part of the cache that the records of one name and type may take, and how many they always may. */
export const RECORD_SET_SHARE = 0.5;
export const RECORD_SET_SIZE_MIN = 1000;

/** Types cached of one name. */
export const TYPES_PER_NAME_MAX = 32;

/** Records that no query wants leave the cache at the next multiple of this after their end. */
export const UNWANTED_EXPIRY_STEP = seconds(1);

/**
 * RFC 6762 §6.4 lets an answer wait up to 500 ms longer for others to share its packet. We wait no
 * longer than the random delay itself: whoever browses should not feel it.
 */
export const AGGREGATION_WAIT_MAX = milliseconds(120);

/** Hosts for which delayed unicast answers are pending; the answers for others are multicast. */
export const UNICAST_RESPONSES_PENDING_MAX = 256;

/** Legacy queries whose delayed answers are pending; those beyond are answered at once. */
export const LEGACY_RESPONSES_PENDING_MAX = 256;

/** Legacy responses kept to be sent again, for at most how long, and to queries of at most what size. */
export const PREPARED_RESPONSES_MAX = 256;
export const PREPARED_RESPONSE_LIFE = seconds(1);
export const PREPARED_QUERY_SIZE_MAX = 512;

/** RFC 6762 §9: pause before a name is probed for after its second contest; then it doubles. */
export const CONTEST_WAIT_FIRST = seconds(1);

/** A contest this long after the one before is a new one. Of how many names we remember them. */
export const CONTEST_MEMORY = seconds(8);
export const CONTESTED_NAMES_MAX = 1024;

/** How long the other responder of this host has to answer when we look for it. */
export const CEDED_CHECK_WAIT = seconds(1);
