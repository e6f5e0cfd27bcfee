import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { isMulticastName, routeOf } from "../../src/host/routing.ts";
import { Name } from "../../src/wire/name.ts";
import { addressOfReverseName, reverseName } from "../../src/wire/reverse.ts";

const facts = {
  isOwnName: (name: Name) => name.toString() === "node-1.local" || name.toString() === "node-1",
  isOwnAddress: (address: IpAddress) => address === "192.0.2.1",
  isOnLink: (address: IpAddress) => address.startsWith("192.0.2."),
};

function routeText(text: string): string {
  const route = routeOf(Name.parse(text), facts);
  if (route.kind === "ask") return route.protocols.join(" ");
  return route.kind === "refused" ? `refused ${route.domain}` : route.kind;
}

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
    ["1.0.0.10.in-addr.arpa", "unicast"],
    ["1.0.0.127.in-addr.arpa", "local"],
    ["2.0.192.in-addr.arpa", "unicast"],
    // RFC 6761 §6.3, §6.4; RFC 7686 §2
    ["localhost", "local"],
    ["www.localhost", "local"],
    ["localhost.example", "unicast"],
    ["some.invalid", "refused invalid"],
    ["abc.onion", "refused onion"],
    ["onion.example", "unicast"],
    // This host
    ["node-1.local", "local"],
    ["node-1", "local"],
    // The rest
    ["www.example.org", "unicast"],
    ["printer", "unicast mdns llmnr"],
  ])("%s: %s", (name, route) => {
    expect(routeText(name)).toBe(route);
  });

  it("publishes nothing under the name local itself", () => {
    expect(isMulticastName(Name.parse("local"))).toBe(false);
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
