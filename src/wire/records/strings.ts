/** HINFO (RFC 1035 §3.3.2) and TXT (RFC 1035 §3.3.14): character-strings. */

import { DotlocalError } from "../../core/errors.ts";
import { CHARACTER_STRING_SIZE_MAX } from "../constants.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { HinfoData, TxtData } from "../record-data.ts";
import type { TextFields } from "../text-fields.ts";
import { formatCharacterString } from "../text-format.ts";
import type { WireReader } from "../wire-reader.ts";

export const hinfoCodec: RecordCodec<HinfoData> = {
  kind: "HINFO",
  read: (reader) => ({
    kind: "HINFO",
    cpu: reader.characterString(),
    os: reader.characterString(),
  }),
  write: (writer, data) => {
    writer.characterString(data.cpu);
    writer.characterString(data.os);
  },
  format: (data) => `${formatCharacterString(data.cpu)} ${formatCharacterString(data.os)}`,
  parse: (fields) => ({
    kind: "HINFO",
    cpu: fields.octets("the hardware", CHARACTER_STRING_SIZE_MAX),
    os: fields.octets("the operating system", CHARACTER_STRING_SIZE_MAX),
  }),
};

export const txtCodec: RecordCodec<TxtData> = {
  kind: "TXT",
  read: (reader) => ({ kind: "TXT", strings: readStrings(reader) }),
  write: (writer, data) => {
    if (data.strings.length === 0) {
      throw new DotlocalError("INVALID_DATA", "TXT data holds no string, not even an empty one");
    }
    for (const string of data.strings) writer.characterString(string);
  },
  format: (data) => data.strings.map(formatCharacterString).join(" "),
  parse: (fields) => ({ kind: "TXT", strings: parseStrings(fields) }),
};

/** RFC 6763 §6.1: TXT data without octets means the same as one empty string. */
function readStrings(reader: WireReader): Uint8Array[] {
  const strings: Uint8Array[] = [];
  while (reader.remaining > 0) strings.push(reader.characterString());
  if (strings.length === 0) strings.push(new Uint8Array(0));
  return strings;
}

function parseStrings(fields: TextFields): Uint8Array[] {
  const strings: Uint8Array[] = [];
  do strings.push(fields.octets("the string", CHARACTER_STRING_SIZE_MAX));
  while (!fields.isAtEnd);
  return strings;
}
