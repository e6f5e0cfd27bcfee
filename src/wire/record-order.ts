/**
 * Record data as octets, its order and its identity.
 *
 * The order is that of RFC 6762 §8.2: class without the cache-flush bit, type, then the raw
 * uncompressed octets, unsigned, case and all. Identity is another matter: names in record data
 * are the same whatever the case of their ASCII letters (RFC 6762 §16).
 */

import type { Question, ResourceRecord } from "./record.ts";
import { codecOfData } from "./record-codecs.ts";
import type { RecordData } from "./record-data.ts";
import { type NameStyle, WireWriter } from "./wire-writer.ts";

const writer = new WireWriter();
const otherWriter = new WireWriter();

/** Uncompressed, in original case, without the length. Throws INVALID_DATA as composing does. */
export function recordDataOctets(data: RecordData): Uint8Array {
  if (data.kind === "UNKNOWN") return data.octets;
  return written(writer, data, "plain").copy();
}

/**
 * A string that is equal for the same data (`sameRecordData`): for maps, beside the type. Data of
 * different types may have the same key.
 */
export function recordDataKey(data: RecordData): string {
  switch (data.kind) {
    case "A":
    case "AAAA":
      return data.address;
    case "NS":
    case "CNAME":
    case "PTR":
    case "DNAME":
      return data.name.key;
    case "UNKNOWN":
      return `\\# ${written(writer, data, "folded").text()}`;
    default:
      return written(writer, data, "folded").text();
  }
}

/** Name, type and class: what the records of one RRset have in common, and a question asks for. */
export function recordSetKey(entry: ResourceRecord | Question): string {
  return `${entry.type} ${entry.class} ${entry.name.key}`;
}

/** Name, type, class and data: what makes a record this one, whatever its ttl. */
export function recordKey(record: ResourceRecord): string {
  return `${recordSetKey(record)} ${recordDataKey(record.data)}`;
}

/** Whether both say the same, with names compared as RFC 6762 §16 has it. */
export function sameRecordData(a: RecordData, b: RecordData): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "A":
    case "AAAA":
      return a.address === (b as typeof a).address;
    case "NS":
    case "CNAME":
    case "PTR":
    case "DNAME":
      return a.name.equals((b as typeof a).name);
    default:
      return written(writer, a, "folded").holdsSame(written(otherWriter, b, "folded"));
  }
}

/** Whether the records are the same but for their ttl and cache-flush bit. */
export function sameRecord(a: ResourceRecord, b: ResourceRecord): boolean {
  return (
    a.type === b.type &&
    a.class === b.class &&
    a.name.equals(b.name) &&
    sameRecordData(a.data, b.data)
  );
}

/** Less than zero when `a` is lexicographically earlier (RFC 6762 §8.2), zero when equal. */
export function compareRecordData(a: RecordData, b: RecordData): number {
  return compareOctets(recordDataOctets(a), recordDataOctets(b));
}

/** RFC 6762 §8.2 for records of one name. */
export function compareRecords(a: ResourceRecord, b: ResourceRecord): number {
  if (a.class !== b.class) return a.class - b.class;
  if (a.type !== b.type) return a.type - b.type;
  return compareRecordData(a.data, b.data);
}

/** Unsigned, octet by octet; of two where one is the start of the other, the shorter is earlier. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = a[index]! - b[index]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function written(target: WireWriter, data: RecordData, style: NameStyle): WireWriter {
  target.clear(style);
  if (data.kind === "UNKNOWN") target.octets(data.octets);
  else codecOfData(data).write(target, data);
  return target;
}
