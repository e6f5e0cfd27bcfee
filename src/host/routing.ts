/**
 * Which protocol answers for which name: a policy without state, so that one table of examples shows
 * all of it (RFC 6761 §6, RFC 6762 §3, §4, §12, RFC 7686 §2).
 *
 * It says who could be asked, in order; whether that protocol is at work is the look-up's matter.
 */

import { type IpAddress, isLoopback } from "../core/ip-address.ts";
import { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import { LOCAL } from "./host-name.ts";
import type { Protocol } from "./types.ts";

export type Route =
  /** This host knows the answer itself. */
  | { readonly kind: "local" }
  /** Nobody has such records, and nobody is asked. */
  | { readonly kind: "no-data" }
  /** RFC 6761, RFC 7686: names of this domain are never asked for. */
  | { readonly kind: "refused"; readonly domain: string }
  | { readonly kind: "ask"; readonly protocols: readonly Protocol[] };

/** What the policy has to know of this host. */
export interface RoutingFacts {
  /** One of this host's own names, in full or its first label alone. */
  isOwnName(name: Name): boolean;
  isOwnAddress(address: IpAddress): boolean;
  /** In a subnet of one of our links. */
  isOnLink(address: IpAddress): boolean;
}

/** RFC 6761 §6.3: names at or below it are the loopback addresses. */
export const LOCALHOST = Name.of("localhost");

/** Domains that must not be asked for: RFC 6761 §6.4, RFC 7686 §2. */
const REFUSED: readonly Name[] = [Name.of("invalid"), Name.of("onion")];

/** RFC 6762 §4, §12: the reverse zones of link-local addresses. */
const LINK_LOCAL_REVERSE: readonly Name[] = [
  Name.parse("254.169.in-addr.arpa"),
  Name.parse("8.e.f.ip6.arpa"),
  Name.parse("9.e.f.ip6.arpa"),
  Name.parse("a.e.f.ip6.arpa"),
  Name.parse("b.e.f.ip6.arpa"),
];

export function routeOf(name: Name, facts: RoutingFacts): Route {
  if (name.isWithin(LOCALHOST)) return { kind: "local" };
  const refused = REFUSED.find((domain) => name.isWithin(domain));
  if (refused !== undefined) return { kind: "refused", domain: refused.toString() };
  // RFC 6762 §3: the top-level domain itself has no records on a link, and §22.1 keeps questions for
  // it from name servers.
  if (name.equals(LOCAL)) return { kind: "no-data" };
  const address = addressOfReverseName(name);
  if (isOwn(name, address, facts)) return { kind: "local" };
  if (isMulticastName(name)) return address === undefined ? ask("mdns") : ask("mdns", "llmnr");
  if (address !== undefined && facts.isOnLink(address)) return ask("unicast", "mdns", "llmnr");
  return name.labelCount === 1 ? ask("unicast", "mdns", "llmnr") : ask("unicast");
}

/** RFC 6303 §4.2 keeps reverse names of loopback from name servers. */
function isOwn(name: Name, address: IpAddress | undefined, facts: RoutingFacts): boolean {
  if (address === undefined) return facts.isOwnName(name);
  return isLoopback(address) || facts.isOwnAddress(address);
}

/** Names that Multicast DNS alone is responsible for: RFC 6762 §3, §4. */
export function isMulticastName(name: Name): boolean {
  if (name.isWithin(LOCAL)) return !name.equals(LOCAL);
  return LINK_LOCAL_REVERSE.some((zone) => name.isWithin(zone));
}

/** The name as the protocol knows it: a single label stands below `local` on a link. */
export function askedName(name: Name, protocol: Protocol): Name {
  return protocol === "mdns" && name.labelCount === 1 ? LOCAL.prepend(name.labels[0]!) : name;
}

function ask(...protocols: readonly Protocol[]): Route {
  return { kind: "ask", protocols };
}
