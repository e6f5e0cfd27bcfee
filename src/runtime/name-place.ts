/**
 * Who answers for a name, for programs that have another resolver beside this one: the one policy of
 * `host/routing.ts`, without the facts that only a running engine has.
 */

import { type RoutingFacts, routeOf } from "../host/routing.ts";
import { Name } from "../wire/name.ts";

/**
 * - `link`: nobody but this program should be asked: names of the link, and those of which it is
 *   known that nobody has them.
 * - `either`: name servers may know it, and the link may.
 * - `elsewhere`: the link does not know it.
 */
export type NamePlace = "link" | "either" | "elsewhere";

const NO_FACTS: RoutingFacts = {
  isOwnName: () => false,
  isOwnAddress: () => false,
  isOnLink: () => false,
};

/** What is no name is left to the other resolver, which has its own words for that. */
export function placeOfName(text: string): NamePlace {
  const name = Name.tryParse(text);
  if (typeof name === "string") return "elsewhere";
  const route = routeOf(name, NO_FACTS);
  if (route.kind === "local" || route.kind === "no-such-name") return "elsewhere";
  if (route.kind !== "ask") return "link";
  if (!route.protocols.includes("mdns")) return "elsewhere";
  return route.protocols.includes("unicast") ? "either" : "link";
}
