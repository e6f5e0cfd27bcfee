/** Makes the descriptor of a role with every option that `node:dgram` does not reach. */

import { type Family, ipAddressOctets } from "../../core/ip-address.ts";
import { groupOf, HOP_LIMIT } from "../constants.ts";
import { primaryIpv4, type SocketRole } from "../socket-role.ts";
import { type Libc, SystemError } from "./libc.ts";
import { socketAddress } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/**
 * Room for 20,000 announcements at once, from every host of a large link. The kernel doubles what is
 * asked for, counts about 1280 octets for each of them, and takes the memory when it is needed.
 */
const RECEIVE_BUFFER_SIZE = 20_000 * 640;
const SEND_BUFFER_SIZE = 1 << 19;

/**
 * A bound, non-blocking descriptor, its group joined.
 * @throws SystemError when the operating system refuses; nothing is left open then.
 */
export function openSocket(libc: Libc, role: SocketRole): number {
  return openUdp(libc, role.family, (descriptor) => {
    setGeneralOptions(libc, descriptor, role);
    if (role.family === "ipv4") setIpv4Options(libc, descriptor, role);
    else setIpv6Options(libc, descriptor, role);
    bind(libc, descriptor, role);
    if (role.kind === "group") join(libc, descriptor, role);
  });
}

/**
 * A non-blocking descriptor of UDP that `prepare` has set up.
 * @throws SystemError, and what `prepare` throws; nothing is left open then.
 */
export function openUdp(libc: Libc, family: Family, prepare: (descriptor: number) => void): number {
  const domain = family === "ipv4" ? option.AF_INET : option.AF_INET6;
  const type = option.SOCK_DGRAM | option.SOCK_NONBLOCK | option.SOCK_CLOEXEC;
  const descriptor = libc.call("socket", domain, type, 0);
  try {
    prepare(descriptor);
    return descriptor;
  } catch (error) {
    libc.call("close", descriptor);
    throw error;
  }
}

function setGeneralOptions(libc: Libc, descriptor: number, role: SocketRole): void {
  const { SOL_SOCKET } = option;
  // RFC 6762 §15: the port is shared with other responders of this host.
  libc.setIntOption(descriptor, SOL_SOCKET, option.SO_REUSEADDR, 1);
  libc.setIntOption(descriptor, SOL_SOCKET, option.SO_REUSEPORT, 1);
  bindToDevice(libc, descriptor, role.link.name);
  const { SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE } = option;
  setBufferSize(libc, descriptor, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER_SIZE);
  setBufferSize(libc, descriptor, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER_SIZE);
}

/**
 * Before Linux 5.7 this needs CAP_NET_RAW. Without it, groups and link-local addresses still keep
 * links apart (membership by index, scope ids); only a packet to one link's global address that
 * comes in through another link is attributed to the address's link.
 */
export function bindToDevice(libc: Libc, descriptor: number, name: string): void {
  const octets = new TextEncoder().encode(`${name}\0`);
  ignoring("EPERM", () => {
    libc.setOption(descriptor, option.SOL_SOCKET, option.SO_BINDTODEVICE, octets);
  });
}

export function setBufferSize(
  libc: Libc,
  descriptor: number,
  privileged: number,
  ordinary: number,
  size: number,
): void {
  try {
    libc.setIntOption(descriptor, option.SOL_SOCKET, privileged, size);
  } catch {
    libc.setIntOption(descriptor, option.SOL_SOCKET, ordinary, size);
  }
}

export function setIpv4Options(
  libc: Libc,
  descriptor: number,
  { link }: Pick<SocketRole, "link">,
): void {
  const { IPPROTO_IP } = option;
  libc.setIntOption(descriptor, IPPROTO_IP, option.IP_MULTICAST_ALL, 0);
  libc.setIntOption(descriptor, IPPROTO_IP, option.IP_TTL, HOP_LIMIT);
  libc.setIntOption(descriptor, IPPROTO_IP, option.IP_MULTICAST_TTL, HOP_LIMIT);
  // RFC 6762 §15: other responders of this host hear us.
  libc.setIntOption(descriptor, IPPROTO_IP, option.IP_MULTICAST_LOOP, 1);
  const address = primaryIpv4(link);
  const source = address === undefined ? undefined : ipAddressOctets(address);
  const request = ipMreqn(undefined, source, link.id);
  libc.setOption(descriptor, IPPROTO_IP, option.IP_MULTICAST_IF, request);
}

export function setIpv6Options(
  libc: Libc,
  descriptor: number,
  { link }: Pick<SocketRole, "link">,
): void {
  const { IPPROTO_IPV6 } = option;
  libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_V6ONLY, 1);
  // Unknown before Linux 4.20; there the scope of the bound group keeps other links out.
  ignoring("ENOPROTOOPT", () => {
    libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_MULTICAST_ALL, 0);
  });
  libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_UNICAST_HOPS, HOP_LIMIT);
  libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_MULTICAST_HOPS, HOP_LIMIT);
  libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_MULTICAST_LOOP, 1);
  libc.setIntOption(descriptor, IPPROTO_IPV6, option.IPV6_MULTICAST_IF, link.id);
}

function bind(libc: Libc, descriptor: number, role: SocketRole): void {
  const { family, port, link } = role;
  const address = role.kind === "group" ? groupOf(role.channel, family) : role.address;
  const octets = socketAddress(family, { address, port }, link.id);
  libc.call("bind", descriptor, octets, octets.length);
}

function join(libc: Libc, descriptor: number, { channel, family, link }: SocketRole): void {
  const group = ipAddressOctets(groupOf(channel, family));
  if (family === "ipv4") {
    const request = ipMreqn(group, undefined, link.id);
    libc.setOption(descriptor, option.IPPROTO_IP, option.IP_ADD_MEMBERSHIP, request);
  } else {
    const request = ipv6Mreq(group, link.id);
    libc.setOption(descriptor, option.IPPROTO_IPV6, option.IPV6_ADD_MEMBERSHIP, request);
  }
}

/** `struct ip_mreqn`: group, own address, interface index. */
function ipMreqn(
  group: Uint8Array | undefined,
  own: Uint8Array | undefined,
  index: number,
): Uint8Array {
  const octets = new Uint8Array(12);
  if (group !== undefined) octets.set(group);
  if (own !== undefined) octets.set(own, 4);
  new DataView(octets.buffer).setInt32(8, index, true);
  return octets;
}

/** `struct ipv6_mreq`: group, interface index. */
function ipv6Mreq(group: Uint8Array, index: number): Uint8Array {
  const octets = new Uint8Array(20);
  octets.set(group);
  new DataView(octets.buffer).setInt32(16, index, true);
  return octets;
}

function ignoring(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof SystemError && error.code === code)) throw error;
  }
}
