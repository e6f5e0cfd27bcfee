/** MX (RFC 1035 §3.3.9): a mail exchange. */

import type { RecordCodec } from "../record-codec.ts";
import type { MxData } from "../record-data.ts";
import { formatName } from "../text-format.ts";

export const mxCodec: RecordCodec<MxData> = {
  kind: "MX",
  read: (reader) => ({ kind: "MX", preference: reader.uint16(), exchange: reader.name() }),
  write: (writer, data) => {
    writer.uint16(data.preference);
    writer.name(data.exchange);
  },
  format: (data) => `${data.preference} ${formatName(data.exchange)}`,
  parse: (fields) => ({
    kind: "MX",
    preference: fields.integer("the preference", 0xffff),
    exchange: fields.domainName("the exchange"),
  }),
};
