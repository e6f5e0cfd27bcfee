/**
 * Other hosts' queries, as far as a querier cares for them: their questions may serve for ours (RFC
 * 6762 §7.3), what they know is alive for them, and what they ask in vain is gone (§10.5).
 *
 * Only questions whose answers go to the group count, since we see no others: QM questions, sent to
 * the group from port 5353. Probes (§8.1) ask for no answer. Nothing of a query is ever cached
 * (§7.1).
 */

import type { Instant } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Question as WireQuestion } from "../wire/record.ts";
import type { ActiveQuestions } from "./active-questions.ts";
import type { RecordCache } from "./cache.ts";
import { MDNS_PORT } from "./constants.ts";
import { isServedBy } from "./duplicate-questions.ts";
import type { LinkContext, Received } from "./link-context.ts";
import { PassiveObservation } from "./passive-observation.ts";
import type { Question } from "./question.ts";

export class QueryObservation {
  readonly #context: LinkContext;
  readonly #cache: RecordCache;
  readonly #questions: ActiveQuestions;
  readonly #failures: PassiveObservation;
  readonly #handleServed: (question: Question, now: Instant) => void;

  /** `handleServed` gets each question of ours that another host has just asked in our stead. */
  constructor(
    context: LinkContext,
    cache: RecordCache,
    questions: ActiveQuestions,
    handleServed: (question: Question, now: Instant) => void,
  ) {
    this.#context = context;
    this.#cache = cache;
    this.#questions = questions;
    this.#failures = new PassiveObservation(context, cache);
    this.#handleServed = handleServed;
  }

  take({ message, source, arrival }: Received, now: Instant): void {
    if (source.port !== MDNS_PORT || arrival.to !== "group") return;
    if (message.authorities.length > 0) return;
    for (const asked of message.questions) {
      if (asked.unicastResponse || !isForInternet(asked)) continue;
      this.#compareWithOurs(asked, message, now);
      this.#watch(asked, now);
    }
    this.#failures.noteKnown(message.answers, now);
  }

  /** The link is another one. */
  clear(): void {
    this.#failures.clear();
  }

  #compareWithOurs(asked: WireQuestion, query: Message, now: Instant): void {
    const question = this.#questions.find(asked.name, asked.type);
    if (question === undefined) return;
    const check = { context: this.#context, cache: this.#cache };
    if (isServedBy(query, question, check, now)) this.#handleServed(question, now);
  }

  #watch({ name, type }: WireQuestion, now: Instant): void {
    const asked =
      type === RecordType.ANY ? this.#cache.setsOf(name) : [this.#cache.find(name, type)];
    for (const set of asked) {
      if (set !== undefined && set.type !== RecordType.NSEC) this.#failures.observe(set, now);
    }
  }
}

function isForInternet({ class: questionClass }: WireQuestion): boolean {
  return questionClass === RecordClass.IN || questionClass === RecordClass.ANY;
}
