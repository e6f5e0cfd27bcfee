/**
 * NSEC (RFC 4034 §4.1): which types a name has. In mDNS it says which types it has not (RFC 6762
 * §6.1); whoever reads it there ignores the next domain name.
 */

import { DotlocalError } from "../../core/errors.ts";
import { RecordType } from "../constants.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { NsecData } from "../record-data.ts";
import { type TextFields, TextSyntaxError } from "../text-fields.ts";
import { formatName } from "../text-format.ts";
import { formatType, parseType } from "../type-names.ts";
import type { WireReader } from "../wire-reader.ts";
import type { WireWriter } from "../wire-writer.ts";

/** RFC 4034 §4.1.2: octets of one window's bitmap. */
const BITMAP_SIZE_MAX = 32;

/** RFC 6895 §3.1: from here to ANY, types exist only in questions and in single messages. */
const META_TYPE_FIRST = 128;

export const nsecCodec: RecordCodec<NsecData> = {
  kind: "NSEC",
  read: (reader) => ({
    kind: "NSEC",
    nextDomainName: reader.name(),
    types: readTypes(reader),
  }),
  write: (writer, data) => {
    writer.nameCompressedInMdns(data.nextDomainName);
    writeTypes(writer, data.types);
  },
  format: (data) => [formatName(data.nextDomainName), ...data.types.map(formatType)].join(" "),
  parse: (fields) => ({
    kind: "NSEC",
    nextDomainName: fields.domainName("the next domain name"),
    types: parseTypes(fields),
  }),
};

/** RFC 4034 §4.1.2: windows ascend; bits of pseudo-types are ignored. */
function readTypes(reader: WireReader): number[] {
  const types: number[] = [];
  let previous = -1;
  while (reader.remaining > 0) {
    const window = reader.uint8();
    const size = reader.uint8();
    if (window <= previous || size === 0 || size > BITMAP_SIZE_MAX) {
      reader.fail("RECORD_DATA_VALUE");
    }
    previous = window;
    for (let index = 0; index < size && reader.failure === undefined; index++) {
      pushTypes(types, (window << 8) | (index << 3), reader.uint8());
    }
  }
  return types;
}

function pushTypes(types: number[], first: number, bits: number): void {
  for (let bit = 0; bits !== 0; bit++, bits = (bits << 1) & 0xff) {
    if ((bits & 0x80) !== 0 && !isPseudoType(first + bit)) types.push(first + bit);
  }
}

function isPseudoType(type: number): boolean {
  if (type === 0 || type === RecordType.OPT) return true;
  return type >= META_TYPE_FIRST && type <= RecordType.ANY;
}

function writeTypes(writer: WireWriter, types: readonly number[]): void {
  let index = 0;
  while (index < types.length) {
    const window = types[index]! >> 8;
    const bitmap = new Uint8Array(BITMAP_SIZE_MAX);
    let size = 0;
    for (; index < types.length && types[index]! >> 8 === window; index++) {
      const type = types[index]!;
      if (index > 0 && type <= types[index - 1]!) {
        throw new DotlocalError("INVALID_DATA", "the types of NSEC data do not ascend");
      }
      size = ((type & 0xff) >> 3) + 1;
      bitmap[size - 1]! |= 0x80 >> (type & 7);
    }
    writer.uint8(window);
    writer.uint8(size);
    writer.octets(bitmap.subarray(0, size));
  }
}

function parseTypes(fields: TextFields): number[] {
  const types = new Set<number>();
  while (!fields.isAtEnd) {
    const { text, column } = fields.field("the type");
    const type = parseType(text);
    if (type === undefined) throw new TextSyntaxError(`"${text}" is no type`, column);
    types.add(type);
  }
  return Array.from(types).sort((a, b) => a - b);
}
