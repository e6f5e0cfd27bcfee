/**
 * What the queries' owners are told: each answer once when it comes and once when it goes. A record
 * that is merely refreshed, or rescued before its end (RFC 6762 §10.1), is no news.
 */

import { type Instant, NEVER } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { CacheEntry } from "./cache-entry.ts";
import type { LinkContext } from "./link-context.ts";
import type { Question } from "./question.ts";
import type { Subscription } from "./subscription.ts";
import type { Answer } from "./types.ts";

export class AnswerEvents {
  readonly #context: LinkContext;

  constructor(context: LinkContext) {
    this.#context = context;
  }

  answerOf(entry: CacheEntry): Answer {
    const { record, source, expires } = entry;
    return { record, link: this.#context.link.id, own: false, source, expires };
  }

  ownAnswer(record: ResourceRecord): Answer {
    return { record, link: this.#context.link.id, own: true, source: undefined, expires: NEVER };
  }

  added(subscription: Subscription, answer: Answer): void {
    this.#context.emit({ kind: "answer-added", query: subscription.id, answer });
  }

  removed(subscription: Subscription, answer: Answer): void {
    this.#context.emit({ kind: "answer-removed", query: subscription.id, answer });
  }

  entryAdded(question: Question, entry: CacheEntry): void {
    const answer = this.answerOf(entry);
    for (const subscription of question.subscriptions.values()) this.added(subscription, answer);
  }

  /** A doubted record has been received again: news only to those from whom it was withheld. */
  entryConfirmed(question: Question, entry: CacheEntry): void {
    for (const subscription of question.subscriptions.values()) {
      if (subscription.release(entry)) this.added(subscription, this.answerOf(entry));
    }
  }

  entryRemoved(question: Question, entry: CacheEntry): void {
    const answer = this.answerOf(entry);
    for (const subscription of question.subscriptions.values()) {
      if (!subscription.release(entry)) this.removed(subscription, answer);
    }
  }

  ownAdded(question: Question, record: ResourceRecord): void {
    const answer = this.ownAnswer(record);
    for (const subscription of question.subscriptions.values()) this.added(subscription, answer);
  }

  ownRemoved(question: Question, record: ResourceRecord): void {
    const answer = this.ownAnswer(record);
    for (const subscription of question.subscriptions.values()) this.removed(subscription, answer);
  }

  /** `denied` is until when there is known to be no answer; undefined when it is not known. */
  denial(question: Question, denied: Instant | undefined): void {
    const link = this.#context.link.id;
    for (const subscription of question.subscriptions.values()) {
      const isNews = denied !== undefined && !subscription.isDenied;
      subscription.isDenied = denied !== undefined;
      if (!isNews) continue;
      this.#context.emit({ kind: "negative", query: subscription.id, link, expires: denied });
    }
  }

  asked(question: Question): void {
    const link = this.#context.link.id;
    for (const subscription of question.subscriptions.values()) {
      if (subscription.wasAsked) continue;
      subscription.wasAsked = true;
      this.#context.emit({ kind: "asked", query: subscription.id, link });
    }
  }
}
