/** NAPTR (RFC 3403 §4.1): a rule of the dynamic delegation discovery system. */

import { CHARACTER_STRING_SIZE_MAX } from "../constants.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { NaptrData } from "../record-data.ts";
import { formatCharacterString, formatName } from "../text-format.ts";

export const naptrCodec: RecordCodec<NaptrData> = {
  kind: "NAPTR",
  read: (reader) => ({
    kind: "NAPTR",
    order: reader.uint16(),
    preference: reader.uint16(),
    flags: reader.characterString(),
    services: reader.characterString(),
    regexp: reader.characterString(),
    replacement: reader.name(),
  }),
  write: (writer, data) => {
    writer.uint16(data.order);
    writer.uint16(data.preference);
    writer.characterString(data.flags);
    writer.characterString(data.services);
    writer.characterString(data.regexp);
    writer.plainName(data.replacement);
  },
  format: (data) =>
    [
      data.order,
      data.preference,
      formatCharacterString(data.flags),
      formatCharacterString(data.services),
      formatCharacterString(data.regexp),
      formatName(data.replacement),
    ].join(" "),
  parse: (fields) => ({
    kind: "NAPTR",
    order: fields.integer("the order", 0xffff),
    preference: fields.integer("the preference", 0xffff),
    flags: fields.octets("the flags", CHARACTER_STRING_SIZE_MAX),
    services: fields.octets("the services", CHARACTER_STRING_SIZE_MAX),
    regexp: fields.octets("the regular expression", CHARACTER_STRING_SIZE_MAX),
    replacement: fields.domainName("the replacement"),
  }),
};
