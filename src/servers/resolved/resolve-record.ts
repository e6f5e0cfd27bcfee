/** ResolveRecord: records of any type that may be asked for. */

import type { FoundRecord } from "../../runtime/directory.ts";
import { RecordClass, RecordType } from "../../wire/constants.ts";
import { Name } from "../../wire/name.ts";
import { parseRecordData } from "../../wire/presentation.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import { formatType, parseType } from "../../wire/type-names.ts";
import { asking, failureOf } from "./lookup-failure.ts";
import { flagsOfFound, place, questionLimits } from "./lookup-scope.ts";
import { integer, optionalInteger, text } from "./parameters.ts";
import { recordJson, recordOctets } from "./record-json.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { invalidParameter, type JsonObject, resolveError } from "./varlink-error.ts";
import type { MethodCall } from "./varlink-service.ts";

const TYPE_MAX = 0xffff;

/** RFC 6895 §3.1: types that no question may ask for: none, OPT, TKEY, TSIG; and signatures alone. */
const INVALID_TYPES: readonly number[] = [0, RecordType.OPT, 249, 250, RecordType.RRSIG];

const ZONE_TRANSFERS: readonly number[] = [RecordType.AXFR, RecordType.IXFR];

/** Types that systemd counts as obsolete: MD, MF, MB, MG, MR, NULL, WKS, MINFO, NXT, A6, MAILB, MAILA. */
const OBSOLETE_TYPES: readonly number[] = [3, 4, 7, 8, 9, 10, 11, 14, 30, 38, 253, 254];

export async function resolveRecord(
  { directory, interfaces }: ResolveContext,
  { parameters, signal }: MethodCall,
): Promise<JsonObject> {
  const name = text(parameters, "name");
  const type = integer(parameters, "type", TYPE_MAX);
  checkType(type);
  const recordClass = optionalInteger(parameters, "class", TYPE_MAX) ?? RecordClass.IN;
  if (recordClass !== RecordClass.IN && recordClass !== RecordClass.ANY) {
    throw invalidParameter("class");
  }
  const limits = questionLimits(parameters, interfaces);
  const question = directory.lookupRecords({ name, type: formatType(type), ...limits }, signal);
  const result = await asking("name", question);
  if (result.outcome === "not-found") throw failureOf(result, name, limits);
  const rrs = result.records.map((found) => ({ found, record: recordOf(found) }));
  return {
    rrs: rrs.map(({ found, record }) => ({
      ...place(found, interfaces),
      rr: recordJson(record),
      raw: recordOctets(record),
    })),
    flags: flagsOfFound(result.records),
  };
}

function checkType(type: number): void {
  if (INVALID_TYPES.includes(type)) throw resolveError("ResourceRecordTypeInvalidForQuery");
  if (ZONE_TRANSFERS.includes(type)) throw resolveError("ZoneTransfersNotPermitted");
  if (OBSOLETE_TYPES.includes(type)) throw resolveError("ResourceRecordTypeObsolete");
}

/** What was found, out of its presentation format. */
export function recordOf({
  name,
  type: typeText,
  data: dataText,
  ttl,
}: FoundRecord): ResourceRecord {
  const type = parseType(typeText)!;
  const data = parseRecordData(type, dataText);
  return {
    ...{ name: Name.parse(name), type, class: RecordClass.IN, cacheFlush: false, ttl },
    data: data.ok ? data.value : { kind: "UNKNOWN", octets: new Uint8Array() },
  };
}
