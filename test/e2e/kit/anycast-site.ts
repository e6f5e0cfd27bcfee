/**
 * Two name servers behind one IPv4 and one IPv6 address, and routers that decide which of them a
 * packet comes to:
 *
 * ```
 *                    ┌─ r2 ── resolver1 ┐
 *   client ── r1 ────┤                  ├ 12.11.0.55, 2023:b::37
 *                    └─ r3 ── resolver2 ┘
 * ```
 *
 * The client sees nothing of a changed route: its own addresses and routes stay.
 */

import { type Host, Lan } from "./lan.ts";
import { SHARED_ADDRESSES } from "./peers/anycast-zone.ts";

/** The last parts of addresses on the network between the routers. */
const ROUTERS = [1, 2, 3] as const;

/** Seconds until a way that leads nowhere is replaced. */
const CONVERGENCE = 0.1;

/** Which resolver the shared addresses lead to: one of them, or each for part of the flows. */
export type Way = 1 | 2 | "both";

interface RoutedLan {
  readonly lan: Lan;
  /** The addresses of host `number` on it. */
  at(number: number): { readonly ipv4: string; readonly ipv6: string };
}

export class AnycastSite implements AsyncDisposable {
  readonly client: Host;
  /** resolver1 and resolver2, with the shared addresses and nothing that answers there. */
  readonly resolvers: readonly [Host, Host];
  readonly #lans: readonly Lan[];
  readonly #firstRouter: Host;
  readonly #core: RoutedLan;

  private constructor(parts: {
    readonly client: Host;
    readonly resolvers: readonly [Host, Host];
    readonly lans: readonly Lan[];
    readonly firstRouter: Host;
    readonly core: RoutedLan;
  }) {
    this.client = parts.client;
    this.resolvers = parts.resolvers;
    this.#lans = parts.lans;
    this.#firstRouter = parts.firstRouter;
    this.#core = parts.core;
  }

  /** At first the shared addresses lead to resolver1. */
  static async create(): Promise<AnycastSite> {
    const [edge, core, ...sites] = await Promise.all([
      routedLan("198.51.100", "2001:db8:1"),
      routedLan("192.0.2", "2001:db8:2"),
      routedLan("203.0.113", "2001:db8:3"),
      routedLan("198.18.4", "2001:db8:4"),
    ]);
    const [client, ...routers] = await Promise.all([
      hostOn(edge, "client", 10),
      ...ROUTERS.map((number) => hostOn(core, `r${number}`, number)),
    ]);
    const [r1, ...others] = routers;
    await r1!.connect(edge.lan, { addresses: prefixed(edge, 1) });
    await Promise.all(routers.map(forward));
    await routeAll(client, edge.at(1));
    const resolvers = await Promise.all(
      sites.map((site, index) => resolverBehind(others[index]!, site, index + 1, core.at(1))),
    );
    const site = new AnycastSite({
      client,
      resolvers: [resolvers[0]!, resolvers[1]!],
      lans: [edge, core, ...sites].map(({ lan }) => lan),
      firstRouter: r1!,
      core,
    });
    await site.routeTo(1);
    return site;
  }

  /** Moves the route to the shared addresses. */
  async routeTo(way: Way): Promise<void> {
    await this.#firstRouter.namespace.ip(...this.#routes(way));
  }

  /** The way used until now leads nowhere and nobody tells, then the routers agree on another. */
  async failOver(way: Way): Promise<void> {
    const { namespace } = this.#firstRouter;
    const drop = Object.values(SHARED_ADDRESSES).map((address) => {
      return `ip route replace blackhole ${address}`;
    });
    const script = [...drop, `sleep ${CONVERGENCE}`, ...this.#routes(way).map((r) => `ip ${r}`)];
    await namespace.output("sh", ["-ec", script.join("\n")]);
  }

  #routes(way: Way): readonly string[] {
    const resolvers = way === "both" ? [1, 2] : [way];
    const hops = (family: "ipv4" | "ipv6") =>
      resolvers.map((number) => `nexthop via ${this.#core.at(number + 1)[family]}`).join(" ");
    return [
      `route replace ${SHARED_ADDRESSES.ipv4}/32 ${hops("ipv4")}`,
      `route replace ${SHARED_ADDRESSES.ipv6}/128 ${hops("ipv6")}`,
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lans.map((lan) => lan.dispose()));
  }
}

async function routedLan(ipv4Prefix: string, ipv6Prefix: string): Promise<RoutedLan> {
  const lan = await Lan.create({ prefix: ipv4Prefix });
  const at = (number: number) => ({
    ipv4: `${ipv4Prefix}.${number}`,
    ipv6: `${ipv6Prefix}::${number}`,
  });
  return { lan, at };
}

function hostOn(network: RoutedLan, name: string, number: number): Promise<Host> {
  return network.lan.host(name, { addresses: prefixed(network, number) });
}

function prefixed(network: RoutedLan, number: number): readonly string[] {
  const { ipv4, ipv6 } = network.at(number);
  return [`${ipv4}/24`, `${ipv6}/64`];
}

/** Makes it a router, which sends flows, not packets, on different ways where there are several. */
async function forward(host: Host): Promise<void> {
  await host.output("sysctl", [
    ...["-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"],
    ...["net.ipv4.fib_multipath_hash_policy=1", "net.ipv6.fib_multipath_hash_policy=1"],
  ]);
}

async function routeAll(host: Host, by: { readonly ipv4: string; readonly ipv6: string }) {
  await host.namespace.ip(`route add default via ${by.ipv4}`, `route add default via ${by.ipv6}`);
}

/** A resolver on a network of its own behind `router`, whose other neighbour is `gateway`. */
async function resolverBehind(
  router: Host,
  network: RoutedLan,
  number: number,
  gateway: { readonly ipv4: string; readonly ipv6: string },
): Promise<Host> {
  const resolver = await hostOn(network, `resolver${number}`, 2);
  await router.connect(network.lan, { addresses: prefixed(network, 1) });
  await routeAll(router, gateway);
  await routeAll(resolver, network.at(1));
  const { ipv4, ipv6 } = network.at(2);
  await router.namespace.ip(
    `route add ${SHARED_ADDRESSES.ipv4}/32 via ${ipv4}`,
    `route add ${SHARED_ADDRESSES.ipv6}/128 via ${ipv6}`,
  );
  await resolver.namespace.ip(
    `address add ${SHARED_ADDRESSES.ipv4}/32 dev lo`,
    `address add ${SHARED_ADDRESSES.ipv6}/128 dev lo nodad`,
  );
  return resolver;
}
