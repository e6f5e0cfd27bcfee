import { describe, expect, it } from "vitest";
import {
  DEFAULT_CONFIGURATION,
  type ResolverConfiguration,
} from "../../src/config/configuration.ts";
import { parseUpstream, type Upstream } from "../../src/config/network-values.ts";
import { parseResolvConf } from "../../src/net/resolv-conf.ts";
import type { Discovery } from "../../src/net/upstream-discovery.ts";
import { resolverSettings } from "../../src/runtime/resolver-settings.ts";
import { Name } from "../../src/wire/name.ts";
import { server } from "../unicast/resolver-kit.ts";

function discovery(resolvConf = ""): Discovery {
  const settings = parseResolvConf(resolvConf);
  const servers = settings.servers.map(({ address }) => server(address));
  return { servers, settings, source: "/etc/resolv.conf" };
}

function upstreams(...texts: readonly string[]): readonly Upstream[] {
  return texts.map((text) => {
    const parsed = parseUpstream(text);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  });
}

function settingsOf(
  parts: Partial<ResolverConfiguration> = {},
  resolvConf = "",
  hostName = "node-1",
) {
  const resolver = { ...DEFAULT_CONFIGURATION.resolver, ...parts };
  return resolverSettings(resolver, { discovery: discovery(resolvConf), hostName });
}

/** `domain: transport address port`, one a route. */
function plan({ servers }: ReturnType<typeof settingsOf>): string[] {
  return servers.routes.map(({ domain, servers: of }) => {
    const shown = of.map((one) => {
      const where = "address" in one ? one.address : one.host.toString();
      return `${one.transport} ${where} ${one.port}`;
    });
    return `${domain}: ${shown.join(", ")}`;
  });
}

describe("whom to ask", () => {
  it("is what resolv.conf says where nothing is configured", () => {
    expect(plan(settingsOf({}, "nameserver 192.0.2.53\nnameserver 192.0.2.54\n"))).toEqual([
      ".: udp 192.0.2.53 53, udp 192.0.2.54 53",
    ]);
    expect(plan(settingsOf())).toEqual([]);
  });

  it("is what is configured, of every kind", () => {
    const configured = upstreams(
      "192.0.2.1",
      "tls://192.0.2.2#dns.example",
      "https://192.0.2.3/dns-query#dns.example",
      "https://dns.example/dns-query",
    );
    const settings = settingsOf({ upstreams: configured }, "nameserver 192.0.2.53\n");
    expect(plan(settings)).toEqual([
      ".: udp 192.0.2.1 53, tls 192.0.2.2 853, https 192.0.2.3 443, https dns.example 443",
    ]);
    expect(settings.servers.routes[0]!.servers.at(-1)).toMatchObject({
      ...{ serverName: "dns.example", path: "/dns-query" },
    });
  });

  it("a server known by name is looked up at the plain ones, or at the system's", () => {
    const named = upstreams("https://dns.example/dns-query");
    const addresses = (parts: Partial<ResolverConfiguration>) =>
      settingsOf(parts, "nameserver 192.0.2.53\n").servers.bootstrap.map((one) => one.address);
    expect(addresses({ upstreams: named })).toEqual(["192.0.2.53"]);
    expect(addresses({ upstreams: [...named, ...upstreams("192.0.2.1")] })).toEqual(["192.0.2.1"]);
  });

  it("domains have servers of their own", () => {
    const routes = [{ domain: Name.parse("corp.local"), upstreams: upstreams("10.0.0.53") }];
    expect(plan(settingsOf({ routes }, "nameserver 192.0.2.53\n"))).toEqual([
      ".: udp 192.0.2.53 53",
      "corp.local: udp 10.0.0.53 53",
    ]);
  });

  it("our own stub is never asked, though it is configured", () => {
    const own = upstreams("127.0.0.153", "192.0.2.1");
    const routes = [{ domain: Name.parse("example"), upstreams: upstreams("127.0.0.153:53") }];
    expect(plan(settingsOf({ upstreams: own, routes }))).toEqual([
      ".: udp 192.0.2.1 53",
      "example: ",
    ]);
  });
});

describe("how a short name is searched", () => {
  const searched = (...args: Parameters<typeof settingsOf>) => {
    const { domains, ndots } = settingsOf(...args).search;
    return `${domains.join(" ")} ${ndots}`;
  };

  it("is as resolv.conf says, with the domain of the host's name where it says nothing", () => {
    expect(searched({}, "search a.example b.example\noptions ndots:3\n")).toBe(
      "a.example b.example 3",
    );
    expect(searched({}, "", "node-1.example.org")).toBe("example.org 1");
    expect(searched({}, "", "node-1")).toBe(" 1");
  });

  it("is as configured, and a domain that is none is left out", () => {
    const search = [Name.parse("c.example")];
    expect(searched({ search, ndots: 2 }, "search a.example\noptions ndots:5\n")).toBe(
      "c.example 2",
    );
    expect(searched({}, "search a..example b.example\n")).toBe("b.example 1");
  });
});

describe("how long is waited, and for what", () => {
  it("comes from resolv.conf's options", () => {
    const options = "options timeout:3 attempts:4 rotate trust-ad\n";
    expect(settingsOf({}, options).dns).toMatchObject({
      ...{ timeout: 3000, attempts: 4, rotateServers: true, trustAd: true, rotateAnswers: false },
    });
    expect(settingsOf({ attempts: 1, rotate: true }, options).dns).toMatchObject({
      ...{ timeout: 3000, attempts: 1, rotateAnswers: true },
    });
  });
});
