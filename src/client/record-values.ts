/** Records in the shapes that `dns.promises` gives them, out of their presentation format. */

import type { FoundRecord } from "../runtime/directory.ts";
import { parseRecordData } from "../wire/presentation.ts";
import type { RecordData } from "../wire/record-data.ts";
import { parseType } from "../wire/type-names.ts";

export interface MxRecord {
  readonly priority: number;
  readonly exchange: string;
}

export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

export interface NaptrRecord {
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
  readonly order: number;
  readonly preference: number;
}

export interface SoaRecord {
  readonly nsname: string;
  readonly hostmaster: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minttl: number;
}

/** `critical`, and the property under its name: `issue`, `iodef`. */
export type CaaRecord = { readonly critical: number } & { readonly [tag: string]: string | number };

export type AnyRecord =
  | { readonly type: "A" | "AAAA"; readonly address: string; readonly ttl: number }
  | { readonly type: "CNAME" | "NS" | "PTR"; readonly value: string }
  | ({ readonly type: "MX" } & MxRecord)
  | ({ readonly type: "SRV" } & SrvRecord)
  | { readonly type: "TXT"; readonly entries: string[] }
  | ({ readonly type: "NAPTR" } & NaptrRecord)
  | ({ readonly type: "SOA" } & SoaRecord)
  | ({ readonly type: "CAA" } & CaaRecord);

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The one name that CNAME, NS and PTR records hold; undefined for other records. */
export function nameOf(found: FoundRecord): string | undefined {
  const data = dataOf(found);
  const isName = data?.kind === "PTR" || data?.kind === "CNAME" || data?.kind === "NS";
  return isName ? data.name.toString() : undefined;
}

export function mxRecord(found: FoundRecord): MxRecord | undefined {
  const data = dataOf(found);
  if (data?.kind !== "MX") return undefined;
  return { priority: data.preference, exchange: data.exchange.toString() };
}

export function srvRecord(found: FoundRecord): SrvRecord | undefined {
  const data = dataOf(found);
  if (data?.kind !== "SRV") return undefined;
  const { priority, weight, port, target } = data;
  return { name: target.toString(), port, priority, weight };
}

export function txtStrings(found: FoundRecord): string[] | undefined {
  const data = dataOf(found);
  return data?.kind === "TXT" ? data.strings.map(textOf) : undefined;
}

export function naptrRecord(found: FoundRecord): NaptrRecord | undefined {
  const data = dataOf(found);
  if (data?.kind !== "NAPTR") return undefined;
  const { flags, services, regexp, replacement, order, preference } = data;
  return {
    flags: textOf(flags),
    service: textOf(services),
    regexp: textOf(regexp),
    replacement: replacement.toString(),
    order,
    preference,
  };
}

export function soaRecord(found: FoundRecord): SoaRecord | undefined {
  const data = dataOf(found);
  if (data?.kind !== "SOA") return undefined;
  const { mname, rname, serial, refresh, retry, expire, minimum } = data;
  return {
    nsname: mname.toString(),
    hostmaster: rname.toString(),
    ...{ serial, refresh, retry, expire, minttl: minimum },
  };
}

export function caaRecord(found: FoundRecord): CaaRecord | undefined {
  const data = dataOf(found);
  if (data?.kind !== "CAA") return undefined;
  return { critical: data.flags, [textOf(data.tag)]: textOf(data.value) };
}

/** Undefined for a type that `dns.resolveAny` does not show. */
export function anyRecord(found: FoundRecord): AnyRecord | undefined {
  const { type } = found;
  switch (type) {
    case "A":
    case "AAAA":
      return { type, address: found.data, ttl: found.ttl };
    case "CNAME":
    case "NS":
    case "PTR":
      return { type, value: nameOf(found)! };
    case "TXT":
      return { type, entries: txtStrings(found)! };
    case "MX":
      return { type, ...mxRecord(found)! };
    case "SRV":
      return { type, ...srvRecord(found)! };
    case "NAPTR":
      return { type, ...naptrRecord(found)! };
    case "SOA":
      return { type, ...soaRecord(found)! };
    case "CAA":
      return { type, ...caaRecord(found)! };
    default:
      return undefined;
  }
}

function dataOf({ type, data }: FoundRecord): RecordData | undefined {
  const parsed = parseRecordData(parseType(type)!, data);
  return parsed.ok ? parsed.value : undefined;
}

/** UTF-8 where it is (RFC 6763 §6.5), else a character an octet. */
function textOf(octets: Uint8Array): string {
  try {
    return strictDecoder.decode(octets);
  } catch {
    return Buffer.from(octets).toString("latin1");
  }
}
