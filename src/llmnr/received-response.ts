/**
 * What a sender makes of a message that came for one of its queries: a response to that very query
 * from a host on the link, or a reason to discard it (RFC 4795 §2.1.1, §2.2, §2.5).
 */

import type { Family, IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { Flag } from "../wire/constants.ts";
import { responseCodeOf } from "../wire/edns.ts";
import type { Message } from "../wire/message.ts";
import { parseMessage } from "../wire/parse.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import { LLMNR_PORT } from "./constants.ts";
import { isNeighbour } from "./link-context.ts";
import type { DiscardReason } from "./types.ts";

/** A response that passed every check but those of the T bit, which depend on what it is for. */
export interface ReceivedResponse {
  readonly link: LinkId;
  readonly family: Family;
  readonly source: IpAddress;
  /** RFC 4795 §2.1.1: the responder does not hold the name to be unique. */
  readonly isShared: boolean;
  /** RFC 4795 §2.1.1: the responder has not verified the name yet. */
  readonly isTentative: boolean;
  readonly isTruncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
}

/** The query that a response has to fit. */
export interface SentQuery {
  readonly id: number;
  readonly question: Question;
  readonly link: Link;
  readonly family: Family;
}

export function readUdpResponse(
  octets: Uint8Array,
  source: IpAddress,
  port: number,
  query: SentQuery,
): ReceivedResponse | DiscardReason {
  // RFC 4795 §2.3 (b): responses come from the port to which queries are sent.
  if (port !== LLMNR_PORT) return "wrong-source-port";
  if (!isNeighbour(query.link, source)) return "off-link-source";
  const message = readMessage(octets, query);
  if (typeof message === "string") return message;
  // RFC 4795 §2.1.1: an error in a response to a multicast query is not a response.
  if (responseCodeOf(message) !== 0) return "response-code";
  return received(message, source, query);
}

export function readTcpResponse(
  octets: Uint8Array,
  source: IpAddress,
  query: SentQuery,
): ReceivedResponse | DiscardReason {
  const message = readMessage(octets, query);
  if (typeof message === "string") return message;
  if (responseCodeOf(message) !== 0) return "response-code";
  return received(message, source, query);
}

function readMessage(octets: Uint8Array, { id, question }: SentQuery): Message | DiscardReason {
  const parsed = parseMessage(octets, "dns");
  if (!parsed.ok) return "malformed";
  const message = parsed.value;
  if ((message.flags & Flag.QR) === 0 || message.id !== id) return "unsolicited";
  if ((message.flags & Flag.OPCODE) !== 0) return "opcode";
  // RFC 4795 §2.1.1: QDCOUNT is one.
  const [asked] = message.questions;
  if (asked === undefined || message.questions.length !== 1) return "counts";
  return isSameQuestion(asked, question) ? message : "unsolicited";
}

function isSameQuestion(a: Question, b: Question): boolean {
  return a.type === b.type && a.class === b.class && a.name.equals(b.name);
}

function received(
  { flags, answers, authorities }: Message,
  source: IpAddress,
  { question, link, family }: SentQuery,
): ReceivedResponse {
  return {
    link: link.id,
    family,
    source,
    isShared: (flags & Flag.LLMNR_C) !== 0,
    isTentative: (flags & Flag.LLMNR_T) !== 0,
    isTruncated: (flags & Flag.TC) !== 0,
    // RFC 4795 §2.9: only the answer section answers.
    answers: answers.filter((record) => record.class === question.class),
    authorities,
  };
}
