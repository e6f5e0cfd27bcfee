/**
 * The records under a host's names: addresses, reverse mapping, HINFO (RFC 6762 §4, §6.2, §8, §10).
 *
 * A link gets the addresses of that link alone, link-local and global alike (RFC 6762 §14). An alias
 * gets address records of its own and not a CNAME: every resolver on a link follows address records,
 * while several (nss-mdns among them) do not follow a CNAME, and a CNAME owner could hold no other
 * record. Only the host's own name has reverse records, so that an address has one name.
 */

import { familyOf, type IpAddress, isLoopback } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { truncateText } from "../core/text.ts";
import type { PublishedRecord } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { reverseName } from "../wire/reverse.ts";
import type { HostSettings } from "./types.ts";

const textEncoder = new TextEncoder();

/** RFC 1035 §3.3: octets in a character-string. */
const CHARACTER_STRING_SIZE_MAX = 255;

/** Everything that is published on the link under the host's own name. */
export function hostRecords(name: Name, link: Link, settings: HostSettings): PublishedRecord[] {
  const { publish, hostTtl } = settings;
  const addresses = publish.addresses ? publishedAddresses(link, settings) : [];
  return [
    ...addressRecords(name, addresses, hostTtl, "cedable"),
    ...(publish.reverse ? reverseRecords(name, addresses, hostTtl, "cedable") : []),
    ...(publish.hinfo ? [hinfoRecord(name, settings)] : []),
  ];
}

/** The link's own addresses of the families that are wanted. */
export function publishedAddresses(
  link: Link,
  settings: Pick<HostSettings, "ipv4" | "ipv6">,
): readonly IpAddress[] {
  return link.addresses.filter(({ family }) => settings[family]).map(({ address }) => address);
}

/** `cedable`: left to another responder of this host that answers for the name. */
type Cession = "cedable" | "kept";

export function addressRecords(
  name: Name,
  addresses: readonly IpAddress[],
  ttl: number,
  cession: Cession,
): PublishedRecord[] {
  return addresses.map((address) => {
    const kind = familyOf(address) === "ipv4" ? "A" : "AAAA";
    const data = { kind, address } as const;
    const type = RecordType[kind];
    return { name, type, ttl, data, ownership: "unique", cedable: cession === "cedable" };
  });
}

/** RFC 6762 §8.1: reverse mapping records are taken to be unique without probing. */
export function reverseRecords(
  name: Name,
  addresses: readonly IpAddress[],
  ttl: number,
  cession: Cession,
): PublishedRecord[] {
  return addresses
    .filter((address) => !isLoopback(address))
    .map((address) => ({
      name: reverseName(address),
      type: RecordType.PTR,
      ttl,
      data: { kind: "PTR", name },
      ownership: "known-unique",
      cedable: cession === "cedable",
    }));
}

function hinfoRecord(name: Name, { hinfo, hostTtl }: HostSettings): PublishedRecord {
  const data = {
    kind: "HINFO",
    cpu: characterString(hinfo.cpu),
    os: characterString(hinfo.os),
  } as const;
  return { name, type: RecordType.HINFO, ttl: hostTtl, data, ownership: "unique", cedable: true };
}

function characterString(text: string): Uint8Array {
  return textEncoder.encode(truncateText(text, CHARACTER_STRING_SIZE_MAX));
}
