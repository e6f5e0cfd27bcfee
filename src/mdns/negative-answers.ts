/**
 * Negative answers (RFC 6762 §6.1): an NSEC record lists the types its owner name has; what it does
 * not list does not exist.
 *
 * Its next domain name means nothing here and is not looked at, as §6.1 asks. A name that is an
 * alias has no type denied, since the alias leads on.
 */

import { RecordType } from "../wire/constants.ts";
import type { ResourceRecord } from "../wire/record.ts";

/** Whether the record says that its owner name has no record of the type. */
export function deniesType(record: ResourceRecord, type: number): boolean {
  if (record.type !== RecordType.NSEC) return false;
  const { data } = record;
  if (data.kind !== "NSEC" || type === RecordType.ANY || type === RecordType.NSEC) return false;
  return !data.types.includes(type) && !data.types.includes(RecordType.CNAME);
}
