/** Responses as messages (RFC 6762 §18): what every one of them has in common. */

import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";

/** RFC 6762 §18.2, §18.4: QR and AA are set, all other flags are not. */
export const RESPONSE_FLAGS = Flag.QR | Flag.AA;

/** RFC 6762 §6, §18.1: no questions, and the id is zero. */
export function responseMessage(
  answers: readonly ResourceRecord[],
  additionals: readonly ResourceRecord[] = [],
): Message {
  return { id: 0, flags: RESPONSE_FLAGS, questions: [], answers, authorities: [], additionals };
}
