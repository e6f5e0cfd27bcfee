/** NS, CNAME, PTR (RFC 1035 §3.3) and DNAME (RFC 6672 §2.1): one name. */

import type { RecordCodec } from "../record-codec.ts";
import type { NameData } from "../record-data.ts";
import { formatName } from "../text-format.ts";

/** The types of RFC 1035, whose names are compressed in every dialect. */
function nameCodec(kind: "NS" | "CNAME" | "PTR"): RecordCodec<NameData> {
  return {
    kind,
    read: (reader) => ({ kind, name: reader.name() }),
    write: (writer, data) => writer.name(data.name),
    format: (data) => formatName(data.name),
    parse: (fields) => ({ kind, name: fields.domainName("the name") }),
  };
}

export const nsCodec = nameCodec("NS");
export const cnameCodec = nameCodec("CNAME");
export const ptrCodec = nameCodec("PTR");

export const dnameCodec: RecordCodec<NameData> = {
  kind: "DNAME",
  read: (reader) => ({ kind: "DNAME", name: reader.name() }),
  write: (writer, data) => writer.nameCompressedInMdns(data.name),
  format: (data) => formatName(data.name),
  parse: (fields) => ({ kind: "DNAME", name: fields.domainName("the name") }),
};
