/** The codec of each type whose data is known; the data of all others stays octets (RFC 3597). */

import { RecordClass, RecordType } from "./constants.ts";
import type { RecordCodec } from "./record-codec.ts";
import type { RecordData, UnknownData } from "./record-data.ts";
import { addressCodec, ipv6AddressCodec } from "./records/address.ts";
import { caaCodec } from "./records/caa.ts";
import { dnskeyCodec, dsCodec, rrsigCodec } from "./records/dnssec.ts";
import { mxCodec } from "./records/mx.ts";
import { cnameCodec, dnameCodec, nsCodec, ptrCodec } from "./records/names.ts";
import { naptrCodec } from "./records/naptr.ts";
import { nsecCodec } from "./records/nsec.ts";
import { optCodec } from "./records/opt.ts";
import { httpsCodec, svcbCodec } from "./records/service-binding.ts";
import { soaCodec } from "./records/soa.ts";
import { srvCodec } from "./records/srv.ts";
import { hinfoCodec, txtCodec } from "./records/strings.ts";
import type { WireReader } from "./wire-reader.ts";

/** Indexed by type. */
const codecs: (RecordCodec | undefined)[] = new Array(RecordType.CAA + 1).fill(undefined);

/** The compiler cannot follow that `kind` picks the data's type, so it is forgotten here. */
function enter<Data extends RecordData>(type: number, codec: RecordCodec<Data>): void {
  codecs[type] = codec as unknown as RecordCodec;
}

enter(RecordType.A, addressCodec);
enter(RecordType.NS, nsCodec);
enter(RecordType.CNAME, cnameCodec);
enter(RecordType.SOA, soaCodec);
enter(RecordType.PTR, ptrCodec);
enter(RecordType.HINFO, hinfoCodec);
enter(RecordType.MX, mxCodec);
enter(RecordType.TXT, txtCodec);
enter(RecordType.AAAA, ipv6AddressCodec);
enter(RecordType.SRV, srvCodec);
enter(RecordType.NAPTR, naptrCodec);
enter(RecordType.DNAME, dnameCodec);
enter(RecordType.OPT, optCodec);
enter(RecordType.DS, dsCodec);
enter(RecordType.RRSIG, rrsigCodec);
enter(RecordType.NSEC, nsecCodec);
enter(RecordType.DNSKEY, dnskeyCodec);
enter(RecordType.SVCB, svcbCodec);
enter(RecordType.HTTPS, httpsCodec);
enter(RecordType.CAA, caaCodec);

export function codecOf(type: number): RecordCodec | undefined {
  return type < codecs.length ? codecs[type] : undefined;
}

/** The codec of data that is not octets only. */
export function codecOfData(data: Exclude<RecordData, UnknownData>): RecordCodec {
  return codecs[RecordType[data.kind]]!;
}

/**
 * Reads the data of a record from what `reader` is confined to, `size` octets. What is wrong is
 * told to the reader. Without octets it stays `UNKNOWN` in the classes whose records may name a
 * type and give no data (RFC 2136 §2.4, §2.5).
 */
export function readRecordData(
  reader: WireReader,
  type: number,
  recordClass: number,
  size: number,
): RecordData {
  const isAbsent =
    size === 0 && (recordClass === RecordClass.ANY || recordClass === RecordClass.NONE);
  const codec = isAbsent ? undefined : codecOf(type);
  if (codec === undefined) return { kind: "UNKNOWN", octets: reader.rest() };
  const data = codec.read(reader);
  if (reader.remaining > 0) reader.fail("RECORD_DATA_TRAILING");
  return data;
}
