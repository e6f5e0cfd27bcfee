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
const IPV6_ADDRESS = 8;
const IPV6_SCOPE = 24;

/** Writes the structure at `offset` and returns its size. `scope` is an interface index. */
export function writeSocketAddress(
  into: DataView,
  offset: number,
  family: Family,
  address: Uint8Array,
  port: number,
  scope: number,
): number {
  const octets = new Uint8Array(into.buffer, into.byteOffset + offset, SIZES[family]);
  octets.fill(0);
  into.setUint16(offset, family === "ipv4" ? AF_INET : AF_INET6, true);
  into.setUint16(offset + PORT, port);
  octets.set(address, family === "ipv4" ? IPV4_ADDRESS : IPV6_ADDRESS);
  if (family === "ipv6") into.setUint32(offset + IPV6_SCOPE, scope, true);
  return SIZES[family];
}

/** The structure alone. */
export function socketAddress(
  family: Family,
  { address, port }: Endpoint,
  scope: number,
): Uint8Array {
  const octets = new Uint8Array(SIZES[family]);
  const view = new DataView(octets.buffer);
  writeSocketAddress(view, 0, family, ipAddressOctets(address), port, scope);
  return octets;
}

/** Reads the structure at `offset`; the family is that of the socket it came from. */
export function readSocketAddress(octets: Uint8Array, offset: number, family: Family): Endpoint {
  return {
    address:
      family === "ipv4"
        ? formatIpv4(octets, offset + IPV4_ADDRESS)
        : formatIpv6(octets, offset + IPV6_ADDRESS),
    port: (octets[offset + PORT]! << 8) | octets[offset + PORT + 1]!,
  };
}
