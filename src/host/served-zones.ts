/**
 * Zones that this host answers for without asking anybody (RFC 6303 §3, RFC 6761 §6, RFC 7686 §2):
 * they are empty, but for the records of their apex and what this host itself knows.
 *
 * Their denials come with a SOA record, so that whoever asked may keep them (RFC 2308 §5), for a
 * moment only: a route that is configured tomorrow may give such a zone to name servers.
 */

import { Flag, RecordType, ResponseCode } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { PASSED_TTL_MAX } from "./constants.ts";
import { plainRecord } from "./plain-records.ts";
import { servedZoneOf } from "./special-names.ts";
import type { QuestionReply, QuestionSpec } from "./types.ts";

/** RFC 6303 §3: SOA RNAME of a zone that nobody has written. */
const NOBODY = Name.of("nobody", "invalid");

/** RFC 6303 §3: nothing is ever transferred by these. */
const TRANSFER_TIMES = { refresh: 3600, retry: 1200, expire: 604_800 };

/** Of what is settled without asking anybody. */
export function servedReply({ name, type }: QuestionSpec, reply: QuestionReply): QuestionReply {
  const zone = servedZoneOf(name);
  if (zone === undefined || !isAnswer(reply)) return reply;
  const served = { ...reply, flags: reply.flags | Flag.AA };
  const isApex = zone.equals(name) && reply.responseCode === ResponseCode.NOERROR;
  if (isApex && type === RecordType.SOA) return { ...served, answers: [startOf(zone)] };
  if (isApex && type === RecordType.NS) return { ...served, answers: [nameServerOf(zone)] };
  return withDenialProof(served, name);
}

/** A reply that says no, with what makes it one to keep where the name is of a served zone. */
export function withDenialProof(reply: QuestionReply, name: Name): QuestionReply {
  const zone = servedZoneOf(name);
  if (zone === undefined || reply.answers.length > 0) return reply;
  return { ...reply, authorities: [startOf(zone)] };
}

function isAnswer({ responseCode }: QuestionReply): boolean {
  return responseCode === ResponseCode.NOERROR || responseCode === ResponseCode.NXDOMAIN;
}

function startOf(zone: Name): ResourceRecord {
  const times = { ...TRANSFER_TIMES, minimum: PASSED_TTL_MAX };
  const data = { kind: "SOA", mname: zone, rname: NOBODY, serial: 1, ...times } as const;
  return plainRecord(zone, RecordType.SOA, PASSED_TTL_MAX, data);
}

/** RFC 6303 §3: for those who look for the zone that they would update. */
function nameServerOf(zone: Name): ResourceRecord {
  return plainRecord(zone, RecordType.NS, PASSED_TTL_MAX, { kind: "NS", name: zone });
}
