/** What the unicast resolver tells of itself: plain data for `status` and the metrics. */

import { assert } from "../core/assert.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import { parseMessage } from "../wire/parse.ts";
import type { AnswerStore } from "./answer-store.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { isNamed, type Route, type ServerRoutes } from "./server-routes.ts";
import type { ServerState } from "./server-state.ts";
import type { ResolveSpec } from "./types.ts";

export interface ServerSnapshot {
  readonly transport: "udp" | "tcp" | "tls" | "https";
  readonly address: string;
  readonly port: number;
  readonly interface: string | undefined;
  readonly serverName: string | undefined;
  readonly state: "working" | "failing";
  /** Failures in a row. */
  readonly failures: number;
  /** Undefined until measured. */
  readonly roundTrip: Duration | undefined;
  readonly sent: number;
  readonly answered: number;
  readonly givesCookies: boolean;
}

export interface RouteSnapshot {
  /** In presentation format; `.` for the default route. */
  readonly domain: string;
  readonly servers: readonly ServerSnapshot[];
  /** Servers known by name whose addresses are not known yet. */
  readonly unresolved: readonly string[];
}

export interface DnsSnapshot {
  readonly routes: readonly RouteSnapshot[];
  readonly cache: {
    readonly size: number;
    readonly sizeMax: number;
    readonly evictions: number;
    readonly cuts: number;
  };
  readonly questions: number;
  readonly waiting: number;
  readonly exchanges: number;
  readonly counters: Readonly<Record<string, number>>;
}

export interface CachedQuestion {
  readonly spec: ResolveSpec;
  /** Milliseconds left; negative when it could only be given as stale. */
  readonly left: Duration;
  readonly uses: number;
  readonly message: Message;
}

export function routeSnapshots(routes: ServerRoutes): readonly RouteSnapshot[] {
  return Array.from(routes, (route) => ({
    domain: route.domain.toString(),
    servers: route.states.map(serverSnapshot),
    unresolved: unresolved(route, routes),
  }));
}

function unresolved(route: Route, routes: ServerRoutes): readonly string[] {
  return route.servers.flatMap((server) =>
    isNamed(server) && !routes.isKnown(server) ? [server.host.toString()] : [],
  );
}

function serverSnapshot(state: ServerState): ServerSnapshot {
  const { transport, address, port, serverName } = state.server;
  return {
    transport,
    address,
    port,
    interface: state.server.interface,
    serverName,
    state: state.health.state,
    failures: state.failures,
    roundTrip: state.roundTrip.mean,
    sent: state.sent,
    answered: state.answered,
    givesCookies: state.cookies.hasServerCookie,
  };
}

export function cacheSnapshot(store: AnswerStore, sizeMax: number): DnsSnapshot["cache"] {
  const { cache, cutCount } = store;
  return { size: cache.size, sizeMax, evictions: cache.evictions, cuts: cutCount };
}

export function* cachedQuestions(
  entries: Iterable<CacheEntry>,
  now: Instant,
): IterableIterator<CachedQuestion> {
  for (const entry of entries) {
    const message = messageOf(entry.response(now));
    const left = (entry.expires - now) as Duration;
    yield { spec: entry.spec, left, uses: entry.uses, message };
  }
}

/** The message in octets that we composed ourselves. */
export function messageOf(octets: Uint8Array): Message {
  const parsed = parseMessage(octets, "dns");
  assert(parsed.ok, "a cached message is malformed");
  return parsed.value;
}
