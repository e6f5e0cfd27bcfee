/**
 * Which protocol answers for which name: a policy without state, so that one table of examples shows
 * all of it (RFC 6761 §6, RFC 6762 §3, §4, §12, RFC 6303, RFC 7686 §2, RFC 8375 §4).
 *
 * It says who could be asked, in order; whether that protocol is at work is the look-up's matter.
 *
 * Departs from RFC 6762 §13 in that Multicast DNS is asked for a bare label, as `label.local`: that is
 * what people who write one mean on a link without name servers. `resolver.singleLabel` ends it.
 */

import { type IpAddress, isLoopback } from "../core/ip-address.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import {
  emptyZoneOf,
  isLinkLocalReverse,
  isLoopbackReverse,
  isNumeric,
  isOfThisResolver,
  LOCALHOST,
  refusedDomainOf,
} from "./special-names.ts";
import type { Protocol } from "./types.ts";

export type Route =
  /** This host knows the answer itself. */
  | { readonly kind: "local" }
  /** The name is there, nobody has records of it, and nobody is asked. */
  | { readonly kind: "no-data" }
  /** There can be no such name, and nobody is asked. */
  | { readonly kind: "no-such-name" }
  /** RFC 6761, RFC 7686: names of this domain are never asked for. */
  | { readonly kind: "refused"; readonly domain: string }
  /** Together, those whose answers count more first. */
  | { readonly kind: "ask"; readonly protocols: readonly Protocol[] };

/** What the policy has to know of this host. */
export interface RoutingFacts {
  /** One of this host's own names, in full or its first label alone. */
  isOwnName(name: Name): boolean;
  isOwnAddress(address: IpAddress): boolean;
  /** In a subnet of one of our links. */
  isOnLink(address: IpAddress): boolean;
}

/** What the policy has to know of how the resolver is set up. */
export interface RoutingRules {
  /** Domains that have name servers of their own (split DNS). */
  readonly routedDomains: readonly Name[];
  readonly searchDomains: readonly Name[];
  /** Whether name servers of this very site are asked, which may know its private addresses. */
  readonly hasSiteServer: boolean;
  readonly localUnicastFallback: "auto" | "always" | "never";
}

export const NO_RULES: RoutingRules = {
  routedDomains: [],
  searchDomains: [],
  hasSiteServer: true,
  localUnicastFallback: "never",
};

/** `type`: of the records asked for. */
export function routeOf(
  name: Name,
  facts: RoutingFacts,
  rules: RoutingRules = NO_RULES,
  type: number = RecordType.A,
): Route {
  if (name.isWithin(LOCALHOST)) return { kind: "local" };
  const refused = refusedDomainOf(name);
  if (refused !== undefined) return { kind: "refused", domain: refused.toString() };
  const address = addressOfReverseName(name);
  if (isOwn(name, address, facts)) return { kind: "local" };
  if (isNumeric(name)) return { kind: "no-such-name" };
  if (isLinkLocalReverse(name)) return address === undefined ? ask("mdns") : ask("mdns", "llmnr");
  if (name.isWithin(Name.LOCAL)) return routeOfLocal(name, rules);
  const onLink = address !== undefined && facts.isOnLink(address);
  if (isRouted(name, rules)) return onLink ? ask("unicast", "mdns", "llmnr") : ask("unicast");
  if (isOfThisResolver(name)) return { kind: "no-data" };
  // NXDOMAIN would deny the addresses below such a name (RFC 8020 §2).
  if (isLoopbackReverse(name)) return { kind: "no-data" };
  if (address !== undefined || name.labelCount > 1) return routeOfOthers(name, onLink, rules);
  const isZone = name.isRoot || ZONE_TYPES.has(type);
  return isZone ? ask("unicast") : ask("unicast", "mdns", "llmnr");
}

/** Types by which zones are looked into: a bare label asked for with one is a top-level domain. */
const ZONE_TYPES: ReadonlySet<number> = new Set([
  ...[RecordType.NS, RecordType.SOA, RecordType.DS, RecordType.DNSKEY],
  ...[RecordType.RRSIG, RecordType.NSEC, RecordType.ANY],
]);

/** RFC 6303 §4.2 keeps reverse names of loopback from name servers. */
function isOwn(name: Name, address: IpAddress | undefined, facts: RoutingFacts): boolean {
  if (address === undefined) return facts.isOwnName(name);
  return isLoopback(address) || facts.isOwnAddress(address);
}

/** RFC 6762 §3 has names in `local` asked for on the link. */
function routeOfLocal(name: Name, rules: RoutingRules): Route {
  const routed = routedDomainOf(name, rules);
  // A company's servers know all of its corner of `local`; of the whole of `local` nobody does.
  if (routed !== undefined && !routed.equals(Name.LOCAL)) return ask("unicast");
  // The top-level domain itself has no records on a link, and RFC 6762 §22.1 keeps questions for it
  // from name servers. NXDOMAIN would deny all names below it (RFC 8020 §2).
  if (name.equals(Name.LOCAL)) return routed === undefined ? { kind: "no-data" } : ask("unicast");
  const falls = routed !== undefined || fallsBack(name, rules);
  return falls ? ask("mdns", "unicast") : ask("mdns");
}

/**
 * Whether name servers are asked too. By itself this is so for names that hosts on a link hardly ever
 * have and companies' domains do: below a domain of the search list, and those of more than two labels
 * that are not of services (RFC 6763 §4).
 */
function fallsBack(name: Name, { localUnicastFallback, searchDomains }: RoutingRules): boolean {
  if (localUnicastFallback !== "auto") return localUnicastFallback === "always";
  if (SERVICES.some((domain) => name.isWithin(domain))) return false;
  const isSearched = searchDomains.some((d) => d.isWithin(Name.LOCAL) && name.isWithin(d));
  return isSearched || name.labelCount > 2;
}

/** RFC 6763 §4.1.2, §9, §11: domains of names of services on a link. */
const SERVICES: readonly Name[] = ["_tcp", "_udp", "_dns-sd"].map((label) =>
  Name.LOCAL.prepend(label),
);

function routeOfOthers(name: Name, onLink: boolean, rules: RoutingRules): Route {
  const empty = emptyZoneOf(name);
  const isUsed = onLink || empty?.use === "private";
  const isAsked = empty === undefined || (isUsed && rules.hasSiteServer);
  if (onLink) return isAsked ? ask("unicast", "mdns", "llmnr") : ask("mdns", "llmnr");
  if (isAsked) return ask("unicast");
  return { kind: name.equals(empty.zone) ? "no-data" : "no-such-name" };
}

function isRouted(name: Name, rules: RoutingRules): boolean {
  return routedDomainOf(name, rules) !== undefined;
}

/** The longest one that the name is in. */
function routedDomainOf(name: Name, { routedDomains }: RoutingRules): Name | undefined {
  return routedDomains
    .filter((domain) => !domain.isRoot && name.isWithin(domain))
    .reduce<Name | undefined>(
      (best, next) => (best === undefined || next.labelCount > best.labelCount ? next : best),
      undefined,
    );
}

/** The name as the protocol knows it: a single label stands below `local` on a link. */
export function askedName(name: Name, protocol: Protocol): Name {
  return protocol === "mdns" && name.labelCount === 1 ? Name.LOCAL.prepend(name.labels[0]!) : name;
}

function ask(...protocols: readonly Protocol[]): Route {
  return { kind: "ask", protocols };
}
