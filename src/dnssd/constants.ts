/** Numbers of DNS-SD: those of RFCs with their section, and the bounds we set ourselves. */

import { milliseconds, seconds } from "../core/time.ts";

/** RFC 6762 §10: seconds, for records that neither belong to nor point at a host name. */
export const SERVICE_TTL = 4500;

/** RFC 6762 §10: seconds, for records that a host name is in: SRV. */
export const SRV_TTL = 120;

/** RFC 6335 §5.1: characters in a service name, without its underscore. */
export const SERVICE_NAME_SIZE_MAX = 15;

/** RFC 1035 §3.3.14: octets in one string of a TXT record. */
export const TXT_STRING_SIZE_MAX = 255;

/** RFC 6762 §17: a message has at most 9000 octets, headers and the record's own name included. */
export const TXT_SIZE_MAX = 8400;

/** Groups of services published at once. */
export const GROUPS_MAX = 4096;

/** Names kept for groups that had to take another one. */
export const REMEMBERED_MAX = 4096;

/** Services in one group, and subtypes of one service. */
export const SERVICES_A_GROUP_MAX = 256;
export const SUBTYPES_A_SERVICE_MAX = 64;

/** Standing browses, and instances that are kept resolved, at once. */
export const BROWSES_MAX = 1024;
export const WATCHES_MAX = 8192;

/** Service types that one browse of all types follows; instances that one browse holds. */
export const TYPES_A_BROWSE_MAX = 1024;
export const INSTANCES_A_BROWSE_MAX = 65_536;

/** Hosts whose addresses one watch follows: its links may differ in what SRV says. */
export const HOSTS_A_WATCH_MAX = 16;

/** Look-ups of instances under way at once. */
export const INSTANCE_LOOKUPS_MAX = 4096;

/** How long the other links are waited for once an instance is resolved on one. */
export const OTHER_LINKS_WAIT = milliseconds(20);

/**
 * After SRV and an address are known, how long the rest (TXT, the other family) is waited for.
 * Responders answer the questions of a packet together (RFC 6762 §6.2), and within 120 ms (§6).
 */
export const REST_WAIT = milliseconds(300);

/** An instance whose SRV record or addresses do not come for this long may be gone (RFC 6762 §10.4). */
export const DOUBT_WAIT = seconds(5);

/** Events that wait to be polled; later ones are refused. */
export const DNSSD_EVENTS_MAX = 131_072;
