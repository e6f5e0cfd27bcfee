/**
 * What this host answers to a query for one of its names: which records, in which order, with which
 * flags, and cut to what the sender can take (RFC 4795 §2.1, §2.1.1, §2.6, §2.8, §2.9).
 */

import { type Family, type IpAddress, isLinkLocal } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag, RecordClass, RecordType, ResponseCode } from "../wire/constants.ts";
import { type Edns, ednsOf, ednsRecord } from "../wire/edns.ts";
import type { Message } from "../wire/message.ts";
import { Name } from "../wire/name.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import {
  EDNS_VERSION,
  HEADERS_SIZE,
  PAYLOAD_SIZE_DEFAULT,
  PAYLOAD_SIZE_MAX,
  RECORD_TTL,
} from "./constants.ts";
import type { HostedData, HostedName } from "./types.ts";

/** What the response says of the name, beside its records. */
export interface Standing {
  /** The T bit: not verified yet. */
  readonly isTentative: boolean;
  /** The C bit: others may answer too, and that is no conflict. */
  readonly isShared: boolean;
}

/** RFC 6891 §6.1.3: the response code of a query that cannot be answered as it is. */
export function errorOf(query: Message): number {
  const edns = ednsOf(query);
  if (edns === "invalid") return ResponseCode.FORMERR;
  if (edns === "absent" || edns.version === EDNS_VERSION) return ResponseCode.NOERROR;
  return ResponseCode.BADVERS;
}

/** The whole response. `source` is whom it goes to. */
export function responseTo(
  query: Message,
  hosted: HostedName,
  standing: Standing,
  source: IpAddress,
): Message {
  const [question] = query.questions as [Question];
  const data = dataFor(question, hosted);
  const soa = soaRecord(question.name);
  const isNegative = data.length === 0 && question.type !== RecordType.SOA;
  const records = data.map((held) => recordOf(question.name, held));
  return {
    id: query.id,
    flags:
      Flag.QR | (standing.isTentative ? Flag.LLMNR_T : 0) | (standing.isShared ? Flag.LLMNR_C : 0),
    questions: query.questions,
    answers: question.type === RecordType.SOA ? [soa] : inAddressOrder(records, source),
    // RFC 4795 §2.9: a negative response says for how long it holds.
    authorities: isNegative ? [soa] : [],
    additionals: ednsOf(query) === "absent" ? [] : [ednsRecord({ payloadSize: PAYLOAD_SIZE_MAX })],
  };
}

/**
 * RFC 4795 §2.1.1: an error cannot be told by UDP. An empty response with the TC bit has the sender ask
 * again by TCP, where it can.
 */
export function truncatedError(query: Message): Message {
  return { ...emptyResponse(query), flags: Flag.QR | Flag.TC, additionals: [] };
}

/** The error itself, by TCP. */
export function errorResponse(query: Message, code: number): Message {
  const response = emptyResponse(query);
  const edns = ednsRecord({ payloadSize: PAYLOAD_SIZE_MAX, extendedCode: code >> 4 });
  return { ...response, flags: Flag.QR | (code & Flag.RCODE), additionals: [edns] };
}

/** Octets of a response by UDP, with TC where it had to be cut. */
export function composeUdp(response: Message, query: Message, link: Link, family: Family) {
  const octets = composeMessage(response, "dns", sizeMaxOf(ednsOf(query), link, family));
  return { octets, isTruncated: (octets[2]! & (Flag.TC >> 8)) !== 0 };
}

/** RFC 4795 §2.1: what the sender takes, and passes the link in one piece. */
function sizeMaxOf(edns: Edns | "absent" | "invalid", link: Link, family: Family): number {
  if (typeof edns === "string") return PAYLOAD_SIZE_DEFAULT;
  return Math.min(edns.payloadSize, link.mtu - HEADERS_SIZE[family], PAYLOAD_SIZE_MAX);
}

function emptyResponse(query: Message): Message {
  const { id, questions } = query;
  return { id, flags: Flag.QR, questions, answers: [], authorities: [], additionals: [] };
}

function dataFor({ type }: Question, { records }: HostedName): readonly HostedData[] {
  if (type === RecordType.ANY) return records;
  const wanted = records.filter((held) => held.type === type);
  if (wanted.length > 0) return wanted;
  // RFC 1034 §3.6.2: an alias answers for every type.
  return records.filter((held) => held.type === RecordType.CNAME);
}

function recordOf(name: Name, { type, data }: HostedData): ResourceRecord {
  return { name, type, class: RecordClass.IN, cacheFlush: false, ttl: RECORD_TTL, data };
}

/** RFC 4795 §2.6 (d), (e): addresses of the scope that the query came from go first. */
function inAddressOrder(records: readonly ResourceRecord[], source: IpAddress): ResourceRecord[] {
  const isNear = isLinkLocal(source);
  const rank = ({ data }: ResourceRecord) =>
    data.kind === "A" || data.kind === "AAAA" ? Number(isLinkLocal(data.address) !== isNear) : 0;
  return [...records].sort((a, b) => a.type - b.type || rank(a) - rank(b));
}

/** RFC 4795 §2.9: named for the query. Its other fields say nothing to senders. */
function soaRecord(name: Name): ResourceRecord {
  const times = { refresh: RECORD_TTL, retry: RECORD_TTL, expire: RECORD_TTL };
  const data = { kind: "SOA", mname: name, rname: Name.ROOT, serial: 1, ...times } as const;
  return recordOf(name, { type: RecordType.SOA, data: { ...data, minimum: RECORD_TTL } });
}
