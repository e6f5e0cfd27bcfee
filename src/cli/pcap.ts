/**
 * Captures in pcap's format (draft-ietf-opsawg-pcap), which Wireshark and tcpdump open: packets of IP
 * without a link layer, their headers put together from what the sockets know.
 *
 * What the sockets do not know is written as 255 (the hop limit, RFC 6762 §11) or 0 (a port that the
 * operating system drew).
 */

import { type IpAddress, ipAddressOctets } from "../core/ip-address.ts";
import type { SeenMessage } from "../runtime/seen-message.ts";

/** Microseconds, in the order of the machine that wrote it: here always little-endian. */
const MAGIC = 0xa1b2c3d4;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;
const SNAP_SIZE = 65_535;

/** LINKTYPE_RAW: each packet begins with the header of IPv4 or IPv6. */
const LINK_TYPE = 101;

const FILE_HEADER_SIZE = 24;
const RECORD_HEADER_SIZE = 16;
const IPV4_HEADER_SIZE = 20;
const IPV6_HEADER_SIZE = 40;
const UDP_HEADER_SIZE = 8;

const PROTOCOL_UDP = 17;
const HOP_LIMIT = 255;

/** What a file begins with. */
export function pcapHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(FILE_HEADER_SIZE));
  header.setUint32(0, MAGIC, true);
  header.setUint16(4, VERSION_MAJOR, true);
  header.setUint16(6, VERSION_MINOR, true);
  header.setUint32(16, SNAP_SIZE, true);
  header.setUint32(20, LINK_TYPE, true);
  return new Uint8Array(header.buffer);
}

/** A packet with its time; undefined for messages of TCP, whose stream is not known. */
export function pcapPacket(message: SeenMessage): Uint8Array | undefined {
  if (message.transport === "tcp") return undefined;
  const packet = ipPacket(message);
  const header = new DataView(new ArrayBuffer(RECORD_HEADER_SIZE));
  header.setUint32(0, Math.floor(message.at / 1_000_000), true);
  header.setUint32(4, message.at % 1_000_000, true);
  header.setUint32(8, packet.length, true);
  header.setUint32(12, packet.length, true);
  return Buffer.concat([new Uint8Array(header.buffer), packet]);
}

function ipPacket({ family, source, destination, octets }: SeenMessage): Uint8Array {
  const from = addressOctets(source.address);
  const to = addressOctets(destination.address);
  const payload = Buffer.from(octets, "base64");
  const udp = udpHeader(source.port, destination.port, payload.length);
  const pseudo = pseudoHeader(from, to, udp.length + payload.length);
  // RFC 768: a sum of zero is sent as all ones.
  udp.writeUInt16BE(checksum([pseudo, udp, payload]) || 0xffff, 6);
  const size = udp.length + payload.length;
  const header = family === "ipv4" ? ipv4Header(from, to, size) : ipv6Header(from, to, size);
  return Buffer.concat([header, udp, payload]);
}

function udpHeader(from: number, to: number, payloadSize: number): Buffer {
  const header = Buffer.alloc(UDP_HEADER_SIZE);
  header.writeUInt16BE(from, 0);
  header.writeUInt16BE(to, 2);
  header.writeUInt16BE(UDP_HEADER_SIZE + payloadSize, 4);
  return header;
}

/** RFC 768, RFC 8200 §8.1: what the checksum of UDP covers besides. */
function pseudoHeader(from: Uint8Array, to: Uint8Array, udpSize: number): Uint8Array {
  const rest = Buffer.alloc(8);
  rest.writeUInt32BE(udpSize, 0);
  rest[7] = PROTOCOL_UDP;
  return Buffer.concat([from, to, rest]);
}

/** RFC 791 §3.1. */
function ipv4Header(from: Uint8Array, to: Uint8Array, payloadSize: number): Uint8Array {
  const header = Buffer.alloc(IPV4_HEADER_SIZE);
  header[0] = 0x45;
  header.writeUInt16BE(IPV4_HEADER_SIZE + payloadSize, 2);
  header[8] = HOP_LIMIT;
  header[9] = PROTOCOL_UDP;
  header.set(from, 12);
  header.set(to, 16);
  header.writeUInt16BE(checksum([header]), 10);
  return header;
}

/** RFC 8200 §3. */
function ipv6Header(from: Uint8Array, to: Uint8Array, payloadSize: number): Uint8Array {
  const header = Buffer.alloc(IPV6_HEADER_SIZE);
  header[0] = 0x60;
  header.writeUInt16BE(payloadSize, 4);
  header[6] = PROTOCOL_UDP;
  header[7] = HOP_LIMIT;
  header.set(from, 8);
  header.set(to, 24);
  return header;
}

/** RFC 1071: the ones' complement of the sum of all words; only the last part may be of odd size. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += (part[at]! << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressOctets(address: string): Uint8Array {
  return Uint8Array.from(ipAddressOctets(address.replace(/%.*$/, "") as IpAddress));
}
