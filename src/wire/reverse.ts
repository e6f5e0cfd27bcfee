/** Names of addresses: `in-addr.arpa` (RFC 1035 §3.5) and `ip6.arpa` (RFC 3596 §2.5). */

import { formatIpv4, formatIpv6, type IpAddress, ipAddressOctets } from "../core/ip-address.ts";
import { Name } from "./name.ts";

const IPV4_SIZE = 4;
const IPV6_NIBBLES = 32;

export const IPV4_REVERSE = Name.of("in-addr", "arpa");
export const IPV6_REVERSE = Name.of("ip6", "arpa");

/** RFC 1035 §3.5: an octet in decimal, without leading zeros. */
const DECIMAL_OCTET = /^(?:0|[1-9]\d{0,2})$/;
const NIBBLE = /^[0-9a-f]$/i;

/** The name whose PTR record gives the name of `address`. */
export function reverseName(address: IpAddress): Name {
  const octets = ipAddressOctets(address);
  if (octets.length === IPV4_SIZE) {
    return Name.of(...Array.from(octets, String).reverse(), ...IPV4_REVERSE.labels);
  }
  const nibbles = Array.from(octets).flatMap((octet) => [octet >> 4, octet & 0xf]);
  const labels = nibbles.map((nibble) => nibble.toString(16)).reverse();
  return Name.of(...labels, ...IPV6_REVERSE.labels);
}

/** The address that a reverse name stands for; undefined when it stands for none, or for a subnet. */
export function addressOfReverseName(name: Name): IpAddress | undefined {
  if (name.labelCount === IPV4_SIZE + 2 && name.isWithin(IPV4_REVERSE)) return ipv4Of(name);
  if (name.labelCount === IPV6_NIBBLES + 2 && name.isWithin(IPV6_REVERSE)) return ipv6Of(name);
  return undefined;
}

function ipv4Of(name: Name): IpAddress | undefined {
  const texts = leadingLabels(name, IPV4_SIZE);
  if (!texts.every((text) => DECIMAL_OCTET.test(text) && Number(text) <= 0xff)) return undefined;
  return formatIpv4(texts.map(Number).reverse(), 0);
}

function ipv6Of(name: Name): IpAddress | undefined {
  const texts = leadingLabels(name, IPV6_NIBBLES);
  if (!texts.every((text) => NIBBLE.test(text))) return undefined;
  const nibbles = texts.map((text) => Number.parseInt(text, 16)).reverse();
  const octets: number[] = [];
  for (let at = 0; at < IPV6_NIBBLES; at += 2) octets.push((nibbles[at]! << 4) | nibbles[at + 1]!);
  return formatIpv6(octets, 0);
}

function leadingLabels(name: Name, count: number): string[] {
  return name.labels.slice(0, count).map((label) => String.fromCharCode(...label));
}
