/**
 * Reads what tcpdump writes: the pcap file format (microseconds, Ethernet) and, inside it, UDP over
 * IPv4 and IPv6. Other frames and fragments are passed over.
 */

import { formatIpv4, formatIpv6, type IpAddress } from "../../../src/core/ip-address.ts";

export interface UdpPacket {
  /** Seconds since 1970, exact to the microsecond. */
  readonly at: number;
  /** The sender's Ethernet address, e.g. `02:00:00:00:00:01`. */
  readonly hardwareAddress: string;
  readonly source: { readonly address: IpAddress; readonly port: number };
  readonly destination: { readonly address: IpAddress; readonly port: number };
  /** IPv4 time to live or IPv6 hop limit. */
  readonly hopLimit: number;
  /** The UDP payload. */
  readonly octets: Uint8Array;
}

const FILE_HEADER_SIZE = 24;
const FRAME_HEADER_SIZE = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINK_TYPE_ETHERNET = 1;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const PROTOCOL_UDP = 17;

/** Every UDP packet of a file that may still be growing: a frame that is not complete is left. */
export function readPcap(file: Buffer): UdpPacket[] {
  if (file.length < FILE_HEADER_SIZE) return [];
  const isKnown =
    file.readUInt32LE(0) === MAGIC_MICROSECONDS && file.readUInt32LE(20) === LINK_TYPE_ETHERNET;
  if (!isKnown) throw new Error("not a pcap file of Ethernet frames in microseconds");
  const packets: UdpPacket[] = [];
  for (let at = FILE_HEADER_SIZE; at + FRAME_HEADER_SIZE <= file.length; ) {
    const size = file.readUInt32LE(at + 8);
    const start = at + FRAME_HEADER_SIZE;
    if (start + size > file.length) break;
    const seconds = file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6;
    const packet = readFrame(file.subarray(start, start + size), seconds);
    if (packet !== undefined) packets.push(packet);
    at = start + size;
  }
  return packets;
}

function readFrame(frame: Buffer, at: number): UdpPacket | undefined {
  if (frame.length < 14) return undefined;
  const hardwareAddress = frame.subarray(6, 12).toString("hex").match(/../g)!.join(":");
  const payload = frame.subarray(14);
  const internet = readInternetHeader(frame.readUInt16BE(12), payload);
  if (internet === undefined) return undefined;
  const { sourceAddress, destinationAddress, hopLimit, udp } = internet;
  if (udp.length < 8) return undefined;
  return {
    at,
    hardwareAddress,
    source: { address: sourceAddress, port: udp.readUInt16BE(0) },
    destination: { address: destinationAddress, port: udp.readUInt16BE(2) },
    hopLimit,
    octets: Uint8Array.from(udp.subarray(8, udp.readUInt16BE(4))),
  };
}

interface InternetHeader {
  readonly sourceAddress: IpAddress;
  readonly destinationAddress: IpAddress;
  readonly hopLimit: number;
  readonly udp: Buffer;
}

function readInternetHeader(ethertype: number, packet: Buffer): InternetHeader | undefined {
  if (ethertype === ETHERTYPE_IPV4) return readIpv4Header(packet);
  if (ethertype === ETHERTYPE_IPV6) return readIpv6Header(packet);
  return undefined;
}

function readIpv4Header(packet: Buffer): InternetHeader | undefined {
  const isFragment = (packet.readUInt16BE(6) & 0x3fff) !== 0;
  if (packet[9] !== PROTOCOL_UDP || isFragment) return undefined;
  return {
    sourceAddress: formatIpv4(packet, 12),
    destinationAddress: formatIpv4(packet, 16),
    hopLimit: packet[8]!,
    udp: packet.subarray((packet[0]! & 0x0f) * 4, packet.readUInt16BE(2)),
  };
}

function readIpv6Header(packet: Buffer): InternetHeader | undefined {
  if (packet[6] !== PROTOCOL_UDP) return undefined;
  return {
    sourceAddress: formatIpv6(packet, 8),
    destinationAddress: formatIpv6(packet, 24),
    hopLimit: packet[7]!,
    udp: packet.subarray(40, 40 + packet.readUInt16BE(4)),
  };
}
