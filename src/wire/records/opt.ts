/**
 * OPT (RFC 6891 §6.1.2): the options. The fixed part stands in the class and ttl fields; `edns.ts`
 * reads it. OPT has no presentation format of its own (RFC 6891 §6), so the data shows as octets.
 */

import { encodeHexadecimal } from "../encodings.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { OptData } from "../record-data.ts";
import { TextSyntaxError } from "../text-fields.ts";
import type { WireReader } from "../wire-reader.ts";

export const optCodec: RecordCodec<OptData> = {
  kind: "OPT",
  read: (reader) => ({ kind: "OPT", options: readOptions(reader) }),
  write: (writer, data) => {
    for (const option of data.options) {
      writer.uint16(option.code);
      writer.uint16(option.data.length);
      writer.octets(option.data);
    }
  },
  format: (data) => {
    const size = data.options.reduce((sum, option) => sum + 4 + option.data.length, 0);
    return `\\# ${size} ${data.options.map(formatOption).join("")}`.trimEnd();
  },
  parse: (fields) => {
    throw new TextSyntaxError("OPT data is written as \\# and octets only", fields.column);
  },
};

function readOptions(reader: WireReader): OptData["options"] {
  const options: { code: number; data: Uint8Array }[] = [];
  while (reader.remaining > 0) {
    options.push({ code: reader.uint16(), data: reader.octets(reader.uint16()) });
  }
  return options;
}

function formatOption(option: { readonly code: number; readonly data: Uint8Array }): string {
  const head = (option.code * 0x1_0000 + option.data.length).toString(16).padStart(8, "0");
  return head + encodeHexadecimal(option.data);
}
