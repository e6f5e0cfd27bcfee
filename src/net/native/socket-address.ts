/** `struct sockaddr_in` and `sockaddr_in6`, to and from octets. */

import type { Endpoint } from "../../core/datagram.ts";
import { type Family, formatIpv4, formatIpv6, ipAddressOctets } from "../../core/ip-address.ts";
import { AF_INET, AF_INET6 } from "./socket-options.ts";

/** Room for either; `sockaddr_in6` needs 28. */
export const SOCKET_ADDRESS_SIZE_MAX = 32;
const SIZES: Record<Family, number> = { ipv4: 16, ipv6: 28 };

/** Offsets common to both: the family, then the port in network order. */
const PORT = 2;
const IPV4_ADDRESS = 4;
const IPV6_FLOW = 4;
const IPV6_ADDRESS = 8;
const IPV6_SCOPE = 24;

/**
 * Writes the structure at `offset` and returns its size. `scope` is an interface index. What it does
 * not write is padding, or the flow label of IPv6, which nobody sets.
 */
export function writeSocketAddress(
  into: Uint8Array,
  offset: number,
  address: Uint8Array,
  port: number,
  scope: number,
): number {
  const isIpv4 = address.length === 4;
  into[offset] = isIpv4 ? AF_INET : AF_INET6;
  into[offset + 1] = 0;
  into[offset + PORT] = port >> 8;
  into[offset + PORT + 1] = port & 0xff;
  const start = offset + (isIpv4 ? IPV4_ADDRESS : IPV6_ADDRESS);
  for (let index = 0; index < address.length; index++) into[start + index] = address[index]!;
  if (isIpv4) return SIZES.ipv4;
  for (let index = 0; index < 4; index++) {
    into[offset + IPV6_FLOW + index] = 0;
    into[offset + IPV6_SCOPE + index] = scope >>> (8 * index);
  }
  return SIZES.ipv6;
}

/** The structure alone. */
export function socketAddress(
  family: Family,
  { address, port }: Endpoint,
  scope: number,
): Uint8Array {
  const octets = new Uint8Array(SIZES[family]);
  writeSocketAddress(octets, 0, ipAddressOctets(address), port, scope);
  return octets;
}

/** Whether the structures at two offsets are of one address. */
export function isSameAddress(
  octets: Uint8Array,
  one: number,
  other: number,
  family: Family,
): boolean {
  const start = family === "ipv4" ? IPV4_ADDRESS : IPV6_ADDRESS;
  const end = start + (family === "ipv4" ? 4 : 16);
  for (let index = start; index < end; index++) {
    if (octets[one + index] !== octets[other + index]) return false;
  }
  return true;
}

/** Reads the structure at `offset`; the family is that of the socket it came from. */
export function readSocketAddress(octets: Uint8Array, offset: number, family: Family): Endpoint {
  return {
    address:
      family === "ipv4"
        ? formatIpv4(octets, offset + IPV4_ADDRESS)
        : formatIpv6(octets, offset + IPV6_ADDRESS),
    port: readPort(octets, offset),
  };
}

export function readPort(octets: Uint8Array, offset: number): number {
  return (octets[offset + PORT]! << 8) | octets[offset + PORT + 1]!;
}
