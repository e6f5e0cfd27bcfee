/** SOA (RFC 1035 §3.3.13): the start of a zone of authority. */

import type { RecordCodec } from "../record-codec.ts";
import type { SoaData } from "../record-data.ts";
import { formatName } from "../text-format.ts";

const UINT32_MAX = 0xffff_ffff;

export const soaCodec: RecordCodec<SoaData> = {
  kind: "SOA",
  read: (reader) => ({
    kind: "SOA",
    mname: reader.name(),
    rname: reader.name(),
    serial: reader.uint32(),
    refresh: reader.uint32(),
    retry: reader.uint32(),
    expire: reader.uint32(),
    minimum: reader.uint32(),
  }),
  write: (writer, data) => {
    writer.name(data.mname);
    writer.name(data.rname);
    writer.uint32(data.serial);
    writer.uint32(data.refresh);
    writer.uint32(data.retry);
    writer.uint32(data.expire);
    writer.uint32(data.minimum);
  },
  format: (data) =>
    `${formatName(data.mname)} ${formatName(data.rname)} ${data.serial} ${data.refresh} ` +
    `${data.retry} ${data.expire} ${data.minimum}`,
  parse: (fields) => ({
    kind: "SOA",
    mname: fields.domainName("the primary server"),
    rname: fields.domainName("the mailbox"),
    serial: fields.integer("the serial number", UINT32_MAX),
    refresh: fields.integer("the refresh time", UINT32_MAX),
    retry: fields.integer("the retry time", UINT32_MAX),
    expire: fields.integer("the expiry time", UINT32_MAX),
    minimum: fields.integer("the minimum ttl", UINT32_MAX),
  }),
};
