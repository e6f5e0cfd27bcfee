/**
 * Replies to clients: the header's flags, EDNS (RFC 6891) and what does not fit (RFC 2181 §9). The
 * records are whoever's who knew the answer.
 */

import { composeMessage } from "../../wire/compose.ts";
import { Flag, MESSAGE_SIZE_MAX, ResponseCode } from "../../wire/constants.ts";
import {
  type EdnsOption,
  type ExtendedError,
  ednsRecord,
  extendedErrorOption,
} from "../../wire/edns.ts";
import type { Message } from "../../wire/message.ts";
import { parseMessage } from "../../wire/parse.ts";
import {
  IDLE_TIMEOUT,
  OPT_SIZE,
  PAYLOAD_SIZE_MAX,
  PAYLOAD_SIZE_MIN,
  TCP_KEEPALIVE_OPTION,
  TCP_KEEPALIVE_UNIT,
} from "./constants.ts";
import type { PlainQuery } from "./plain-query.ts";
import type { QueryHead } from "./query.ts";
import type { StubAnswer } from "./question-answerer.ts";

/** How replies go to a client. */
export type ReplyPath =
  | { readonly transport: "tcp" }
  | {
      readonly transport: "udp";
      /** Octets of the largest reply, whatever the client takes. */
      readonly sizeMax: number;
    };

/** RFC 8914: of an answer with many errors the first ones are told, and of their text so much. */
const EXTENDED_ERRORS_MAX = 3;
const EXTENDED_TEXT_SIZE_MAX = 100;

/** The bits of an answer that are its author's. */
const ANSWER_FLAGS = Flag.AA | Flag.RA | Flag.AD;

export const NO_RECORDS: Omit<StubAnswer, "flags" | "responseCode"> = {
  answers: [],
  authorities: [],
  additionals: [],
  extendedErrors: [],
};

/**
 * The reply with an answer's records, or those of them that fit.
 * @throws DotlocalError INVALID_DATA for records that cannot be composed.
 */
export function composeReply(head: QueryHead, answer: StubAnswer, path: ReplyPath): Uint8Array {
  const { id, question, edns } = head;
  const code = edns === undefined ? plainCode(answer.responseCode) : answer.responseCode;
  const opt = edns === undefined ? [] : [optRecord(head, code, answer.extendedErrors, path)];
  const message: Message = {
    id,
    flags: replyFlags(head, answer.flags) | (code & Flag.RCODE),
    questions: question === undefined ? [] : [question],
    answers: answer.answers,
    authorities: answer.authorities,
    additionals: [...answer.additionals, ...opt],
  };
  return composeMessage(message, "dns", replySizeMax(path, edns?.payloadSize));
}

/** The reply with a response code alone. */
export function composeFailure(head: QueryHead, responseCode: number, path: ReplyPath): Uint8Array {
  return composeReply(head, { flags: Flag.RA, responseCode, ...NO_RECORDS }, path);
}

function replyFlags({ flags, edns }: QueryHead, answerFlags: number): number {
  const repeated = flags & (Flag.OPCODE | Flag.RD | Flag.CD);
  // RFC 6840 §5.7: AD is for those who said that they understand it.
  const understandsAd = (flags & Flag.AD) !== 0 || edns?.dnssecOk === true;
  const given = understandsAd ? ANSWER_FLAGS : ANSWER_FLAGS & ~Flag.AD;
  return Flag.QR | repeated | (answerFlags & given);
}

/** RFC 6891 §6.1.3: codes of more than four bits cannot be told without EDNS. */
function plainCode(code: number): number {
  return code > Flag.RCODE ? ResponseCode.SERVFAIL : code;
}

function replySizeMax(path: ReplyPath, payloadSize: number = PAYLOAD_SIZE_MIN): number {
  return path.transport === "tcp" ? MESSAGE_SIZE_MAX : Math.min(path.sizeMax, payloadSize);
}

/** RFC 6891 §6.2.4: what we take ourselves. */
function ownPayloadSize(path: ReplyPath): number {
  return path.transport === "tcp" ? PAYLOAD_SIZE_MAX : path.sizeMax;
}

function optRecord(
  { edns }: QueryHead,
  code: number,
  errors: readonly ExtendedError[],
  path: ReplyPath,
) {
  const told = errors
    .slice(0, EXTENDED_ERRORS_MAX)
    .map((error) => ({ ...error, text: error.text.slice(0, EXTENDED_TEXT_SIZE_MAX) }));
  return ednsRecord({
    payloadSize: ownPayloadSize(path),
    extendedCode: code >> 4,
    dnssecOk: edns?.dnssecOk ?? false,
    options: [...told.map(extendedErrorOption), ...keepalive(edns?.options ?? [], path)],
  });
}

/** RFC 7828 §3.3.2: a client that asks is told how long its connection may be idle. */
function keepalive(options: readonly EdnsOption[], path: ReplyPath): readonly EdnsOption[] {
  const isAsked = options.some(({ code }) => code === TCP_KEEPALIVE_OPTION);
  if (path.transport === "udp" || !isAsked) return [];
  const units = IDLE_TIMEOUT / TCP_KEEPALIVE_UNIT;
  return [{ code: TCP_KEEPALIVE_OPTION, data: Uint8Array.of(units >> 8, units & 0xff) }];
}

/**
 * Writes a finished reply without an OPT record at `at`, with one when the client speaks EDNS, and
 * returns its size; cut where it does not fit.
 */
export function writeFinishedReply(
  reply: Uint8Array,
  query: PlainQuery,
  path: ReplyPath,
  into: Uint8Array,
  at: number,
): number {
  const size = reply.length + (query.hasEdns ? OPT_SIZE : 0);
  if (size > replySizeMax(path, query.payloadSize)) {
    const cut = cutReply(reply, query, path);
    into.set(cut, at);
    return cut.length;
  }
  into.set(reply, at);
  if (query.hasEdns) writeOpt(query, path, into, at, reply.length);
  return size;
}

function writeOpt(
  query: PlainQuery,
  path: ReplyPath,
  into: Uint8Array,
  start: number,
  replySize: number,
): void {
  const additionals = ((into[start + 10]! << 8) | into[start + 11]!) + 1;
  into[start + 10] = additionals >> 8;
  into[start + 11] = additionals & 0xff;
  const opt = query.dnssecOk ? OPT_WITH_DNSSEC_OK : OPT;
  const at = start + replySize;
  into.set(opt, at);
  const payloadSize = ownPayloadSize(path);
  into[at + 3] = payloadSize >> 8;
  into[at + 4] = payloadSize & 0xff;
}

/** RFC 6891 §6.1.2: root, type 41, the payload's size, version and flags, no options. */
const OPT = Uint8Array.of(0, 0, 41, 0, 0, 0, 0, 0, 0, 0, 0);
const OPT_WITH_DNSSEC_OK = Uint8Array.of(0, 0, 41, 0, 0, 0, 0, 0x80, 0, 0, 0);

function cutReply(reply: Uint8Array, query: PlainQuery, path: ReplyPath): Uint8Array {
  const parsed = parseMessage(reply, "dns");
  const sizeMax = replySizeMax(path, query.payloadSize);
  // Nothing of it that could be told apart: the client asks again by TCP.
  if (!parsed.ok) return truncatedHeader(reply, query.questionEnd);
  const { dnssecOk } = query;
  const opt = ednsRecord({ payloadSize: ownPayloadSize(path), dnssecOk });
  const additionals = [...parsed.value.additionals, ...(query.hasEdns ? [opt] : [])];
  return composeMessage({ ...parsed.value, additionals }, "dns", sizeMax);
}

function truncatedHeader(reply: Uint8Array, questionEnd: number): Uint8Array {
  const octets = reply.slice(0, questionEnd);
  octets[2] = octets[2]! | (Flag.TC >> 8);
  octets.fill(0, 6, 12);
  return octets;
}

/** A refusal made of a plain query's own octets, never more than them. */
export function writeRefusal(
  query: Uint8Array,
  questionEnd: number,
  into: Uint8Array,
  at: number,
): number {
  into.set(query.subarray(0, questionEnd), at);
  into[at + 2] = (Flag.QR >> 8) | (query[2]! & (Flag.RD >> 8));
  into[at + 3] = ResponseCode.REFUSED;
  into.fill(0, at + 6, at + 12);
  return questionEnd;
}
