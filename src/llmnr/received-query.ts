/** What a responder makes of a message: a query to consider, or a reason to discard it. */

import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { parseMessage } from "../wire/parse.ts";
import type { DiscardReason } from "./types.ts";

/**
 * RFC 4795 §2.1.1: the queries that are silently discarded. The TC and T bits, the reserved ones and
 * the response code of a query are ignored, as are the records of its additional section.
 */
export function readQuery(octets: Uint8Array): Message | DiscardReason {
  const parsed = parseMessage(octets, "dns");
  if (!parsed.ok) return "malformed";
  const { flags, questions, answers, authorities } = parsed.value;
  if ((flags & Flag.QR) !== 0) return "unsolicited";
  if ((flags & Flag.OPCODE) !== 0) return "opcode";
  const isSound = questions.length === 1 && answers.length === 0 && authorities.length === 0;
  return isSound ? parsed.value : "counts";
}
