/**
 * Any message to the stub, judged: what is to be ignored, what is answered with a response code at
 * once, and what is a question.
 */

import { Flag, HEADER_SIZE, RecordClass, RecordType, ResponseCode } from "../../wire/constants.ts";
import { type Edns, ednsOf } from "../../wire/edns.ts";
import type { Message } from "../../wire/message.ts";
import { parseMessage } from "../../wire/parse.ts";
import type { Question } from "../../wire/record.ts";

/** What of a query its reply repeats. */
export interface QueryHead {
  readonly id: number;
  /** The header's flags, as they came. */
  readonly flags: number;
  readonly question: Question | undefined;
  /** RFC 6891 §7: a reply has an OPT record when the query has one. */
  readonly edns: Edns | undefined;
}

export type ReadQuery =
  | { readonly kind: "ignored" }
  | { readonly kind: "failed"; readonly head: QueryHead; readonly responseCode: number }
  | { readonly kind: "question"; readonly head: QueryHead & { readonly question: Question } };

/** RFC 8945 §4.2, RFC 2930 §2: types that only ever stand in the additional section. */
const TSIG = 250;
const TKEY = 249;

/** What a stub does not do: give out zones, or agree on keys. */
const REFUSED_TYPES: ReadonlySet<number> = new Set([
  ...[RecordType.AXFR, RecordType.IXFR, TSIG, TKEY],
]);

const IGNORED: ReadQuery = { kind: "ignored" };

export function readQuery(octets: Uint8Array): ReadQuery {
  if (octets.length < HEADER_SIZE) return IGNORED;
  const id = (octets[0]! << 8) | octets[1]!;
  const flags = (octets[2]! << 8) | octets[3]!;
  // A response is never answered: two servers would go on for ever.
  if ((flags & Flag.QR) !== 0) return IGNORED;
  const bare: QueryHead = { id, flags, question: undefined, edns: undefined };
  if ((flags & Flag.OPCODE) !== 0) return failed(bare, ResponseCode.NOTIMP);
  const parsed = parseMessage(octets, "dns");
  if (!parsed.ok) return failed(bare, ResponseCode.FORMERR);
  return judge(parsed.value);
}

function judge(message: Message): ReadQuery {
  const { id, flags, questions } = message;
  const [question] = questions;
  const edns = ednsOf(message);
  // RFC 9619 §4: a query has one question.
  if (question === undefined || questions.length !== 1 || edns === "invalid") {
    const head = { id, flags, question: undefined, edns: undefined };
    return failed(head, ResponseCode.FORMERR);
  }
  const head = { id, flags, question, edns: edns === "absent" ? undefined : edns };
  // RFC 6891 §6.1.3: whatever else a later version means.
  if (head.edns !== undefined && head.edns.version > 0) return failed(head, ResponseCode.BADVERS);
  if (REFUSED_TYPES.has(question.type)) return failed(head, ResponseCode.REFUSED);
  const { answers, authorities } = message;
  if (question.type === RecordType.OPT || answers.length > 0 || authorities.length > 0) {
    return failed(head, ResponseCode.FORMERR);
  }
  const isKnownClass = question.class === RecordClass.IN || question.class === RecordClass.CH;
  return isKnownClass ? { kind: "question", head } : failed(head, ResponseCode.REFUSED);
}

function failed(head: QueryHead, responseCode: number): ReadQuery {
  return { kind: "failed", head, responseCode };
}
