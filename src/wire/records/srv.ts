/** SRV (RFC 2782): where a service is. */

import type { RecordCodec } from "../record-codec.ts";
import type { SrvData } from "../record-data.ts";
import { formatName } from "../text-format.ts";

export const srvCodec: RecordCodec<SrvData> = {
  kind: "SRV",
  read: (reader) => ({
    kind: "SRV",
    priority: reader.uint16(),
    weight: reader.uint16(),
    port: reader.uint16(),
    target: reader.name(),
  }),
  write: (writer, data) => {
    writer.uint16(data.priority);
    writer.uint16(data.weight);
    writer.uint16(data.port);
    writer.nameCompressedInMdns(data.target);
  },
  format: (data) => `${data.priority} ${data.weight} ${data.port} ${formatName(data.target)}`,
  parse: (fields) => ({
    kind: "SRV",
    priority: fields.integer("the priority", 0xffff),
    weight: fields.integer("the weight", 0xffff),
    port: fields.integer("the port", 0xffff),
    target: fields.domainName("the target"),
  }),
};
