/** Protocol numbers that the sockets need; what the protocols do with them is the engines'. */

import type { Channel } from "../core/datagram.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";

/** RFC 6762 §3: the port of Multicast DNS. */
export const MDNS_PORT = 5353;

/** RFC 4795 §2: the port of LLMNR. */
export const LLMNR_PORT = 5355;

/** RFC 6762 §3: the groups of Multicast DNS. */
const MDNS_GROUPS: Record<Family, IpAddress> = {
  ipv4: "224.0.0.251" as IpAddress,
  ipv6: "ff02::fb" as IpAddress,
};

/** RFC 4795 §2: the groups of LLMNR. */
const LLMNR_GROUPS: Record<Family, IpAddress> = {
  ipv4: "224.0.0.252" as IpAddress,
  ipv6: "ff02::1:3" as IpAddress,
};

/** The multicast group to which a channel's `"group"` datagrams go. */
export function groupOf(channel: Channel, family: Family): IpAddress {
  return channel === "mdns" ? MDNS_GROUPS[family] : LLMNR_GROUPS[family];
}

/** RFC 6762 §11, RFC 4795 §2.5: hop limit of everything we send, multicast and unicast. */
export const HOP_LIMIT = 255;

/** RFC 6762 §17: the largest payload of a message, 9000 octets with the headers of IP and UDP. */
export const PAYLOAD_SIZE_MAX = 9216;
