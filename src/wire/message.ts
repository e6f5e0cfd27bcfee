/** DNS messages (RFC 1035 §4.1) and their flags, as data. */

import { Flag } from "./constants.ts";
import type { Question, ResourceRecord } from "./record.ts";

/**
 * A message. `flags` is the raw second word of the header: LLMNR names some of its bits differently
 * (RFC 4795 §2.1.1), so they are kept as they are and read through the masks of `constants.ts`.
 */
export interface Message {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/**
 * Whether the top bit of the class field means cache-flush and QU (RFC 6762 §18.12, §18.13) or is
 * part of the class.
 */
export type Dialect = "mdns" | "dns";

/** Whether the message is a response rather than a query (RFC 1035 §4.1.1). */
export function isResponse(message: Message): boolean {
  return (message.flags & Flag.QR) !== 0;
}
