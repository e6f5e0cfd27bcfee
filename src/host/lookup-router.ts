/**
 * Sends a look-up on its way: to this host itself, or to the protocols that `routing.ts` names and
 * that are at work, alone or together.
 */

import type { LinkFilter } from "../core/link.ts";
import { after, type Duration, type Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import { SHARED_WAIT } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import { chosenLinkCount, type Lookup, type TimeLimit } from "./lookup-context.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { type Entrant, type Judge, RankedLookup } from "./ranked-lookup.ts";
import { type Route, type RoutingRules, routeOf } from "./routing.ts";
import { SettledLookup } from "./settled-lookup.ts";
import { hasSiteServer } from "./site-servers.ts";
import { isMulticastName } from "./special-names.ts";
import type { LookupFailure, Protocol } from "./types.ts";

/** Whether the records of a name of our own are asked for, or of any. */
export type Reach = "links" | "this-host";

/** How a kind of look-up is answered, for one name. */
export interface Ways<Outcome> extends Judge<Outcome> {
  /** By this host itself, for a name of its own; undefined: the look-up finds out. */
  own(): Outcome | undefined;
  /** By this host's hosts file; undefined: it says nothing. */
  hosts(): Outcome | undefined;
  failed(failure: LookupFailure): Outcome;
  mdns(reach: Reach, limit: TimeLimit): Entrant<Outcome>;
  llmnr(limit: TimeLimit): Entrant<Outcome>;
  /** `until`: when the caller's patience ends; undefined: they are not asked. */
  unicast(until: Instant | undefined): Entrant<Outcome> | undefined;
}

/** What the caller wants of it. */
export interface Limits {
  readonly links: LinkFilter;
  readonly timeout?: Duration;
  /** Asks this protocol whatever the name says. */
  readonly protocol?: Protocol;
  /** Of the records asked for, where they are of one type. */
  readonly type?: number;
}

export class LookupRouter {
  readonly #host: HostContext;
  readonly #own: OwnAnswers;
  #rules: RoutingRules | undefined;

  constructor(host: HostContext, own: OwnAnswers) {
    this.#host = host;
    this.#own = own;
  }

  /** Links or settings have changed. */
  handleChange(): void {
    this.#rules = undefined;
  }

  routeOf(name: Name, type?: number): Route {
    this.#rules ??= this.#rulesNow();
    return routeOf(name, this.#own, this.#rules, type);
  }

  lookup<Outcome>(
    name: Name,
    limits: Limits,
    ways: Ways<Outcome>,
    now: Instant,
    finish: (outcome: Outcome) => void,
  ): Lookup {
    const route = this.#routeFor(name, limits);
    const settled = settledBy(route, limits, ways);
    if (settled !== undefined) return new SettledLookup(settled, finish);
    if (route.kind !== "ask") return ways.mdns("this-host", this.#limitOf(limits, now))(finish);
    const wanted = this.#protocolsFor(route.protocols, name, limits);
    const atWork = wanted.filter((protocol) => this.#isAtWork(protocol, limits));
    const entrants = this.#entrants(atWork, name, limits, ways, now);
    const [first, ...others] = entrants;
    if (first === undefined) {
      return new SettledLookup(ways.failed({ kind: "unavailable", protocols: wanted }), finish);
    }
    if (others.length === 0) return first(finish);
    return new RankedLookup(this.#host, entrants, ways, finish);
  }

  /** Who is told whom to ask asks for addresses of other sites too. */
  #routeFor(name: Name, { type, protocol }: Limits): Route {
    const route = this.routeOf(name, type);
    const isOverruled = route.kind === "no-such-name" && addressOfReverseName(name) !== undefined;
    return isOverruled && protocol !== undefined ? { kind: "ask", protocols: [protocol] } : route;
  }

  #entrants<Outcome>(
    protocols: readonly Protocol[],
    name: Name,
    limits: Limits,
    ways: Ways<Outcome>,
    now: Instant,
  ): readonly Entrant<Outcome>[] {
    const own = this.#limitOf(limits, now);
    const limit = protocols.length > 1 ? this.#sharedLimit(name, own, now) : own;
    const until = limits.timeout === undefined ? undefined : own.at;
    return protocols.flatMap((protocol) => {
      if (protocol === "unicast") return ways.unicast(until) ?? [];
      return protocol === "llmnr" ? ways.llmnr(limit) : ways.mdns("links", limit);
    });
  }

  /** In the order in which their answers count. */
  #protocolsFor(
    protocols: readonly Protocol[],
    name: Name,
    { protocol }: Limits,
  ): readonly Protocol[] {
    if (protocol !== undefined) return [protocol];
    const isBare = name.labelCount === 1 && protocols.length > 1;
    return isBare ? this.#host.settings.singleLabel : protocols;
  }

  /** A name that Multicast DNS is not responsible for is not waited for as one in `local` is. */
  #sharedLimit(name: Name, limit: TimeLimit, now: Instant): TimeLimit {
    const at = after(now, SHARED_WAIT);
    return !isMulticastName(name) && at < limit.at ? { at, extent: "shared" } : limit;
  }

  #isAtWork(protocol: Protocol, { links }: Limits): boolean {
    const { mdnsMode, llmnrMode, resolver } = this.#host.settings;
    if (protocol === "unicast") return resolver.servers.routes.length > 0;
    const mode = protocol === "mdns" ? mdnsMode : llmnrMode;
    return mode !== "off" && chosenLinkCount(this.#host, links) > 0;
  }

  #limitOf({ timeout }: Limits, now: Instant): TimeLimit {
    const { lookupTimeout } = this.#host.settings;
    const time = timeout ?? lookupTimeout;
    return { at: after(now, time), extent: time < lookupTimeout ? "short" : "full" };
  }

  #rulesNow(): RoutingRules {
    const { servers, search, localUnicastFallback } = this.#host.settings.resolver;
    return {
      routedDomains: servers.routes.map(({ domain }) => domain),
      searchDomains: search.domains,
      hasSiteServer: hasSiteServer(servers, this.#own),
      localUnicastFallback,
    };
  }
}

/** The outcome where nobody has to be asked. */
function settledBy<Outcome>(
  route: Route,
  { protocol }: Limits,
  ways: Ways<Outcome>,
): Outcome | undefined {
  if (route.kind === "local") return ways.own();
  if (route.kind === "refused") return ways.failed(route);
  const inHosts = protocol === undefined ? ways.hosts() : undefined;
  if (inHosts !== undefined) return inHosts;
  return route.kind === "ask" ? undefined : ways.failed(route);
}
