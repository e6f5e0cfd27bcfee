import { describe, expect, it } from "vitest";
import { pcapHeader, pcapPacket } from "../../src/cli/pcap.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { composed, seen } from "./message-fixtures.ts";

const QUESTION = { questions: ["printer.local. IN A"] };

/** RFC 1071: over what a correct checksum covers, itself included, the sum is all ones. */
function sum(...parts: readonly Uint8Array[]): number {
  const octets = Buffer.concat(parts);
  let total = 0;
  for (let at = 0; at < octets.length; at += 2) {
    total += octets[at]! * 256 + (octets[at + 1] ?? 0);
  }
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return total;
}

function sizeAndProtocol(size: number): Buffer {
  return Buffer.from([0, 0, size >> 8, size & 0xff, 0, 0, 0, 17]);
}

describe("a capture", () => {
  it("begins as a capture of IP packets with microseconds", () => {
    expect(Buffer.from(pcapHeader()).toString("hex")).toBe(
      "d4c3b2a1020004000000000000000000ffff000065000000",
    );
  });

  it("holds a message with its time and the headers of IPv4", () => {
    const packet = Buffer.from(pcapPacket(seen(QUESTION))!);
    expect([packet.readUInt32LE(0), packet.readUInt32LE(4)]).toEqual([1_700_000_000, 123_456]);
    const ip = packet.subarray(16);
    expect(packet.readUInt32LE(8)).toBe(ip.length);
    expect(ip.readUInt16BE(2)).toBe(ip.length);
    expect(sum(ip.subarray(0, 20))).toBe(0xffff);
    expect([...ip.subarray(12, 20)]).toEqual([192, 0, 2, 9, 224, 0, 0, 251]);
    const udp = ip.subarray(20);
    expect([udp.readUInt16BE(0), udp.readUInt16BE(2)]).toEqual([5353, 5353]);
    expect(sum(ip.subarray(12, 20), sizeAndProtocol(udp.length), udp)).toBe(0xffff);
    expect(udp.subarray(8).equals(composed(QUESTION))).toBe(true);
  });

  it("holds a message of an odd size with the headers of IPv6", () => {
    const question = { questions: ["printers.local. IN A"] };
    const message = seen(question, {
      family: "ipv6",
      source: { address: "fe80::9%eth0" as IpAddress, port: 5353 },
      destination: { address: "ff02::fb" as IpAddress, port: 5353 },
    });
    const ip = Buffer.from(pcapPacket(message)!).subarray(16);
    expect(ip[0]! >> 4).toBe(6);
    const udp = ip.subarray(40);
    expect(ip.readUInt16BE(4)).toBe(udp.length);
    expect(sum(ip.subarray(8, 40), sizeAndProtocol(udp.length), udp)).toBe(0xffff);
  });

  it("leaves messages of TCP out", () => {
    expect(pcapPacket(seen(QUESTION, { transport: "tcp" }))).toBeUndefined();
  });
});
