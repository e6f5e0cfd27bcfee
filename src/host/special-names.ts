/**
 * Names of which it is settled beforehand who answers: special-use domains (RFC 6761) and the reverse
 * zones that name servers of the Internet must not be troubled with (RFC 6303).
 *
 * Not among them, on purpose: `test`, `example` and `home.arpa`, which are asked like any other name
 * (RFC 6761 §6.2, §6.5, RFC 8375 §4).
 */

import { Name } from "../wire/name.ts";

/** RFC 6761 §6.3: names at or below it are the loopback addresses. */
export const LOCALHOST = Name.of("localhost");

/** Domains that must not be asked for: RFC 6761 §6.4, RFC 7686 §2. */
const REFUSED: readonly Name[] = [Name.of("invalid"), Name.of("onion")];

/** RFC 9462 §8.2: it tells of the very resolver that is asked, and is not passed on. */
const RESOLVER_ARPA = Name.of("resolver", "arpa");

/** RFC 3172 §2: the domain that all reverse zones are in. */
const ARPA = Name.of("arpa");

/** RFC 6762 §4, §12: the reverse zones of link-local addresses. */
const LINK_LOCAL_REVERSE = parseZones([
  "254.169.in-addr.arpa",
  ...["8.e.f.ip6.arpa", "9.e.f.ip6.arpa", "a.e.f.ip6.arpa", "b.e.f.ip6.arpa"],
]);

/** RFC 6303 §4.2, §4.3: addresses of this host alone, whose names it knows itself. */
const LOOPBACK_REVERSE = parseZones(["127.in-addr.arpa", `1.${"0.".repeat(31)}ip6.arpa`]);

/** RFC 6303 §4.2, §4.3, §4.6: addresses that no host has. */
const UNUSED_REVERSE = [
  "0.in-addr.arpa",
  ...["2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa"],
  "255.255.255.255.in-addr.arpa",
  `${"0.".repeat(32)}ip6.arpa`,
  "8.b.d.0.1.0.0.2.ip6.arpa",
];

/** RFC 6303 §4.1, §4.4, RFC 7793 §4: addresses that mean something inside a site only. */
const PRIVATE_REVERSE = [
  "10.in-addr.arpa",
  ...Array.from({ length: 16 }, (_, index) => `${16 + index}.172.in-addr.arpa`),
  "168.192.in-addr.arpa",
  ...Array.from({ length: 64 }, (_, index) => `${64 + index}.100.in-addr.arpa`),
  "d.f.ip6.arpa",
];

interface EmptyZones {
  readonly unused: readonly Name[];
  readonly private: readonly Name[];
}

/** Made when the first reverse name is asked for: these are a hundred names. */
let emptyZones: EmptyZones | undefined;

/** The domain of the name that must not be asked for, if it is in one. */
export function refusedDomainOf(name: Name): Name | undefined {
  return REFUSED.find((domain) => name.isWithin(domain));
}

export function isOfThisResolver(name: Name): boolean {
  return name.isWithin(RESOLVER_ARPA);
}

/** Names that Multicast DNS is responsible for: RFC 6762 §3, §4. */
export function isMulticastName(name: Name): boolean {
  if (name.isWithin(Name.LOCAL)) return !name.equals(Name.LOCAL);
  return isLinkLocalReverse(name);
}

export function isLinkLocalReverse(name: Name): boolean {
  return LINK_LOCAL_REVERSE.some((zone) => name.isWithin(zone));
}

export function isLoopbackReverse(name: Name): boolean {
  return LOOPBACK_REVERSE.some((zone) => name.isWithin(zone));
}

/** The zone of RFC 6303 that a reverse name is in, and whether addresses of it are in use. */
export function emptyZoneOf(name: Name): { zone: Name; use: "none" | "private" } | undefined {
  if (!name.isWithin(ARPA)) return undefined;
  emptyZones ??= { unused: parseZones(UNUSED_REVERSE), private: parseZones(PRIVATE_REVERSE) };
  const isUnused = emptyZones.unused.find((zone) => name.isWithin(zone));
  if (isUnused !== undefined) return { zone: isUnused, use: "none" };
  const isPrivate = emptyZones.private.find((zone) => name.isWithin(zone));
  return isPrivate === undefined ? undefined : { zone: isPrivate, use: "private" };
}

/** The zone of the name where this host may answer for it without asking anybody. */
export function servedZoneOf(name: Name): Name | undefined {
  const zones = [LOCALHOST, RESOLVER_ARPA, ...REFUSED, ...LOOPBACK_REVERSE];
  return zones.find((zone) => name.isWithin(zone)) ?? emptyZoneOf(name)?.zone;
}

/**
 * Whether the name is a number or an IPv4 address that somebody took for a name: no top-level domain
 * is numeric (RFC 1123 §2.1).
 */
export function isNumeric(name: Name): boolean {
  const { text } = name;
  let start = 0;
  for (let at = 0; text.charCodeAt(at) > 0; at += text.charCodeAt(at) + 1) start = at + 1;
  return NUMBER.test(text.slice(start, -1));
}

/** In decimal, or in hexadecimal as inet_aton(3) takes it. */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/i;

function parseZones(texts: readonly string[]): readonly Name[] {
  return texts.map((text) => Name.parse(text));
}
