/** CAA (RFC 8659 §4.1): who may issue certificates. */

import { CHARACTER_STRING_SIZE_MAX, MESSAGE_SIZE_MAX } from "../constants.ts";
import { formatText } from "../name-text.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { CaaData } from "../record-data.ts";
import { type TextFields, TextSyntaxError } from "../text-fields.ts";
import { formatCharacterString } from "../text-format.ts";
import type { WireReader } from "../wire-reader.ts";

/** RFC 8659 §4.1: letters and digits. */
const TAG = /^[0-9a-z]+$/i;

export const caaCodec: RecordCodec<CaaData> = {
  kind: "CAA",
  read: (reader) => ({
    kind: "CAA",
    flags: reader.uint8(),
    tag: readTag(reader),
    value: reader.rest(),
  }),
  write: (writer, data) => {
    writer.uint8(data.flags);
    writer.characterString(data.tag);
    writer.octets(data.value);
  },
  format: (data) =>
    `${data.flags} ${formatText(data.tag, /\\/g)} ${formatCharacterString(data.value)}`,
  parse: (fields) => ({
    kind: "CAA",
    flags: fields.integer("the flags", 0xff),
    tag: parseTag(fields),
    value: fields.octets("the value", MESSAGE_SIZE_MAX),
  }),
};

function readTag(reader: WireReader): Uint8Array {
  const tag = reader.characterString();
  if (!isTag(tag)) reader.fail("RECORD_DATA_VALUE");
  return tag;
}

function parseTag(fields: TextFields): Uint8Array {
  const { column } = fields;
  const tag = fields.octets("the tag", CHARACTER_STRING_SIZE_MAX);
  if (!isTag(tag)) throw new TextSyntaxError("the tag is not of letters and digits", column);
  return tag;
}

function isTag(tag: Uint8Array): boolean {
  return TAG.test(String.fromCharCode(...tag));
}
