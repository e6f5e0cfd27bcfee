/**
 * Multipacket Known-Answer Suppression, the responder's side (RFC 6762 §7.2): a query with TC is put
 * aside until its sender's further known answers have come, and is then answered as one.
 *
 * RFC 6762 §15.2: what belongs together is told by the source address alone.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, milliseconds } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Question } from "../wire/record.ts";
import {
  TRUNCATED_PACKETS_MAX,
  TRUNCATED_QUERIERS_MAX,
  TRUNCATED_QUERY_DELAY_MAX,
  TRUNCATED_QUERY_DELAY_MIN,
} from "./constants.ts";
import { KnownAnswers } from "./known-answers.ts";
import type { LinkContext, Received, Task } from "./link-context.ts";
import type { Registry } from "./registry.ts";

/** A query of several packets. */
export interface CollectedQuery {
  readonly received: Received;
  /** When its first packet came. */
  readonly asked: Instant;
  readonly questions: readonly Question[];
  readonly known: KnownAnswers;
}

interface Collecting extends CollectedQuery {
  readonly questions: Question[];
  packets: number;
  deadline: Deadline<Task>;
}

export class TruncatedQueries {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  readonly #onComplete: (query: CollectedQuery, now: Instant) => void;
  readonly #queries = new Map<string, Collecting>();

  constructor(
    context: LinkContext,
    registry: Registry,
    onComplete: (query: CollectedQuery, now: Instant) => void,
  ) {
    this.#context = context;
    this.#registry = registry;
    this.#onComplete = onComplete;
  }

  /** Returns whether the packet is part of a query of several; else it is to be answered now. */
  take(received: Received, now: Instant): boolean {
    const { message, source } = received;
    const isTruncated = (message.flags & Flag.TC) !== 0;
    const known = this.#queries.size === 0 ? undefined : this.#queries.get(source.address);
    if (known === undefined) return isTruncated && this.#begin(received, now);
    if (known.packets >= TRUNCATED_PACKETS_MAX) {
      this.#context.counters.add("discarded-known-answers-overflow");
      return isTruncated || message.questions.length === 0;
    }
    known.packets++;
    known.known.add(message.answers, this.#registry);
    if (!isTruncated) return message.questions.length === 0;
    known.questions.push(...message.questions);
    // RFC 6762 §7.2: the pause of 400-500 ms begins anew with each such packet.
    this.#context.cancel(known.deadline);
    known.deadline = this.#completeLater(source.address, now);
    return true;
  }

  clear(): void {
    for (const { deadline } of this.#queries.values()) this.#context.cancel(deadline);
    this.#queries.clear();
  }

  #begin(received: Received, now: Instant): boolean {
    const { message, source } = received;
    if (this.#queries.size >= TRUNCATED_QUERIERS_MAX) {
      this.#context.counters.add("discarded-known-answers-overflow");
      return false;
    }
    const known = new KnownAnswers();
    known.add(message.answers, this.#registry);
    const questions = [...message.questions];
    const deadline = this.#completeLater(source.address, now);
    const query = { received, asked: now, questions, known, packets: 1, deadline };
    this.#queries.set(source.address, query);
    return true;
  }

  #completeLater(address: string, now: Instant): Deadline<Task> {
    const delay = this.#context.random.integer(
      TRUNCATED_QUERY_DELAY_MIN,
      TRUNCATED_QUERY_DELAY_MAX,
    );
    return this.#context.schedule(after(now, milliseconds(delay)), {
      run: (at) => this.#complete(address, at),
    });
  }

  #complete(address: string, now: Instant): void {
    const query = this.#queries.get(address);
    if (query === undefined) return;
    this.#queries.delete(address);
    this.#onComplete(query, now);
  }
}
