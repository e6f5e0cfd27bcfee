/** A (RFC 1035 §3.4.1) and AAAA (RFC 3596 §2.2): an address. */

import { DotlocalError } from "../../core/errors.ts";
import {
  type Family,
  familyOf,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  parseIpAddress,
} from "../../core/ip-address.ts";
import type { RecordCodec } from "../record-codec.ts";
import type { AddressData } from "../record-data.ts";
import { type TextFields, TextSyntaxError } from "../text-fields.ts";
import type { WireWriter } from "../wire-writer.ts";

const IPV4_SIZE = 4;
const IPV6_SIZE = 16;
const IPV4_UNSPECIFIED = "0.0.0.0" as IpAddress;
const IPV6_UNSPECIFIED = "::" as IpAddress;

export const addressCodec: RecordCodec<AddressData> = {
  kind: "A",
  read: (reader) => ({
    kind: "A",
    address: reader.inPlace(IPV4_SIZE, formatIpv4, IPV4_UNSPECIFIED),
  }),
  write: (writer, data) => writeAddress(writer, data.address, "ipv4"),
  format: (data) => data.address,
  parse: (fields) => ({ kind: "A", address: parseAddress(fields, "ipv4") }),
};

export const ipv6AddressCodec: RecordCodec<AddressData> = {
  kind: "AAAA",
  read: (reader) => ({
    kind: "AAAA",
    address: reader.inPlace(IPV6_SIZE, formatIpv6, IPV6_UNSPECIFIED),
  }),
  write: (writer, data) => writeAddress(writer, data.address, "ipv6"),
  format: (data) => data.address,
  parse: (fields) => ({ kind: "AAAA", address: parseAddress(fields, "ipv6") }),
};

function writeAddress(writer: WireWriter, address: IpAddress, family: Family): void {
  if (familyOf(address) !== family) {
    throw new DotlocalError("INVALID_DATA", `${address} is no ${family} address`);
  }
  writer.address(address);
}

function parseAddress(fields: TextFields, family: Family): IpAddress {
  const { text, column } = fields.field("the address");
  const address = text.includes("%") ? undefined : parseIpAddress(text);
  if (address === undefined || familyOf(address) !== family) {
    throw new TextSyntaxError(`"${text}" is no ${family} address`, column);
  }
  return address;
}
