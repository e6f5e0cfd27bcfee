/**
 * DS (RFC 4034 §5.1), DNSKEY (§2.1) and RRSIG (§3.1), as data: nothing here validates a signature.
 */

import { encodeBase64, encodeHexadecimal } from "../encodings.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { DnskeyData, DsData, RrsigData } from "../record-data.ts";
import { type TextFields, TextSyntaxError } from "../text-fields.ts";
import { formatName } from "../text-format.ts";
import { formatType, parseType } from "../type-names.ts";
import type { WireReader } from "../wire-reader.ts";
import { formatSignatureTime, parseSignatureTime } from "./signature-time.ts";

const UINT32_MAX = 0xffff_ffff;

export const dsCodec: RecordCodec<DsData> = {
  kind: "DS",
  read: (reader) => ({
    kind: "DS",
    keyTag: reader.uint16(),
    algorithm: reader.uint8(),
    digestType: reader.uint8(),
    digest: readSome(reader),
  }),
  write: (writer, data) => {
    writer.uint16(data.keyTag);
    writer.uint8(data.algorithm);
    writer.uint8(data.digestType);
    writer.octets(data.digest);
  },
  format: (data) =>
    `${data.keyTag} ${data.algorithm} ${data.digestType} ` +
    encodeHexadecimal(data.digest).toUpperCase(),
  parse: (fields) => ({
    kind: "DS",
    keyTag: fields.integer("the key tag", 0xffff),
    algorithm: fields.integer("the algorithm", 0xff),
    digestType: fields.integer("the digest type", 0xff),
    digest: fields.hexadecimal("the digest"),
  }),
};

export const dnskeyCodec: RecordCodec<DnskeyData> = {
  kind: "DNSKEY",
  read: (reader) => ({
    kind: "DNSKEY",
    flags: reader.uint16(),
    protocol: reader.uint8(),
    algorithm: reader.uint8(),
    publicKey: readSome(reader),
  }),
  write: (writer, data) => {
    writer.uint16(data.flags);
    writer.uint8(data.protocol);
    writer.uint8(data.algorithm);
    writer.octets(data.publicKey);
  },
  format: (data) =>
    `${data.flags} ${data.protocol} ${data.algorithm} ${encodeBase64(data.publicKey)}`,
  parse: (fields) => ({
    kind: "DNSKEY",
    flags: fields.integer("the flags", 0xffff),
    protocol: fields.integer("the protocol", 0xff),
    algorithm: fields.integer("the algorithm", 0xff),
    publicKey: fields.base64("the public key"),
  }),
};

export const rrsigCodec: RecordCodec<RrsigData> = {
  kind: "RRSIG",
  read: (reader) => ({
    kind: "RRSIG",
    typeCovered: reader.uint16(),
    algorithm: reader.uint8(),
    labels: reader.uint8(),
    originalTtl: reader.uint32(),
    expiration: reader.uint32(),
    inception: reader.uint32(),
    keyTag: reader.uint16(),
    signerName: reader.name(),
    signature: readSome(reader),
  }),
  write: (writer, data) => {
    writer.uint16(data.typeCovered);
    writer.uint8(data.algorithm);
    writer.uint8(data.labels);
    writer.uint32(data.originalTtl);
    writer.uint32(data.expiration);
    writer.uint32(data.inception);
    writer.uint16(data.keyTag);
    writer.plainName(data.signerName);
    writer.octets(data.signature);
  },
  format: (data) =>
    [
      formatType(data.typeCovered),
      data.algorithm,
      data.labels,
      data.originalTtl,
      formatSignatureTime(data.expiration),
      formatSignatureTime(data.inception),
      data.keyTag,
      formatName(data.signerName),
      encodeBase64(data.signature),
    ].join(" "),
  parse: (fields) => ({
    kind: "RRSIG",
    typeCovered: parseTypeCovered(fields),
    algorithm: fields.integer("the algorithm", 0xff),
    labels: fields.integer("the number of labels", 0xff),
    originalTtl: fields.integer("the original ttl", UINT32_MAX),
    expiration: parseTime(fields, "the expiration"),
    inception: parseTime(fields, "the inception"),
    keyTag: fields.integer("the key tag", 0xffff),
    signerName: fields.domainName("the signer's name"),
    signature: fields.base64("the signature"),
  }),
};

/** What is left, at least one octet: nothing is no digest, key or signature. */
function readSome(reader: WireReader): Uint8Array {
  if (reader.remaining === 0) reader.fail("RECORD_DATA_OVERRUN");
  return reader.rest();
}

function parseTypeCovered(fields: TextFields): number {
  const { text, column } = fields.field("the type covered");
  const type = parseType(text);
  if (type === undefined) throw new TextSyntaxError(`"${text}" is no type`, column);
  return type;
}

function parseTime(fields: TextFields, what: string): number {
  const { text, column } = fields.field(what);
  const time = parseSignatureTime(text);
  if (time === undefined) {
    throw new TextSyntaxError(`${what} "${text}" is no time as YYYYMMDDHHmmSS`, column);
  }
  return time;
}
