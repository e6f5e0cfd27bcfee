/**
 * The order in which a host's addresses are best tried from here: destination address selection of
 * RFC 6724 §6, with the sources that our links offer (§4, §5).
 *
 * Rules that need what the interface monitor leaves out or nobody has (deprecated and home addresses,
 * transition mechanisms) decide nothing here.
 */

import {
  type Family,
  familyOf,
  type IpAddress,
  ipAddressOctets,
  isInSubnet,
  isLinkLocal,
  isLoopback,
} from "../core/ip-address.ts";
import type { Link, LinkAddress, LinkId } from "../core/link.ts";

export interface Destination {
  readonly address: IpAddress;
  /** The link it was found on; undefined: reached however the host routes. */
  readonly link: LinkId | undefined;
}

/** The best address first; equal ones stay as they were (RFC 6724 §6 rule 10). */
export function inAddressOrder<D extends Destination>(
  destinations: readonly D[],
  links: Iterable<Link>,
): D[] {
  const sources = [...links];
  return destinations
    .map((destination) => rank(destination, sources))
    .sort(compare)
    .map(({ destination }) => destination);
}

/** An address heard on several links is told once, but a link-local one is another on each link. */
export function distinctAddresses<D extends Destination>(destinations: readonly D[]): D[] {
  const known = new Map<string, D>();
  for (const destination of destinations) {
    const key = isLinkLocal(destination.address)
      ? `${destination.address}%${destination.link}`
      : destination.address;
    if (!known.has(key)) known.set(key, destination);
  }
  return [...known.values()];
}

interface Ranked<D> {
  readonly destination: D;
  readonly family: Family;
  readonly scope: number;
  readonly source: LinkAddress | undefined;
  readonly policy: Policy;
  readonly prefixLength: number;
}

function rank<D extends Destination>(destination: D, links: readonly Link[]): Ranked<D> {
  const { address } = destination;
  const source = sourceFor(destination, links);
  return {
    destination,
    family: familyOf(address),
    scope: scopeOf(address),
    source,
    policy: policyOf(address),
    prefixLength: source === undefined ? 0 : commonPrefixLength(source, address),
  };
}

/** RFC 6724 §6, rule by rule; negative when `a` comes first. */
function compare<D>(a: Ranked<D>, b: Ranked<D>): number {
  return (
    prefer(a, b, ({ source }) => source !== undefined) || // Rule 1: usable destinations.
    prefer(a, b, (ranked) => matchesScope(ranked)) || // Rule 2: matching scope.
    prefer(a, b, (ranked) => matchesLabel(ranked)) || // Rule 5: matching label.
    b.policy.precedence - a.policy.precedence || // Rule 6: higher precedence.
    a.scope - b.scope || // Rule 8: smaller scope.
    (a.family === b.family ? b.prefixLength - a.prefixLength : 0) // Rule 9: longest prefix.
  );
}

function prefer<D>(a: Ranked<D>, b: Ranked<D>, has: (ranked: Ranked<D>) => boolean): number {
  return Number(has(b)) - Number(has(a));
}

function matchesScope({ source, scope }: Ranked<unknown>): boolean {
  return source !== undefined && scopeOf(source.address) === scope;
}

function matchesLabel({ source, policy }: Ranked<unknown>): boolean {
  return source !== undefined && policyOf(source.address).label === policy.label;
}

/** RFC 6724 §5: the own address that a packet to the destination would leave from. */
function sourceFor(
  { address, link }: Destination,
  links: readonly Link[],
): LinkAddress | undefined {
  const family = familyOf(address);
  if (isLoopback(address)) return { family, address, prefixLength: family === "ipv4" ? 8 : 128 };
  const outgoing = links.filter(({ id }) => link === undefined || id === link);
  const candidates = outgoing
    .flatMap(({ addresses }) => addresses)
    .filter((own) => own.family === family && !isLoopback(own.address));
  return candidates.reduce<LinkAddress | undefined>(
    (best, next) => (best === undefined || isBetterSource(next, best, address) ? next : best),
    undefined,
  );
}

/** RFC 6724 §5 rules 1, 2, 6 and 8. IPv4 has no such rules; there the shared subnet decides. */
function isBetterSource(a: LinkAddress, b: LinkAddress, destination: IpAddress): boolean {
  if (a.address === destination || b.address === destination) return a.address === destination;
  const scopeA = scopeOf(a.address);
  const scopeB = scopeOf(b.address);
  const scope = scopeOf(destination);
  if (scopeA !== scopeB) return scopeA < scopeB ? scopeA >= scope : scopeB < scope;
  const label = policyOf(destination).label;
  const labelA = policyOf(a.address).label === label;
  const labelB = policyOf(b.address).label === label;
  if (labelA !== labelB) return labelA;
  return commonPrefixLength(a, destination) > commonPrefixLength(b, destination);
}

/** RFC 6724 §3.1, §3.2 with the numbers of RFC 4291 §2.7: link-local, site-local, global. */
const LINK_LOCAL_SCOPE = 0x2;
const SITE_LOCAL_SCOPE = 0x5;
const GLOBAL_SCOPE = 0xe;

function scopeOf(address: IpAddress): number {
  if (isLinkLocal(address) || isLoopback(address)) return LINK_LOCAL_SCOPE;
  return isInSubnet(address, "fec0::" as IpAddress, 10) ? SITE_LOCAL_SCOPE : GLOBAL_SCOPE;
}

interface Policy {
  readonly prefix: IpAddress;
  readonly prefixLength: number;
  readonly precedence: number;
  readonly label: number;
}

/** RFC 6724 §2.1: the default table, longest prefix first. */
const POLICIES: readonly Policy[] = (
  [
    ["::1", 128, 50, 0],
    ["::ffff:0:0", 96, 35, 4],
    ["::", 96, 1, 3],
    ["2001::", 32, 5, 5],
    ["2002::", 16, 30, 2],
    ["3ffe::", 16, 1, 12],
    ["fec0::", 10, 1, 11],
    ["fc00::", 7, 3, 13],
    ["::", 0, 40, 1],
  ] as const
).map(([prefix, prefixLength, precedence, label]) => ({
  prefix: prefix as IpAddress,
  prefixLength,
  precedence,
  label,
}));

/** RFC 6724 §3.2: IPv4 addresses are looked up as IPv4-mapped ones. */
const IPV4_POLICY = POLICIES[1]!;
const OTHERS = POLICIES.at(-1)!;

function policyOf(address: IpAddress): Policy {
  if (familyOf(address) === "ipv4") return IPV4_POLICY;
  const found = POLICIES.find((policy) => isInSubnet(address, policy.prefix, policy.prefixLength));
  return found ?? OTHERS;
}

/** RFC 6724 §2.2: leading bits in common, no more than the source's own prefix. */
function commonPrefixLength(source: LinkAddress, destination: IpAddress): number {
  const a = ipAddressOctets(source.address);
  const b = ipAddressOctets(destination);
  for (let index = 0; index < a.length; index++) {
    const difference = a[index]! ^ b[index]!;
    if (difference === 0) continue;
    return Math.min(8 * index + Math.clz32(difference) - 24, source.prefixLength);
  }
  return source.prefixLength;
}
