/** Ports and groups that the simulated sockets use, one pair a channel. */

import type { Channel } from "../core/datagram.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";

/** RFC 6762 §3, RFC 4795 §2: where a datagram to `"group"` goes. */
export const GROUP_ADDRESSES: Readonly<Record<Channel, Readonly<Record<Family, IpAddress>>>> = {
  mdns: { ipv4: "224.0.0.251" as IpAddress, ipv6: "ff02::fb" as IpAddress },
  llmnr: { ipv4: "224.0.0.252" as IpAddress, ipv6: "ff02::1:3" as IpAddress },
};

/** RFC 6762 §2. */
export const MDNS_PORT = 5353;

/** RFC 4795 §2. */
export const LLMNR_PORT = 5355;

/** RFC 6335 §6: the first of the ports that operating systems hand out. */
export const EPHEMERAL_PORT_FIRST = 49152;

/** Octets of the largest UDP message over IPv4; a longer one fails as `EMSGSIZE`. */
export const UDP_MESSAGE_SIZE_MAX = 65507;

/** Prefix lengths of addresses that are given without one. */
export const PREFIX_LENGTH_DEFAULT: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };

export const MTU_DEFAULT = 1500;

/** Inputs without a step of time after which an engine is held to be stuck. */
export const INPUTS_WITHOUT_PROGRESS_MAX = 10_000;
