/** Names of the reverse mapping (RFC 1035 §3.5, RFC 3596 §2.5) from and to addresses. */

import {
  familyOf,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  ipAddressOctets,
} from "../core/ip-address.ts";
import { Name } from "../wire/name.ts";

export const IPV4_REVERSE = Name.of("in-addr", "arpa");
export const IPV6_REVERSE = Name.of("ip6", "arpa");

/** `192.0.2.1` as `1.2.0.192.in-addr.arpa`. */
export function reverseName(address: IpAddress): Name {
  const octets = Array.from(ipAddressOctets(address)).reverse();
  if (familyOf(address) === "ipv4") return Name.of(...octets.map(String), ...IPV4_REVERSE.labels);
  const nibbles = octets.flatMap((octet) => [octet & 15, octet >> 4]);
  return Name.of(...nibbles.map((nibble) => nibble.toString(16)), ...IPV6_REVERSE.labels);
}

/** The address a reverse name stands for; undefined for other names and for whole zones. */
export function addressOfReverseName(name: Name): IpAddress | undefined {
  if (name.isWithin(IPV4_REVERSE)) return ipv4Of(digitsOf(name, IPV4_REVERSE));
  if (name.isWithin(IPV6_REVERSE)) return ipv6Of(digitsOf(name, IPV6_REVERSE));
  return undefined;
}

/** The labels below the zone, most significant first. */
function digitsOf(name: Name, zone: Name): readonly string[] {
  const digits = name.labels.slice(0, name.labelCount - zone.labelCount).reverse();
  return digits.map((label) => String.fromCharCode(...label));
}

function ipv4Of(digits: readonly string[]): IpAddress | undefined {
  if (digits.length !== 4 || !digits.every(isOctet)) return undefined;
  return formatIpv4(digits.map(Number), 0);
}

function isOctet(text: string): boolean {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}

function ipv6Of(digits: readonly string[]): IpAddress | undefined {
  if (digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/i.test(digit))) return undefined;
  const text = digits.join("");
  const octets = Array.from({ length: 16 }, (_, at) =>
    Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
  return formatIpv6(octets, 0);
}
