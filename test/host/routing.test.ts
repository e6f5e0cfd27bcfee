import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { NO_RULES, type RoutingRules, routeOf } from "../../src/host/routing.ts";
import { isMulticastName } from "../../src/host/special-names.ts";
import { RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import { addressOfReverseName, reverseName } from "../../src/wire/reverse.ts";

const facts = {
  isOwnName: (name: Name) => name.toString() === "node-1.local" || name.toString() === "node-1",
  isOwnAddress: (address: IpAddress) => address === "192.0.2.1",
  isOnLink: (address: IpAddress) => address.startsWith("192.0.2."),
};

function routeText(text: string, rules: Partial<RoutingRules> = {}, type?: number): string {
  const route = routeOf(Name.parse(text), facts, { ...NO_RULES, ...rules }, type);
  if (route.kind === "ask") return route.protocols.join(" ");
  return route.kind === "refused" ? `refused ${route.domain}` : route.kind;
}

const names = (...texts: readonly string[]) => texts.map((text) => Name.parse(text));

describe("a name goes to the protocol that answers for it", () => {
  it.each([
    // RFC 6762 §3
    ["printer.local", "mdns"],
    ["PRINTER.LOCAL.", "mdns"],
    ["Laser._ipp._tcp.local", "mdns"],
    ["local", "no-data"],
    ["printer.local.example", "unicast"],
    ["printer.notlocal", "unicast"],
    // RFC 6762 §4
    ["1.2.254.169.in-addr.arpa", "mdns llmnr"],
    ["254.169.in-addr.arpa", "mdns"],
    ["1.2.255.169.in-addr.arpa", "unicast"],
    ["1.0.8.e.f.ip6.arpa", "mdns"],
    ["9.e.f.ip6.arpa", "mdns"],
    ["a.e.f.ip6.arpa", "mdns"],
    ["b.e.f.ip6.arpa", "mdns"],
    ["c.e.f.ip6.arpa", "unicast"],
    // Other reverse names
    ["1.2.0.192.in-addr.arpa", "local"],
    ["9.2.0.192.in-addr.arpa", "unicast mdns llmnr"],
    ["8.8.8.8.in-addr.arpa", "unicast"],
    ["1.0.0.127.in-addr.arpa", "local"],
    ["127.in-addr.arpa", "no-data"],
    ["0.0.127.in-addr.arpa", "no-data"],
    ["1.1.0.0.127.in-addr.arpa", "no-data"],
    // RFC 6303 §4.2, §4.3, §4.6: nobody has such addresses, and nobody is asked
    ["2.0.192.in-addr.arpa", "no-data"],
    ["7.100.51.198.in-addr.arpa", "no-such-name"],
    ["1.0.0.0.in-addr.arpa", "no-such-name"],
    ["255.255.255.255.in-addr.arpa", "no-data"],
    [`${"0.".repeat(32)}ip6.arpa`, "no-data"],
    [`${"1.".repeat(24)}8.b.d.0.1.0.0.2.ip6.arpa`, "no-such-name"],
    // RFC 6761 §6.3, §6.4; RFC 7686 §2
    ["localhost", "local"],
    ["www.localhost", "local"],
    ["localhost.example", "unicast"],
    ["some.invalid", "refused invalid"],
    ["abc.onion", "refused onion"],
    ["onion.example", "unicast"],
    // RFC 6761 §6.2, §6.5; RFC 8375 §4: special elsewhere, names like others here
    ["www.test", "unicast"],
    ["www.example", "unicast"],
    ["nas.home.arpa", "unicast"],
    // RFC 9462 §8.2
    ["_dns.resolver.arpa", "no-data"],
    // Numbers that were taken for names
    ["192.0.2.7", "no-such-name"],
    ["127.1", "no-such-name"],
    ["1234", "no-such-name"],
    ["0x7f000001", "no-such-name"],
    ["1234.example", "unicast"],
    ["1234.local", "mdns"],
    // This host
    ["node-1.local", "local"],
    ["node-1", "local"],
    // The rest
    ["www.example.org", "unicast"],
    ["printer", "unicast mdns llmnr"],
    [".", "unicast"],
  ])("%s: %s", (name, route) => {
    expect(routeText(name)).toBe(route);
  });

  it.each(["NS", "SOA", "DS", "DNSKEY", "ANY"] as const)(
    "a bare label asked for with %s is a top-level domain",
    (type) => {
      expect(routeText("org", {}, RecordType[type])).toBe("unicast");
    },
  );

  it("publishes nothing under the name local itself", () => {
    expect(isMulticastName(Name.parse("local"))).toBe(false);
  });
});

describe("RFC 6303 §4.1, §4.4: names of private addresses", () => {
  it.each([
    ["7.0.0.10.in-addr.arpa"],
    ["7.1.20.172.in-addr.arpa"],
    ["7.1.168.192.in-addr.arpa"],
    ["7.1.64.100.in-addr.arpa"],
    [`${"1.".repeat(29)}1.d.f.ip6.arpa`],
  ])("%s is asked of name servers of the site alone", (name) => {
    expect(routeText(name, { hasSiteServer: true })).toBe("unicast");
    expect(routeText(name, { hasSiteServer: false })).toBe("no-such-name");
  });

  it("on a link are asked there, and of name servers of the site", () => {
    const name = "9.2.0.192.in-addr.arpa";
    expect(routeText(name, { hasSiteServer: false })).toBe("mdns llmnr");
    expect(routeText(name, { hasSiteServer: true })).toBe("unicast mdns llmnr");
  });

  it("of a zone that is routed are asked of its servers", () => {
    const rules = { hasSiteServer: false, routedDomains: names("10.in-addr.arpa") };
    expect(routeText("7.0.0.10.in-addr.arpa", rules)).toBe("unicast");
  });
});

describe("split DNS in local", () => {
  const corp = { routedDomains: names(".", "corp.local", "example") };

  it.each([
    ["corp.local", "unicast"],
    ["dc.corp.local", "unicast"],
    ["_ldap._tcp.dc._msdcs.corp.local", "unicast"],
    ["printer.local", "mdns"],
    ["notcorp.local", "mdns"],
    ["local", "no-data"],
  ])("with a route for corp.local, %s: %s", (name, route) => {
    expect(routeText(name, corp)).toBe(route);
  });

  it.each([
    ["local", "unicast"],
    ["printer.local", "mdns unicast"],
    ["b._dns-sd._udp.local", "mdns unicast"],
  ])("with a route for local, %s: %s", (name, route) => {
    expect(routeText(name, { routedDomains: names("local") })).toBe(route);
  });

  it("link-local reverse names stay on the link whatever is routed", () => {
    const rules = { routedDomains: names("in-addr.arpa") };
    expect(routeText("1.2.254.169.in-addr.arpa", rules)).toBe("mdns llmnr");
  });
});

describe("names in local that nobody answers for on the link", () => {
  it.each([
    ["never", "printer.local", "mdns"],
    ["never", "www.corp.local", "mdns"],
    ["always", "printer.local", "mdns unicast"],
    ["always", "local", "no-data"],
    ["auto", "printer.local", "mdns"],
    ["auto", "www.corp.local", "mdns unicast"],
    ["auto", "Laser._ipp._tcp.local", "mdns"],
    ["auto", "lb._dns-sd._udp.local", "mdns"],
    ["auto", "_ldap._tcp.corp.local", "mdns unicast"],
  ] as const)("%s: %s goes to %s", (localUnicastFallback, name, route) => {
    expect(routeText(name, { localUnicastFallback })).toBe(route);
  });

  it("auto asks name servers where the search list leads into local", () => {
    const rules = { localUnicastFallback: "auto", searchDomains: names("local") } as const;
    expect(routeText("printer.local", rules)).toBe("mdns unicast");
    expect(routeText("Laser._ipp._tcp.local", rules)).toBe("mdns");
  });
});

describe("RFC 1035 §3.5, RFC 3596 §2.5: reverse names", () => {
  it.each([
    ["192.0.2.1", "1.2.0.192.in-addr.arpa"],
    ["2001:db8::12:f", "f.0.0.0.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"],
  ])("%s is %s, and back", (address, name) => {
    expect(reverseName(address as IpAddress).toString()).toBe(name);
    expect(addressOfReverseName(Name.parse(name.toUpperCase()))).toBe(address);
  });

  it.each([
    "in-addr.arpa",
    "2.0.192.in-addr.arpa",
    "5.1.2.0.192.in-addr.arpa",
    "256.2.0.192.in-addr.arpa",
    "01.2.0.192.in-addr.arpa",
    "x.2.0.192.in-addr.arpa",
    "8.e.f.ip6.arpa",
    "www.example.org",
  ])("%s stands for no address", (name) => {
    expect(addressOfReverseName(Name.parse(name))).toBeUndefined();
  });
});
