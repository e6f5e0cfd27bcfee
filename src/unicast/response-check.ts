/**
 * What a reply is worth: whether it belongs to the query at all (RFC 5452 §9.1, RFC 7873 §5.3), and
 * if it does, whether it is an answer or a reason to ask otherwise or elsewhere.
 *
 * The question is compared in octets before anything is parsed: replies that are cut short need not
 * be readable to say so.
 */

import type { Endpoint } from "../core/datagram.ts";
import { Flag, HEADER_SIZE, RecordType, ResponseCode } from "../wire/constants.ts";
import { type Edns, type ExtendedError, ednsOf, extendedErrorsOf } from "../wire/edns.ts";
import type { Message } from "../wire/message.ts";
import { parseMessage } from "../wire/parse.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { SentQuery } from "./query-message.ts";
import type { ServerState } from "./server-state.ts";
import type { MismatchReason } from "./types.ts";

export type Verdict =
  /** Not a reply to this query: whoever sent it, the answer is still awaited. */
  | { readonly kind: "mismatch"; readonly reason: MismatchReason }
  /** RFC 2181 §9: ask by TCP; nothing of it may be used. */
  | { readonly kind: "truncated" }
  /** RFC 7873 §5.3: BADCOOKIE with a new server cookie. */
  | { readonly kind: "cookie-refused" }
  /** RFC 7873 §5.3: discarded, although it may be from an instance that knows no cookies. */
  | { readonly kind: "cookie-missing" }
  /** RFC 6891 §7. */
  | { readonly kind: "edns-refused" }
  | {
      readonly kind: "useless";
      readonly reason: "malformed" | "lame" | "response-code";
      readonly responseCode: number;
      readonly extendedErrors: readonly ExtendedError[];
    }
  | { readonly kind: "answer"; readonly message: Message };

export interface QueryInFlight {
  readonly sent: SentQuery;
  readonly state: ServerState;
  /** By TCP, TLS or HTTPS. */
  readonly isStream: boolean;
}

const HEADER_QUESTION_COUNT = 4;

export function judgeReply(query: QueryInFlight, octets: Uint8Array, source: Endpoint): Verdict {
  const reason = mismatchOf(query, octets, source);
  if (reason !== undefined) return { kind: "mismatch", reason };
  if ((flagsOf(octets) & Flag.TC) !== 0 && !query.isStream) return { kind: "truncated" };
  const parsed = parseMessage(octets, "dns");
  if (!parsed.ok) return useless("malformed", ResponseCode.SERVFAIL);
  const edns = ednsOf(parsed.value);
  if (edns === "invalid") return useless("malformed", ResponseCode.SERVFAIL);
  return judgeCookie(query, edns) ?? judgeMessage(query, parsed.value, edns);
}

function mismatchOf(
  { sent, state }: QueryInFlight,
  octets: Uint8Array,
  source: Endpoint,
): MismatchReason | undefined {
  const { server } = state;
  if (source.address !== server.address || source.port !== server.port) return "source";
  if (octets.length < HEADER_SIZE) return "no-response";
  if (uint16(octets, 0) !== sent.id) return "id";
  const flags = flagsOf(octets);
  if ((flags & Flag.QR) === 0 || (flags & Flag.OPCODE) !== 0) return "no-response";
  const count = uint16(octets, HEADER_QUESTION_COUNT);
  // Servers that cannot read a query may leave its question out; such a reply has no data.
  const isBareError = count === 0 && isFormatError(flags & Flag.RCODE);
  return isBareError || (count === 1 && isSameQuestion(sent.octets, octets))
    ? undefined
    : "question";
}

/** The question stands behind the header in both, and its name has no pointers. */
function isSameQuestion(query: Uint8Array, reply: Uint8Array): boolean {
  let at = HEADER_SIZE;
  while (query[at] !== 0) {
    const length = query[at]!;
    if (reply[at] !== length) return false;
    for (const end = at + length; at < end; ) {
      at++;
      if (folded(query[at]!) !== folded(reply[at] ?? 0)) return false;
    }
    at++;
  }
  const end = at + 5;
  for (; at < end; at++) if (query[at] !== reply[at]) return false;
  return true;
}

function folded(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function judgeCookie({ sent, state, isStream }: QueryInFlight, edns: Edns | "absent") {
  if (sent.cookie === undefined) return undefined;
  const verdict = state.cookies.judge(sent.cookie, edns);
  if (verdict === "wrong") return { kind: "mismatch", reason: "cookie" } as const;
  if (verdict === "sound") return undefined;
  if (!isStream) return { kind: "cookie-missing" } as const;
  state.cookies.forget();
  return undefined;
}

function judgeMessage(query: QueryInFlight, message: Message, edns: Edns | "absent"): Verdict {
  const low = message.flags & Flag.RCODE;
  const responseCode = edns === "absent" ? low : (edns.extendedCode << 4) | low;
  if (responseCode === ResponseCode.BADCOOKIE) return { kind: "cookie-refused" };
  if (query.sent.hasEdns && edns === "absent" && isFormatError(responseCode)) {
    return { kind: "edns-refused" };
  }
  if (responseCode !== ResponseCode.NOERROR && responseCode !== ResponseCode.NXDOMAIN) {
    const extendedErrors = edns === "absent" ? [] : extendedErrorsOf(edns);
    return useless("response-code", responseCode, extendedErrors);
  }
  if (isLame(message, responseCode)) return useless("lame", ResponseCode.SERVFAIL);
  return { kind: "answer", message };
}

function isFormatError(responseCode: number): boolean {
  return responseCode === ResponseCode.FORMERR || responseCode === ResponseCode.NOTIMP;
}

/** RFC 1034 §4.3.1: a referral from a server that neither recurses nor is an authority. */
function isLame({ flags, answers, authorities }: Message, responseCode: number): boolean {
  if ((flags & (Flag.RA | Flag.AA)) !== 0 || answers.length > 0) return false;
  const has = (type: number) => authorities.some((record: ResourceRecord) => record.type === type);
  return responseCode === ResponseCode.NOERROR && !has(RecordType.SOA);
}

function useless(
  reason: "malformed" | "lame" | "response-code",
  responseCode: number,
  extendedErrors: readonly ExtendedError[] = [],
): Verdict {
  return { kind: "useless", reason, responseCode, extendedErrors };
}

function flagsOf(octets: Uint8Array): number {
  return uint16(octets, 2);
}

function uint16(octets: Uint8Array, offset: number): number {
  return (octets[offset]! << 8) | octets[offset + 1]!;
}
