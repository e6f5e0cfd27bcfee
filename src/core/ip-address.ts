/**
 * IP addresses as canonical text: dotted decimal, or RFC 5952 without a scope id, so that two
 * addresses are equal exactly when their strings are. The link an address belongs to is kept beside
 * it, never inside it.
 *
 * Octets to canonical text and back is written out here because every A and AAAA record passes
 * through it; reading text that people wrote is ipaddr.js's.
 */

import ipaddr from "ipaddr.js";

declare const addressBrand: unique symbol;

/** Canonical text of an IPv4 or IPv6 address, without a scope id. */
export type IpAddress = string & { readonly [addressBrand]: true };

export type Family = "ipv4" | "ipv6";

export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

export function familyOf(address: IpAddress): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}

/** Reads an address (a `%scope` is accepted and dropped); undefined when it is none. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const scope = text.indexOf("%");
  const bare = scope < 0 ? text : text.slice(0, scope);
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) {
    return formatIpv4(ipaddr.IPv4.parse(bare).toByteArray(), 0);
  }
  if (!bare.includes(":") || !ipaddr.IPv6.isValid(bare)) return undefined;
  return formatIpv6(ipaddr.IPv6.parse(bare).toByteArray(), 0);
}

/** The 4 or 16 octets of an address, in network order. */
export function ipAddressOctets(address: IpAddress): Uint8Array {
  const octets = new Uint8Array(address.includes(":") ? 16 : 4);
  writeIpAddress(address, octets, 0);
  return octets;
}

/** Writes the 4 or 16 octets of an address at `offset`, and returns how many they are. */
export function writeIpAddress(address: IpAddress, octets: Uint8Array, offset: number): number {
  if (!address.includes(":")) {
    writeIpv4(address, 0, octets, offset);
    return 4;
  }
  octets.fill(0, offset, offset + 16);
  if (address.includes(".")) {
    octets.fill(0xff, offset + 10, offset + 12);
    writeIpv4(address, address.lastIndexOf(":") + 1, octets, offset + 12);
  } else {
    writeIpv6Groups(address, octets, offset);
  }
  return 16;
}

const COLON = 0x3a;
const DOT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const HEXADECIMAL_LETTER_0 = 0x61 - 10;

/** Canonical text, as every `IpAddress` is, needs no checks. */
function writeIpv4(text: string, start: number, octets: Uint8Array, offset: number): void {
  let value = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      octets[offset++] = value;
      value = 0;
    } else {
      value = value * 10 + code - DIGIT_0;
    }
  }
  octets[offset] = value;
}

/** Groups of hexadecimal digits into 16 octets of zero; those behind `::` move to the end. */
function writeIpv6Groups(text: string, octets: Uint8Array, start: number): void {
  let offset = start;
  let gap = start + 16;
  let digits = 0;
  let group = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : COLON;
    if (code !== COLON) {
      group = (group << 4) | (code > DIGIT_9 ? code - HEXADECIMAL_LETTER_0 : code - DIGIT_0);
      digits++;
    } else if (digits === 0) {
      gap = offset;
    } else {
      octets[offset++] = group >> 8;
      octets[offset++] = group & 0xff;
      group = 0;
      digits = 0;
    }
  }
  const end = start + 16;
  if (offset === end) return;
  const moved = end - (offset - gap);
  octets.copyWithin(moved, gap, offset);
  octets.fill(0, gap, moved);
}

/** The address in the 4 octets from `offset`. */
export function formatIpv4(octets: ArrayLike<number>, offset: number): IpAddress {
  return `${octets[offset]}.${octets[offset + 1]}.${octets[offset + 2]}.${octets[offset + 3]}` as IpAddress;
}

/** The address in the 16 octets from `offset`, as RFC 5952 §4 writes it. */
export function formatIpv6(octets: ArrayLike<number>, offset: number): IpAddress {
  let gapStart = -1;
  let gapLength = 1;
  let runStart = -1;
  for (let group = 0; group <= 8; group++) {
    const isZero =
      group < 8 && octets[offset + 2 * group] === 0 && octets[offset + 2 * group + 1] === 0;
    if (isZero) {
      if (runStart < 0) runStart = group;
    } else if (runStart >= 0) {
      if (group - runStart > gapLength) {
        gapStart = runStart;
        gapLength = group - runStart;
      }
      runStart = -1;
    }
  }
  if (gapStart === 0 && isIpv4Mapped(octets, offset, gapLength)) {
    return `::ffff:${formatIpv4(octets, offset + 12)}` as IpAddress;
  }
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === gapStart) {
      text += "::";
      group += gapLength - 1;
      continue;
    }
    if (group > 0 && group !== gapStart + gapLength) text += ":";
    text += formatGroup(octets[offset + 2 * group]!, octets[offset + 2 * group + 1]!);
  }
  return text as IpAddress;
}

const HEXADECIMAL = Array.from({ length: 256 }, (_, octet) => octet.toString(16));
const PADDED_HEXADECIMAL = HEXADECIMAL.map((text) => text.padStart(2, "0"));

function formatGroup(high: number, low: number): string {
  return high === 0 ? HEXADECIMAL[low]! : HEXADECIMAL[high]! + PADDED_HEXADECIMAL[low]!;
}

function isIpv4Mapped(octets: ArrayLike<number>, offset: number, gapLength: number): boolean {
  return gapLength === 5 && octets[offset + 10] === 0xff && octets[offset + 11] === 0xff;
}

/** 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: IpAddress): boolean {
  return address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/.test(address);
}

/** 127.0.0.0/8 or ::1. */
export function isLoopback(address: IpAddress): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Whether `address` lies in the subnet of `network` with `prefixLength` bits. */
export function isInSubnet(address: IpAddress, network: IpAddress, prefixLength: number): boolean {
  if (familyOf(address) !== familyOf(network)) return false;
  const a = ipAddressOctets(address);
  const n = ipAddressOctets(network);
  const whole = prefixLength >> 3;
  for (let index = 0; index < whole; index++) if (a[index] !== n[index]) return false;
  const rest = prefixLength & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return (a[whole]! & mask) === (n[whole]! & mask);
}
