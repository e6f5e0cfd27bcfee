/** Numbers of the composed engine: those of RFCs with their section, and the bounds we set ourselves. */

import { hours, milliseconds, minutes, seconds } from "../core/time.ts";

/** Hexadecimal digits of a label made from the fallback seed. */
export const FALLBACK_DIGITS = 6;

/** Look-ups under way at once. */
export const LOOKUPS_MAX = 4096;

/** Questions of a stub's clients under way at once. */
export const QUESTIONS_MAX = 8192;

/** Publications (aliases, further hosts, record sets) at once. */
export const PUBLICATIONS_MAX = 4096;

/** Events that wait to be polled; later ones are refused. */
export const HOST_EVENTS_MAX = 65_536;

/**
 * After one family's addresses have come, and the question for the other has gone out, how long the
 * other is waited for when no NSEC record tells. Responders answer both questions of a packet
 * together (RFC 6762 §6.2), and within 120 ms (§6).
 */
export const OTHER_FAMILY_WAIT = milliseconds(300);

/** How long answers of the other links are waited for once one link has answered in full. */
export const SETTLE_WAIT = milliseconds(20);

/**
 * A look-up of records that many hosts may have ends when none came for this long: the longest wait
 * of a responder after a truncated query (RFC 6762 §7.2).
 */
export const QUIET_WAIT = milliseconds(500);

/** Questions of an ended look-up stay this long for the next look-up of the same name to share. */
export const INQUIRY_LINGER = milliseconds(500);

/** Inquiries beyond which none lingers. */
export const INQUIRIES_MAX = 4096;

/** Names followed through CNAMEs in one look-up, the first included (RFC 1034 §3.6.2). */
export const CHAIN_MAX = 8;

/** Aliases after which none is followed from one protocol to another. */
export const ALIASES_MAX = 8;

/** How long a name is known to be nobody's, and how many such names are kept. */
export const ABSENCE_TIME = seconds(5);
export const ABSENCES_MAX = 4096;

/** Seconds that `localhost` answers may be kept (RFC 6761 §6.3 sets none). */
export const LOCALHOST_TTL = 86_400;

/** How much longer protocols that rank higher are waited for once another has found something. */
export const RANK_WAIT = milliseconds(300);

/**
 * How long a name that others are asked for too is asked for by Multicast DNS, unless it is
 * responsible for it: a bare label that nobody has fails by both it and LLMNR after at most three
 * LLMNR queries (RFC 4795 §2.7).
 */
export const SHARED_WAIT = milliseconds(550);

/** When the sentinel asks first, at the latest, and how long Multicast DNS answers are awaited. */
export const SENTINEL_FIRST_MAX = minutes(1);
export const SENTINEL_MDNS_WAIT = seconds(3);

/** Letters of a name that nobody has: as many as names of hosts often have, and never one of them. */
export const SENTINEL_LABEL_MIN = 9;
export const SENTINEL_LABEL_MAX = 14;

/** How long the LLMNR answers of a host that the sentinel has found are ignored. */
export const DISTRUST_TIME = hours(1);
export const POISONERS_MAX = 256;

/**
 * Seconds that answers from the links, and the hosts file, may be kept by those who do not hear of
 * their changes (RFC 6762 §6.7, RFC 8766 §5.5.1).
 */
export const PASSED_TTL_MAX = 10;

/** Questions that are known to be for name servers alone, for the fast way. */
export const UNICAST_QUESTIONS_MAX = 16_384;
