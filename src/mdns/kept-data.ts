/**
 * Record data as the cache keeps it, which may have a hundred thousand of them: the kinds of which a
 * link has many are the one value that they consist of, all others stay as they are.
 *
 * What a kind consists of tells it apart only together with the type of the record.
 */

import type { IpAddress } from "../core/ip-address.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import { octetsOfText, textOfOctets } from "../wire/octet-text.ts";
import type { AddressData, NameData, RecordData, TxtData } from "../wire/record-data.ts";
import { recordDataKey, sameRecordData } from "../wire/record-order.ts";

/** The address of A and AAAA, the strings of TXT as on the wire; the name of NS, CNAME, PTR, DNAME. */
export type KeptData = string | Name | Exclude<RecordData, AddressData | NameData | TxtData>;

export function keepData(data: RecordData): KeptData {
  switch (data.kind) {
    case "A":
    case "AAAA":
      return data.address;
    case "NS":
    case "CNAME":
    case "PTR":
    case "DNAME":
      return data.name;
    case "TXT":
      return textOfStrings(data.strings);
    default:
      return data;
  }
}

/** The data of a record of that type. */
export function restoreData(kept: KeptData, type: number): RecordData {
  if (typeof kept === "string") {
    if (type === RecordType.TXT) return { kind: "TXT", strings: stringsOfText(kept) };
    return { kind: type === RecordType.A ? "A" : "AAAA", address: kept as IpAddress };
  }
  return kept instanceof Name ? { kind: kindOfName(type), name: kept } : kept;
}

/** Whether data of the same type say the same (`sameRecordData`). */
export function sameKeptData(a: KeptData, b: KeptData): boolean {
  if (a === b) return true;
  if (typeof a === "string" || typeof b === "string") return false;
  if (a instanceof Name) return b instanceof Name && a.equals(b);
  return !(b instanceof Name) && sameRecordData(a, b);
}

/** Equal for data of the same type that say the same. */
export function keptDataKey(kept: KeptData): string {
  if (typeof kept === "string") return kept;
  return kept instanceof Name ? kept.key : recordDataKey(kept);
}

function kindOfName(type: number): NameData["kind"] {
  switch (type) {
    case RecordType.NS:
      return "NS";
    case RecordType.CNAME:
      return "CNAME";
    case RecordType.DNAME:
      return "DNAME";
    default:
      return "PTR";
  }
}

function textOfStrings(strings: readonly Uint8Array[]): string {
  let size = 0;
  for (const string of strings) size += string.length + 1;
  const octets = new Uint8Array(size);
  let at = 0;
  for (const string of strings) {
    octets[at++] = string.length;
    for (let index = 0; index < string.length; index++) octets[at++] = string[index]!;
  }
  return textOfOctets(octets);
}

function stringsOfText(text: string): Uint8Array[] {
  const strings: Uint8Array[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + text.charCodeAt(at);
    strings.push(octetsOfText(text, at + 1, end));
    at = end;
  }
  return strings;
}
