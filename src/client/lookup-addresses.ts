/** Addresses as `dns.lookup` gives them: with their scope, in the order wanted, mapped where asked. */

import { ADDRCONFIG, type LookupAddress } from "node:dns";
import { networkInterfaces } from "node:os";
import { familyOf, type IpAddress, isLinkLocal } from "../core/ip-address.ts";
import type { FoundAddress } from "../runtime/directory.ts";
import type { AddressOrder } from "./lookup-options.ts";

const BOTH_FAMILIES: ReadonlySet<number> = new Set([4, 6]);

export function foundAddresses(found: readonly FoundAddress[]): LookupAddress[] {
  return found.map((one) => ({
    address: scopedAddress(one),
    family: familyOf(one.address as IpAddress) === "ipv4" ? 4 : 6,
  }));
}

/** A link-local IPv6 address is no use without its interface (RFC 4007 §11). */
export function scopedAddress({ address, interface: link }: FoundAddress): string {
  const needsScope = address.includes(":") && isLinkLocal(address as IpAddress);
  return needsScope && link !== null ? `${address}%${link}` : address;
}

/** `dns.ADDRCONFIG`: only families that this host has an address of, loopback aside. */
export function availableFamilies(hints: number): ReadonlySet<number> {
  if ((hints & ADDRCONFIG) === 0) return BOTH_FAMILIES;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const external = addresses.filter(({ internal }) => !internal);
  return new Set(external.map(({ family }) => (family === "IPv4" ? 4 : 6)));
}

/** `dns.V4MAPPED`: an IPv4 address for who asks for IPv6 (RFC 4291 §2.5.5.2). */
export function mapped({ address }: LookupAddress): LookupAddress {
  return { address: `::ffff:${address}`, family: 6 };
}

export function inOrder(addresses: readonly LookupAddress[], order: AddressOrder): LookupAddress[] {
  if (order === "verbatim") return [...addresses];
  const first = order === "ipv4first" ? 4 : 6;
  return addresses.toSorted((a, b) => Number(b.family === first) - Number(a.family === first));
}
