import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { LinkId } from "../../src/core/link.ts";
import { inAddressOrder } from "../../src/host/address-order.ts";
import { makeLink } from "./host-kit.ts";

/** `sources` are this host's addresses on the one link that all destinations were found on. */
function order(sources: string, destinations: string): string {
  const link = makeLink({ addresses: sources.split(" ") });
  const found = destinations
    .split(" ")
    .map((address) => ({ address: address as IpAddress, link: link.id }));
  return inAddressOrder(found, [link])
    .map(({ address }) => address)
    .join(" ");
}

describe("RFC 6724 §6: destination addresses are put in order", () => {
  it.each([
    [
      "rule 1: one that we have no source for comes last",
      "192.0.2.1/24",
      "2001:db8::5 192.0.2.5",
      "192.0.2.5 2001:db8::5",
    ],
    [
      "rule 2: matching scope beats precedence",
      "fe80::1/64 192.0.2.1/24",
      "2001:db8::5 192.0.2.5",
      "192.0.2.5 2001:db8::5",
    ],
    [
      "rule 2 (§10.2): a global pair beats a link-local destination from a global source",
      "2001:db8::1/64",
      "fe80::5 2001:db8::5",
      "2001:db8::5 fe80::5",
    ],
    [
      "rule 5: matching label",
      "2002:c633:6401::1/64 192.0.2.1/24",
      "2001:db8::5 192.0.2.5",
      "192.0.2.5 2001:db8::5",
    ],
    [
      "rule 6: IPv6 before IPv4",
      "2001:db8::1/64 192.0.2.1/24",
      "192.0.2.5 2001:db8::5",
      "2001:db8::5 192.0.2.5",
    ],
    [
      "rule 6: unique local addresses after IPv4",
      "fd00::1/64 192.0.2.1/24",
      "fd00::5 192.0.2.5",
      "192.0.2.5 fd00::5",
    ],
    [
      "rule 8: link-local before global",
      "2001:db8::1/64 fe80::1/64",
      "2001:db8::5 fe80::5",
      "fe80::5 2001:db8::5",
    ],
    [
      "rule 8: IPv4 link-local before global",
      "192.0.2.1/24 169.254.1.1/16",
      "192.0.2.5 169.254.9.9",
      "169.254.9.9 192.0.2.5",
    ],
    [
      "rule 9: the longer common prefix",
      "2001:db8:1::1/64",
      "2001:db8:8000::5 2001:db8:1::5",
      "2001:db8:1::5 2001:db8:8000::5",
    ],
    [
      "rule 9 counts no further than our prefix (§2.2)",
      "2001:db8::1/64",
      "2001:db8::8000:0:0:5 2001:db8::3",
      "2001:db8::8000:0:0:5 2001:db8::3",
    ],
    [
      "rule 10: equal ones stay as they were",
      "192.0.2.1/24",
      "192.0.2.9 192.0.2.8",
      "192.0.2.9 192.0.2.8",
    ],
  ])("%s", (_title, sources, destinations, expected) => {
    expect(order(sources, destinations)).toBe(expected);
  });

  it("rule 1: only the link it was found on offers sources for an address", () => {
    const eth0 = makeLink({ id: 2, addresses: ["192.0.2.1/24"] });
    const eth1 = makeLink({ id: 3, addresses: ["fe80::1/64"] });
    const destinations = [
      { address: "fe80::5" as IpAddress, link: 2 as LinkId },
      { address: "192.0.2.5" as IpAddress, link: 2 as LinkId },
      { address: "fe80::5" as IpAddress, link: 3 as LinkId },
    ];
    const ordered = inAddressOrder(destinations, [eth0, eth1]);
    expect(ordered.map(({ address, link }) => `${address}%${link}`)).toEqual([
      "fe80::5%3",
      "192.0.2.5%2",
      "fe80::5%2",
    ]);
  });

  it("loopback addresses are reached from themselves", () => {
    expect(order("192.0.2.1/24", "127.0.0.1 ::1")).toBe("::1 127.0.0.1");
  });
});
