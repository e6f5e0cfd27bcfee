/**
 * Which servers are asked for which names: the route of the longest domain that a name lies in
 * (split DNS), the root's for all others. What is known of a server outlives a new plan that still
 * has it.
 */

import type { ExchangeServer } from "../core/exchange.ts";
import type { Random } from "../core/random.ts";
import type { Name } from "../wire/name.ts";
import { SERVERS_MAX } from "./constants.ts";
import { keyOf, ServerState } from "./server-state.ts";
import type { NamedServer, NameServer, ResolveSpec, ServerRoute } from "./types.ts";

export interface Route {
  readonly domain: Name;
  readonly servers: readonly NameServer[];
  /** The states of the servers whose addresses are known, in the listed order. */
  states: readonly ServerState[];
  /** Counts the questions, for servers that take turns. */
  turn: number;
}

export class ServerRoutes {
  readonly #random: Random;
  #routes = new Map<string, Route>();
  #states = new Map<string, ServerState>();
  #addresses = new Map<string, readonly ExchangeServer[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  get states(): IterableIterator<ServerState> {
    return this.#states.values();
  }

  [Symbol.iterator](): IterableIterator<Route> {
    return this.#routes.values();
  }

  /** Takes a whole new plan. Tells whether a route that was and still is asks other servers now. */
  set(plan: readonly ServerRoute[]): boolean {
    const before = this.#routes;
    this.#routes = new Map();
    for (const { domain, servers } of plan) {
      const known = servers.slice(0, SERVERS_MAX);
      const turn = before.get(domain.key)?.turn ?? 0;
      this.#routes.set(domain.key, { domain, servers: known, states: [], turn });
    }
    this.#link();
    return hasChanged(before, this.#routes);
  }

  /** Where a server that is known by name is; replaces what was known. */
  setAddresses(server: NamedServer, addresses: readonly ExchangeServer[]): void {
    this.#addresses.set(namedKey(server), addresses);
    this.#link();
  }

  isKnown(server: NamedServer): boolean {
    return (this.#addresses.get(namedKey(server))?.length ?? 0) > 0;
  }

  /** The servers known by name only, each once. */
  get named(): readonly NamedServer[] {
    const named = new Map<string, NamedServer>();
    for (const { servers } of this.#routes.values()) {
      for (const server of servers) if (isNamed(server)) named.set(namedKey(server), server);
    }
    return [...named.values()];
  }

  /** The route that was asked for, or that the name falls in. */
  routeOf(spec: Pick<ResolveSpec, "name" | "route">): Route | undefined {
    if (spec.route !== undefined) return this.#routes.get(spec.route.key);
    const { key } = spec.name;
    for (let at = 0; at < key.length; at += key.charCodeAt(at) + 1) {
      const route = this.#routes.get(key.slice(at));
      if (route !== undefined) return route;
    }
    return undefined;
  }

  #link(): void {
    const before = this.#states;
    this.#states = new Map();
    for (const route of this.#routes.values()) {
      const servers = route.servers.flatMap((server) => this.#addressed(server));
      route.states = servers.map((server) => this.#state(server, before));
    }
  }

  #addressed(server: NameServer): readonly ExchangeServer[] {
    return isNamed(server) ? (this.#addresses.get(namedKey(server)) ?? []) : [server];
  }

  #state(server: ExchangeServer, before: ReadonlyMap<string, ServerState>): ServerState {
    const key = keyOf(server);
    const state = this.#states.get(key) ?? before.get(key) ?? new ServerState(server, this.#random);
    this.#states.set(key, state);
    return state;
  }
}

export function isNamed(server: NameServer): server is NamedServer {
  return "host" in server;
}

export function namedKey(server: NamedServer): string {
  return [server.host.key, server.port, server.serverName, server.path].join(" ");
}

/** A network that is gone for a while changes nothing: its answers may still be given as stale. */
function hasChanged(before: ReadonlyMap<string, Route>, now: ReadonlyMap<string, Route>): boolean {
  const shown = (routes: ReadonlyMap<string, Route>) =>
    [...routes.values()]
      .map(({ domain, servers }) => [domain.key, ...servers.map(serverKey)].join("\n"))
      .sort()
      .join("\n\n");
  const isEmpty = [...now.values()].every(({ servers }) => servers.length === 0);
  return !isEmpty && before.size > 0 && shown(before) !== shown(now);
}

function serverKey(server: NameServer): string {
  return isNamed(server) ? namedKey(server) : keyOf(server);
}
