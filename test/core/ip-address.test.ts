import { describe, expect, it } from "vitest";
import {
  formatIpv6,
  type IpAddress,
  ipAddressOctets,
  isInSubnet,
  isLinkLocal,
  isLoopback,
  parseIpAddress,
} from "../../src/core/ip-address.ts";

describe("an IP address", () => {
  it.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["1:0:0:2:0:0:3:4", "1::2:0:0:3:4"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
  ])("%s has the canonical text %s (RFC 5952 §4)", (text, canonical) => {
    expect(parseIpAddress(text)).toBe(canonical);
  });

  it.each(["", "1.2.3", "1.2.3.256", "0x7f.1", "1.2.3.4.5", "fe80:::1", "12345::", "eth0"])(
    "%j is none",
    (text) => {
      expect(parseIpAddress(text)).toBeUndefined();
    },
  );

  it("comes back from its octets as it was", () => {
    const address = parseIpAddress("2001:db8:0:0:1::ab")!;
    expect(formatIpv6(ipAddressOctets(address), 0)).toBe(address);
  });

  it.each([
    ["192.0.2.130", "192.0.2.129", 25, true],
    ["192.0.2.126", "192.0.2.129", 25, false],
    ["10.1.2.3", "10.200.0.1", 8, true],
    ["10.1.2.3", "0.0.0.0", 0, true],
    ["fe80::1", "fe80::2", 64, true],
    ["fe80::1", "192.0.2.1", 0, false],
    ["2001:db8::1", "2001:db8::1", 128, true],
  ])("%s in the subnet of %s/%i: %s", (address, network, length, expected) => {
    expect(isInSubnet(address as IpAddress, network as IpAddress, length)).toBe(expected);
  });

  it("is link-local within 169.254.0.0/16 and fe80::/10, loopback within 127.0.0.0/8 and ::1", () => {
    const all = ["169.254.1.1", "fe80::1", "febf::1", "fec0::1", "127.9.9.9", "::1", "10.0.0.1"];
    const addresses = all.map((text) => parseIpAddress(text)!);
    expect(addresses.filter(isLinkLocal)).toEqual(["169.254.1.1", "fe80::1", "febf::1"]);
    expect(addresses.filter(isLoopback)).toEqual(["127.9.9.9", "::1"]);
  });
});
