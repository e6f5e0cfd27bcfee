/**
 * Outcomes of look-ups as replies to questions of a stub's clients: records of the links as name
 * servers would give them, answers of name servers as they came.
 *
 * What comes from the links is not for long (`PASSED_TTL_MAX`), since those behind the stub hear no
 * goodbyes; that a link has no such name or record is for no time at all, as it may in the next
 * moment: a reply without a SOA record is not kept (RFC 2308 §5).
 */

import type { Answer, Failure } from "../unicast/types.ts";
import { Flag, ResponseCode } from "../wire/constants.ts";
import { type ExtendedError, ExtendedErrorCode } from "../wire/edns.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { sameRecordData } from "../wire/record-order.ts";
import { PASSED_TTL_MAX } from "./constants.ts";
import type { StepOutcome } from "./lookup-context.ts";
import type { FoundRecord, QuestionReply } from "./types.ts";

/** A reply without records. */
export function emptyReply(
  responseCode: number,
  flags = 0,
  extendedErrors: readonly ExtendedError[] = [],
): QuestionReply {
  return {
    flags: Flag.RA | flags,
    responseCode,
    answers: [],
    authorities: [],
    additionals: [],
    extendedErrors,
  };
}

/** Of an outcome of the links, of the hosts file or of this host itself. */
export function replyOf(outcome: StepOutcome): QuestionReply {
  switch (outcome.kind) {
    case "alias":
      return recordsReply(outcome.aliases);
    case "records":
      return recordsReply(outcome.records);
    case "no-such-name":
    case "timed-out":
      return emptyReply(ResponseCode.NXDOMAIN);
    case "refused":
      return emptyReply(ResponseCode.NXDOMAIN, 0, [note(ExtendedErrorCode.BLOCKED)]);
    case "failed":
    case "unavailable":
      return emptyReply(ResponseCode.SERVFAIL, 0, [note(ExtendedErrorCode.NETWORK_ERROR)]);
    default:
      return emptyReply(ResponseCode.NOERROR);
  }
}

/** AA where all of it is this host's own. */
function recordsReply(found: readonly FoundRecord[]): QuestionReply {
  const isOwn = found.every(({ protocol }) => protocol === "local");
  const reply = emptyReply(ResponseCode.NOERROR, isOwn ? Flag.AA : 0);
  return { ...reply, answers: distinct(found).map(passed) };
}

/** A record heard on several links is one record. */
function distinct(found: readonly FoundRecord[]): readonly FoundRecord[] {
  return found.filter(
    ({ record }, index) => found.findIndex((other) => isSame(other.record, record)) === index,
  );
}

function isSame(a: ResourceRecord, b: ResourceRecord): boolean {
  return a.type === b.type && a.name.equals(b.name) && sameRecordData(a.data, b.data);
}

function passed({ record, ttl }: FoundRecord): ResourceRecord {
  const kept = Math.min(Math.max(ttl, 1), PASSED_TTL_MAX);
  return { ...record, cacheFlush: false, ttl: kept };
}

/** Of name servers, unharmed: DNSSEC records, AD, unknown types. */
export function answerReply({ message, origin }: Answer): QuestionReply {
  const { flags, answers, authorities, additionals } = message;
  const responseCode = flags & Flag.RCODE;
  const stale =
    responseCode === ResponseCode.NXDOMAIN
      ? ExtendedErrorCode.STALE_NXDOMAIN_ANSWER
      : ExtendedErrorCode.STALE_ANSWER;
  return {
    flags: Flag.RA | (flags & Flag.AD),
    responseCode,
    answers,
    authorities,
    additionals,
    extendedErrors: origin === "stale" ? [note(stale)] : [],
  };
}

export function failureReply({ reason, responseCode, extendedErrors }: Failure): QuestionReply {
  const told = REASONS[reason];
  const notes = told === undefined ? extendedErrors : [...extendedErrors, note(told)];
  return emptyReply(responseCode, 0, notes);
}

const REASONS: Readonly<Record<Failure["reason"], number | undefined>> = {
  "no-servers": ExtendedErrorCode.NOT_READY,
  timeout: ExtendedErrorCode.NO_REACHABLE_AUTHORITY,
  unreachable: ExtendedErrorCode.NETWORK_ERROR,
  certificate: ExtendedErrorCode.NO_REACHABLE_AUTHORITY,
  refused: undefined,
  "alias-loop": undefined,
  limit: ExtendedErrorCode.OTHER,
};

function note(code: number): ExtendedError {
  return { code, text: "" };
}

/** With the addresses moved on by `turn` places, so that each is the first in its turn. */
export function withRotatedAddresses(reply: QuestionReply, turn: number): QuestionReply {
  const isAddress = ({ data }: ResourceRecord) => data.kind === "A" || data.kind === "AAAA";
  const others = reply.answers.filter((record) => !isAddress(record));
  const addresses = reply.answers.filter(isAddress);
  if (addresses.length < 2) return reply;
  const start = turn % addresses.length;
  const rotated = [...addresses.slice(start), ...addresses.slice(0, start)];
  return { ...reply, answers: [...others, ...rotated] };
}

/** Aliases, then what was found where another protocol has the name that they lead to. */
export function joinedReply(head: QuestionReply, rest: QuestionReply): QuestionReply {
  const { flags, answers, authorities, extendedErrors } = rest;
  const authentic = head.flags & flags & Flag.AD;
  return {
    ...rest,
    // RFC 1035 §4.1.1: AA is of the first name of the answer.
    flags: (head.flags & Flag.AA) | (flags & ~(Flag.AA | Flag.AD)) | authentic,
    answers: [...head.answers, ...answers],
    authorities: authorities.map(shortened),
    extendedErrors: [...head.extendedErrors, ...extendedErrors],
  };
}

/** Aliases that lead in circles across protocols, or too far. */
export function endlessReply(): QuestionReply {
  return emptyReply(ResponseCode.SERVFAIL);
}

/** Those that say no may not be kept longer than what the links may say next. */
export function withShortDenial(reply: QuestionReply): QuestionReply {
  if (reply.answers.length > 0) return reply;
  return { ...reply, authorities: reply.authorities.map(shortened) };
}

function shortened(record: ResourceRecord): ResourceRecord {
  return { ...record, ttl: Math.min(record.ttl, PASSED_TTL_MAX) };
}
