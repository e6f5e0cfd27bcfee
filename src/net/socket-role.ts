/**
 * Which sockets a set of links asks for: a socket a role, so that the role alone tells a datagram's
 * link, family and destination, whoever reads it from the socket.
 */

import type { Arrival, Channel, Endpoint, OutboundDatagram } from "../core/datagram.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { groupOf, LLMNR_PORT, MDNS_PORT } from "./constants.ts";
import type { TransportOptions } from "./transport.ts";

export type SocketRole = {
  readonly link: Link;
  readonly family: Family;
  readonly channel: Channel;
  readonly port: number;
} & ({ readonly kind: "group" } | { readonly kind: "own-address"; readonly address: IpAddress });

/** The address that IPv4 multicasts are sent from. */
export function primaryIpv4(link: Link): IpAddress | undefined {
  return link.addresses.find(({ family }) => family === "ipv4")?.address;
}

/** RFC 6762 §15.1: not for mDNS where another process of this host holds the port. */
function bindsUnicastByDefault(channel: Channel, link: Link): boolean {
  return !(channel === "mdns" && link.sharesPort);
}

/** Where a datagram goes: its channel's group and port, or the endpoint it names. */
export function endpointOf(datagram: OutboundDatagram, options: TransportOptions): Endpoint {
  const { channel, family, destination } = datagram;
  if (destination !== "group") return destination;
  return { address: groupOf(channel, family), port: groupPort(channel, options) };
}

function groupPort(channel: Channel, options: TransportOptions): number {
  return channel === "mdns"
    ? (options.ports?.mdns ?? MDNS_PORT)
    : (options.ports?.llmnr ?? LLMNR_PORT);
}

/** The roles of a set of links, each under a key that stays the same for as long as the role does. */
export function rolesOf(
  links: readonly Link[],
  options: TransportOptions,
): Map<string, SocketRole> {
  const roles = new Map<string, SocketRole>();
  const channels = options.channels.filter(options.uses ?? (() => true));
  for (const link of links) {
    for (const family of link.families) {
      for (const channel of channels) addRoles(roles, link, family, channel, options);
    }
  }
  return roles;
}

function addRoles(
  roles: Map<string, SocketRole>,
  link: Link,
  family: Family,
  channel: Channel,
  options: TransportOptions,
): void {
  const key = `${link.id} ${family} ${channel}`;
  const primary = family === "ipv4" ? primaryIpv4(link) : undefined;
  const port = groupPort(channel, options);
  // A new incarnation joins the group anew: switches that snoop have forgotten the membership.
  roles.set(`${key} ${link.incarnation} ${primary}`, {
    kind: "group",
    link,
    family,
    channel,
    port,
  });
  if (!(options.bindsUnicast ?? bindsUnicastByDefault)(channel, link)) return;
  for (const own of link.addresses) {
    if (own.family !== family) continue;
    const { address } = own;
    roles.set(`${key} ${address}`, { kind: "own-address", link, family, channel, port, address });
  }
}

/** How what a role's socket receives has reached us. */
export function arrivalOf(role: SocketRole): Arrival {
  return role.kind === "group" ? { to: "group" } : { to: "unicast", address: role.address };
}
