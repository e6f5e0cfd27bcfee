/**
 * The resolver's settings out of the configuration and what the system's files say: whom to ask, for
 * how long, and what a short name stands for.
 */

import type { ResolverConfiguration } from "../config/configuration.ts";
import { DNS_PORT, type Upstream } from "../config/network-values.ts";
import type { Endpoint } from "../core/datagram.ts";
import type { ExchangeServer } from "../core/exchange.ts";
import type { ResolverSettings } from "../host/types.ts";
import type { Discovery } from "../net/upstream-discovery.ts";
import { Name } from "../wire/name.ts";

type ServerPlan = ResolverSettings["servers"];
type ServerRoute = ServerPlan["routes"][number];
type NameServer = ServerRoute["servers"][number];

/** What the system's files say. */
export interface SystemResolution {
  readonly discovery: Discovery;
  /** With its domain, where it has one. */
  readonly hostName: string;
}

const NDOTS_DEFAULT = 1;

export function resolverSettings(
  resolver: ResolverConfiguration,
  system: SystemResolution,
): ResolverSettings {
  const { localUnicastFallback } = resolver;
  return {
    servers: serverPlan(resolver, system),
    dns: dnsSettings(resolver, system),
    search: searchSettings(resolver, system),
    localUnicastFallback,
  };
}

function serverPlan(resolver: ResolverConfiguration, { discovery }: SystemResolution): ServerPlan {
  const { upstreams, routes, stub } = resolver;
  const own = stub.enabled ? stub.listen : [];
  const configured = upstreams === "auto" ? undefined : serversOf(upstreams, own);
  const servers = configured ?? discovery.servers;
  const plain = servers.filter((server): server is ExchangeServer => "address" in server);
  return {
    routes: [
      ...(servers.length === 0 ? [] : [{ domain: Name.ROOT, servers }]),
      ...routes.map(
        ({ domain, upstreams: of }): ServerRoute => ({ domain, servers: serversOf(of, own) }),
      ),
    ],
    bootstrap: plain.length > 0 ? plain : discovery.servers,
  };
}

/** Without those that are our own stub: it would ask itself. */
function serversOf(
  upstreams: readonly Upstream[],
  own: readonly Endpoint[],
): readonly NameServer[] {
  return upstreams.map(nameServer).filter((server) => !isOneOf(server, own));
}

function isOneOf(server: NameServer, own: readonly Endpoint[]): boolean {
  if (!("address" in server)) return false;
  return own.some(({ address, port }) => server.address === address && server.port === port);
}

function nameServer(upstream: Upstream): NameServer {
  if (upstream.transport !== "https") {
    const { transport, address, port } = upstream;
    const serverName = transport === "tls" ? upstream.serverName : undefined;
    return {
      ...{ transport: transport === "tls" ? ("tls" as const) : ("udp" as const), address, port },
      ...{ interface: upstream.interface, serverName, path: undefined },
    };
  }
  const { host, address, port, path, serverName } = upstream;
  if (address !== undefined) {
    return { transport: "https", address, port, interface: undefined, serverName, path };
  }
  return {
    ...{ transport: "https", host: Name.parse(host), port, path },
    serverName: serverName ?? host,
  };
}

function dnsSettings(
  { timeout, attempts, rotate, cache }: ResolverConfiguration,
  { discovery }: SystemResolution,
): ResolverSettings["dns"] {
  const { options } = discovery.settings;
  return {
    timeout: timeout === "auto" ? options.timeout : timeout,
    attempts: attempts === "auto" ? options.attempts : attempts,
    rotateServers: options.rotate,
    trustAd: options.trustAd,
    rotateAnswers: rotate,
    cacheSizeMax: cache.size,
    maxTtl: cache.maxTtl,
    maxNegativeTtl: cache.maxNegativeTtl,
    staleTtl: cache.staleTtl,
    prefetch: cache.prefetch,
  };
}

/** The `ndots` of resolv.conf goes with its search list, unless another is configured. */
function searchSettings(
  { search, ndots }: ResolverConfiguration,
  { discovery, hostName }: SystemResolution,
): ResolverSettings["search"] {
  const { settings } = discovery;
  if (search !== "auto") return { domains: search, ndots, asksSingleLabel: false };
  const texts = settings.search ?? domainOf(hostName);
  const domains = texts.map(Name.tryParse).filter((name) => name instanceof Name);
  const dots = ndots === NDOTS_DEFAULT ? settings.options.ndots : ndots;
  return { domains, ndots: dots, asksSingleLabel: false };
}

/** resolv.conf(5): where the file names none, the domain of the host's own name is searched. */
function domainOf(hostName: string): readonly string[] {
  const dot = hostName.indexOf(".");
  return dot < 0 || dot === hostName.length - 1 ? [] : [hostName.slice(dot + 1)];
}

/** The endpoints that answer what we ask at port 53, and so must not be asked. */
export function stubEndpoints({ stub }: ResolverConfiguration): readonly Endpoint[] {
  return stub.enabled ? stub.listen.filter(({ port }) => port === DNS_PORT) : [];
}
