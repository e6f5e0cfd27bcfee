/**
 * Duplicate question suppression (RFC 6762 §7.3): when another host asks what we are about to ask,
 * its question serves for ours.
 */

import { after, type Instant } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordCache } from "./cache.ts";
import { DUPLICATE_QUESTION_WINDOW } from "./constants.ts";
import { isKnownAnswer } from "./known-answer-list.ts";
import type { LinkContext } from "./link-context.ts";
import type { Question } from "./question.ts";

export interface DuplicateCheck {
  readonly context: LinkContext;
  readonly cache: RecordCache;
}

/**
 * Whether the other host's query, which holds the same QM question, is as good as ours. Not when it
 * knows answers that we do not know: they will not be sent. The list of a truncated query (§7.2) is
 * not complete, so nothing can be said of it.
 */
export function isServedBy(
  query: Message,
  question: Question,
  { context, cache }: DuplicateCheck,
  now: Instant,
): boolean {
  const { window } = question;
  if ((query.flags & Flag.TC) !== 0) return false;
  if (window === undefined || window.latest > after(now, DUPLICATE_QUESTION_WINDOW)) return false;
  const isKnown = (answer: ResourceRecord): boolean => {
    const entry = cache.findEntry(answer);
    return entry === undefined ? context.isOurs(answer, now) : isKnownAnswer(entry, now);
  };
  return query.answers.every((answer) => !question.wants(answer) || isKnown(answer));
}
