/**
 * Resource records as io.systemd.Resolve shows them: as JSON where their data is known, and always
 * as their octets (RFC 1035 §3.2.1), nothing compressed.
 */

import { ipAddressOctets } from "../../core/ip-address.ts";
import { encodeBase64, encodeHexadecimal } from "../../wire/encodings.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import { codecOf } from "../../wire/record-codecs.ts";
import type { RecordData } from "../../wire/record-data.ts";
import { WireWriter } from "../../wire/wire-writer.ts";
import type { JsonObject } from "./varlink-error.ts";

const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `{ key, ... }`; undefined for a type whose data is octets only. */
export function recordJson({ name, type, class: recordClass, data }: ResourceRecord) {
  const fields = dataJson(data);
  if (fields === undefined) return undefined;
  return { key: { class: recordClass, type, name: name.toString() }, ...fields };
}

/** Base64 of the record's octets. */
export function recordOctets({
  name,
  type,
  class: recordClass,
  ttl,
  data,
}: ResourceRecord): string {
  const writer = new WireWriter();
  writer.clear("plain");
  writer.name(name);
  writer.uint16(type);
  writer.uint16(recordClass);
  writer.uint32(ttl);
  const lengthAt = writer.size;
  writer.uint16(0);
  if (data.kind === "UNKNOWN") writer.octets(data.octets);
  else codecOf(type)?.write(writer, data);
  writer.patchUint16(lengthAt, writer.size - lengthAt - 2);
  return encodeBase64(writer.copy());
}

/** Text as it is where it is UTF-8, else with octets in octal, as systemd writes them. */
export function octetText(octets: Uint8Array): string {
  try {
    return textDecoder.decode(octets);
  } catch {
    return escapeOctets(octets);
  }
}

function escapeOctets(octets: Uint8Array): string {
  const escaped = Array.from(octets, (octet) => {
    const character = String.fromCharCode(octet);
    return /[ -~]/.test(character) && !/["\\]/.test(character)
      ? character
      : `\\${octet.toString(8).padStart(3, "0")}`;
  });
  return escaped.join("");
}

function dataJson(data: RecordData): JsonObject | undefined {
  switch (data.kind) {
    case "A":
    case "AAAA":
      return { address: [...ipAddressOctets(data.address)] };
    case "PTR":
    case "NS":
    case "CNAME":
    case "DNAME":
      return { name: data.name.toString() };
    case "SRV": {
      const { priority, weight, port, target } = data;
      return { priority, weight, port, name: target.toString() };
    }
    case "TXT":
      return { items: data.strings.map(escapeOctets) };
    case "HINFO":
      return { cpu: escapeOctets(data.cpu), os: escapeOctets(data.os) };
    case "MX":
      return { priority: data.preference, exchange: data.exchange.toString() };
    case "SOA": {
      const { kind: _, mname, rname, ...numbers } = data;
      return { mname: mname.toString(), rname: rname.toString(), ...numbers };
    }
    case "NSEC":
      return { nextDomain: data.nextDomainName.toString(), types: data.types };
    default:
      return rarerDataJson(data);
  }
}

function rarerDataJson(data: RecordData): JsonObject | undefined {
  switch (data.kind) {
    case "SVCB":
    case "HTTPS": {
      const params = data.params.map(({ key, value }) => ({ key, value: encodeBase64(value) }));
      return { priority: data.priority, target: data.targetName.toString(), params };
    }
    case "NAPTR": {
      const { order, preference, flags, services, regexp, replacement } = data;
      return {
        ...{ order, preference, replacement: replacement.toString() },
        naptrFlags: escapeOctets(flags),
        services: escapeOctets(services),
        regexp: escapeOctets(regexp),
      };
    }
    case "CAA": {
      const { flags, tag, value } = data;
      return { flags, tag: escapeOctets(tag), value: escapeOctets(value) };
    }
    case "DS": {
      const { kind: _, digest, ...numbers } = data;
      return { ...numbers, digest: encodeHexadecimal(digest) };
    }
    case "DNSKEY": {
      const { flags, protocol, algorithm, publicKey } = data;
      return { flags, protocol, algorithm, dnskey: encodeBase64(publicKey) };
    }
    default:
      return undefined;
  }
}
