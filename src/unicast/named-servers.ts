/**
 * The servers of all routes that are known by name: looks each up and holds questions back that have
 * nobody else to go to until it is found, or is not.
 */

import type { ExchangeServer } from "../core/exchange.ts";
import type { Instant } from "../core/time.ts";
import { Bootstrap } from "./bootstrap.ts";
import type { DnsContext } from "./context.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import type { Inquiry } from "./question-merge.ts";
import { isNamed, namedKey, type Route, type ServerRoutes } from "./server-routes.ts";
import { keyOf, ServerState } from "./server-state.ts";
import type { NamedServer, ResolveSpec } from "./types.ts";

export class NamedServers {
  readonly #context: DnsContext;
  readonly #exchanges: ExchangeTable;
  readonly #routes: ServerRoutes;
  readonly #bootstraps = new Map<string, Bootstrap>();
  readonly #heldBack = new Set<Inquiry>();
  #servers: readonly ServerState[] = [];

  constructor(context: DnsContext, exchanges: ExchangeTable, routes: ServerRoutes) {
    this.#context = context;
    this.#exchanges = exchanges;
    this.#routes = routes;
  }

  /** The plan is new: servers that are no longer in it are forgotten, new ones are looked up. */
  set(bootstrapServers: readonly ExchangeServer[], now: Instant): void {
    const isSame = sameServers(this.#servers, bootstrapServers);
    if (!isSame) {
      this.#servers = bootstrapServers.map(
        (server) => new ServerState(server, this.#context.random),
      );
    }
    const wanted = new Map(this.#routes.named.map((server) => [namedKey(server), server]));
    for (const [key, bootstrap] of this.#bootstraps) {
      if (isSame && wanted.has(key)) continue;
      bootstrap.stop();
      this.#bootstraps.delete(key);
    }
    for (const [key, server] of wanted) if (!this.#bootstraps.has(key)) this.#add(key, server, now);
    this.#release(now);
  }

  /** Other addresses may be right on another network. */
  restart(now: Instant): void {
    for (const bootstrap of this.#bootstraps.values()) {
      bootstrap.stop();
      bootstrap.start(now);
    }
  }

  stop(): void {
    for (const bootstrap of this.#bootstraps.values()) bootstrap.stop();
    this.#bootstraps.clear();
    this.#heldBack.clear();
  }

  /** True when the question's servers are being looked up: it is started again once they are. */
  holdBack(inquiry: Inquiry, spec: ResolveSpec): boolean {
    const route = this.#routes.routeOf(spec);
    if (route === undefined || route.states.length > 0 || !this.#isAsking(route)) return false;
    this.#heldBack.add(inquiry);
    return true;
  }

  forget(inquiry: Inquiry): void {
    this.#heldBack.delete(inquiry);
  }

  #isAsking({ servers }: Route): boolean {
    return servers.some(
      (server) => isNamed(server) && this.#bootstraps.get(namedKey(server))?.isAsking === true,
    );
  }

  #add(key: string, server: NamedServer, now: Instant): void {
    const bootstrap = new Bootstrap(
      server,
      this.#context,
      this.#exchanges,
      this.#servers,
      (addresses, at) => {
        if (addresses.length > 0) this.#routes.setAddresses(server, addresses);
        this.#release(at);
      },
    );
    this.#bootstraps.set(key, bootstrap);
    bootstrap.start(now);
  }

  #release(now: Instant): void {
    const held = [...this.#heldBack];
    this.#heldBack.clear();
    for (const inquiry of held) inquiry.start(now);
  }
}

function sameServers(known: readonly ServerState[], wanted: readonly ExchangeServer[]): boolean {
  return known.length === wanted.length && known.every(({ key }, at) => key === keyOf(wanted[at]!));
}
