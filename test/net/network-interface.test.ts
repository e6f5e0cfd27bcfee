import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import {
  type InterfaceAddress,
  linksOf,
  type NetworkInterface,
} from "../../src/net/network-interface.ts";
import { parseIfInet6 } from "../../src/net/sysfs-links.ts";

const BOTH = () => ({ ipv4: true, ipv6: true });
const ALONE = { wakes: 0, sharesPort: () => false };

function address(text: string, flags: Partial<InterfaceAddress> = {}): InterfaceAddress {
  const isIpv6 = text.includes(":");
  return {
    family: isIpv6 ? "ipv6" : "ipv4",
    address: text as IpAddress,
    prefixLength: isIpv6 ? 64 : 24,
    tentative: false,
    deprecated: false,
    temporary: false,
    ...flags,
  };
}

function ethernet(properties: Partial<NetworkInterface>): NetworkInterface {
  return {
    index: 3,
    name: "eth0",
    up: true,
    carrier: true,
    loopback: false,
    multicast: true,
    pointToPoint: false,
    mtu: 1500,
    mac: undefined,
    addresses: [address("fe80::1"), address("192.0.2.1")],
    interruptions: 0,
    ...properties,
  };
}

describe("links of interfaces", () => {
  it("are those that are up, have carrier and are selected", () => {
    const interfaces = [
      ethernet({ index: 3 }),
      ethernet({ index: 4, up: false }),
      ethernet({ index: 5, carrier: false }),
      ethernet({ index: 6, name: "docker0" }),
    ];
    const select = ({ name }: NetworkInterface) => (name === "docker0" ? undefined : BOTH());
    expect(linksOf(interfaces, select, ALONE).map(({ id }) => id)).toEqual([3]);
  });

  it("list IPv4 addresses before IPv6 ones, whichever the system told first", () => {
    const [link] = linksOf([ethernet({})], BOTH, ALONE);
    expect(link!.addresses.map((own) => own.address)).toEqual(["192.0.2.1", "fe80::1"]);
  });

  it("leave out tentative, deprecated and temporary addresses", () => {
    const addresses = [
      address("2001:db8::1"),
      address("2001:db8::2", { tentative: true }),
      address("2001:db8::3", { deprecated: true }),
      address("2001:db8::4", { temporary: true }),
    ];
    const [link] = linksOf([ethernet({ addresses })], BOTH, ALONE);
    expect(link!.addresses.map((own) => own.address)).toEqual(["2001:db8::1"]);
  });

  it("leave out a family that is not selected or has no address yet", () => {
    const onlyIpv4 = () => ({ ipv4: true, ipv6: false });
    expect(linksOf([ethernet({})], onlyIpv4, ALONE)[0]!.families).toEqual(["ipv4"]);
    const addresses = [address("fe80::1", { tentative: true }), address("192.0.2.1")];
    expect(linksOf([ethernet({ addresses })], BOTH, ALONE)[0]!.families).toEqual(["ipv4"]);
    expect(linksOf([ethernet({ addresses: [] })], BOTH, ALONE)).toEqual([]);
  });

  it("begin a new incarnation with each interruption and each wake", () => {
    const incarnation = (interruptions: number, wakes: number) =>
      linksOf([ethernet({ interruptions })], BOTH, { ...ALONE, wakes })[0]!.incarnation;
    expect(new Set([incarnation(0, 0), incarnation(1, 0), incarnation(1, 1)]).size).toBe(3);
  });
});

it("/proc/net/if_inet6 tells addresses with their flags", () => {
  const table = [
    "00000000000000000000000000000001 01 80 10 80       lo",
    "fe80000000000000021122fffe334455 02 40 20 80     eth0",
    "20010db8000000000000000000000001 02 40 00 01     eth0",
    "20010db8000000000000000000000002 02 40 00 60     eth0",
    "",
  ].join("\n");
  const addresses = parseIfInet6(table);
  expect(addresses.get("lo")).toEqual([{ ...address("::1"), prefixLength: 128 }]);
  expect(addresses.get("eth0")).toEqual([
    address("fe80::211:22ff:fe33:4455"),
    address("2001:db8::1", { temporary: true }),
    address("2001:db8::2", { tentative: true, deprecated: true }),
  ]);
});
