/** What the operating system says of its network interfaces, and the links made of them. */

import { FAMILIES, type Family, type IpAddress } from "../core/ip-address.ts";
import type { Link, LinkAddress, LinkId } from "../core/link.ts";

/** Which of an IPv6 address's flags stand (RFC 4862 §5.5, RFC 8981); all false for IPv4. */
export interface InterfaceAddress extends LinkAddress {
  /** Duplicate address detection is not over, or it found a duplicate. */
  readonly tentative: boolean;
  readonly deprecated: boolean;
  readonly temporary: boolean;
}

export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** Administratively up. */
  readonly up: boolean;
  /** Packets can pass: the cable is in, the station is associated. */
  readonly carrier: boolean;
  readonly loopback: boolean;
  readonly multicast: boolean;
  readonly pointToPoint: boolean;
  /** Octets, headers of IP included. */
  readonly mtu: number;
  /** Lower-case hexadecimal with colons; undefined where there is none. */
  readonly mac: string | undefined;
  /** All of them, in the order the operating system lists them. */
  readonly addresses: readonly InterfaceAddress[];
  /** Counts each time it was seen, or is known, to have lost carrier or been taken down. */
  readonly interruptions: number;
}

/** Which families of an interface are used; undefined when it is not used at all. */
export type InterfaceSelector = (
  candidate: NetworkInterface,
) => Readonly<Record<Family, boolean>> | undefined;

/** What a link has beyond its interface. */
export interface LinkSurroundings {
  /** Added to the interface's own interruptions: how often the host woke. */
  readonly wakes: number;
  sharesPort(candidate: NetworkInterface): boolean;
}

/** Whether an address may be published: not tentative, deprecated or temporary. */
function isPublished(address: InterfaceAddress): boolean {
  return !(address.tentative || address.deprecated || address.temporary);
}

/**
 * The links of the selected interfaces that are up, have carrier and an address that may be
 * published. A family without such an address is left out until it has one.
 */
export function linksOf(
  interfaces: readonly NetworkInterface[],
  select: InterfaceSelector,
  surroundings: LinkSurroundings,
): Link[] {
  const links: Link[] = [];
  for (const candidate of interfaces) {
    const link = linkOf(candidate, select, surroundings);
    if (link !== undefined) links.push(link);
  }
  return links;
}

function linkOf(
  candidate: NetworkInterface,
  select: InterfaceSelector,
  { wakes, sharesPort }: LinkSurroundings,
): Link | undefined {
  if (!(candidate.up && candidate.carrier)) return undefined;
  const selected = select(candidate);
  if (selected === undefined) return undefined;
  const published = candidate.addresses.filter((own) => selected[own.family] && isPublished(own));
  const families = FAMILIES.filter((family) => published.some((own) => own.family === family));
  if (families.length === 0) return undefined;
  return {
    id: candidate.index as LinkId,
    name: candidate.name,
    mtu: candidate.mtu,
    addresses: families.flatMap((family) =>
      published
        .filter((own) => own.family === family)
        .map(({ address, prefixLength }) => ({ family, address, prefixLength })),
    ),
    families,
    loopback: candidate.loopback,
    incarnation: candidate.interruptions + wakes,
    sharesPort: sharesPort(candidate),
  };
}

/** Whether an interface has `address` among its own. */
export function hasAddress(candidate: NetworkInterface, address: IpAddress): boolean {
  return candidate.addresses.some((own) => own.address === address);
}
