/**
 * Legacy unicast responses (RFC 6762 §6.7): a query from another port than 5353 is from a simple
 * resolver, which gets what a conventional server would give it, directly.
 */

import { after, type Duration, type Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { additionalSets } from "./additional-records.ts";
import { LEGACY_RESPONSES_PENDING_MAX, LEGACY_TTL_MAX } from "./constants.ts";
import type { LinkContext, Received } from "./link-context.ts";
import type { OwnSet } from "./own-records.ts";
import type { Registry } from "./registry.ts";
import { RESPONSE_FLAGS } from "./response-message.ts";

export class LegacyResponder {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  #pending = 0;

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
  }

  /** Sends the answers to the query after `delay`. */
  respond(sets: readonly OwnSet[], received: Received, delay: Duration, now: Instant): void {
    if (delay === 0 || this.#pending >= LEGACY_RESPONSES_PENDING_MAX) {
      this.#send(sets, received, now);
      return;
    }
    this.#pending++;
    this.#context.schedule(after(now, delay), {
      run: (at) => {
        this.#pending--;
        this.#send(sets, received, at);
      },
    });
  }

  #send(sets: readonly OwnSet[], received: Received, now: Instant): void {
    const { family, source: endpoint, arrival: from } = received;
    const isWanted = (set: OwnSet) => set.reaches(family);
    const answers = sets.filter(isWanted);
    if (answers.length === 0) return;
    const { mtu } = this.#context.link;
    const additionals = additionalSets(answers, this.#registry, mtu, isWanted);
    const message = legacyResponse(received.message, answers, additionals);
    this.#context.send(message, { family, endpoint, from }, "legacy-responses-sent", now);
  }
}

/**
 * RFC 6762 §6.7: with the id and the questions of the query. What does not exist is told as a
 * conventional server does: no answer, and the NSEC record in the authority section.
 */
function legacyResponse(
  query: Message,
  sets: readonly OwnSet[],
  additionals: readonly OwnSet[],
): Message {
  return {
    id: query.id,
    flags: RESPONSE_FLAGS,
    questions: query.questions,
    answers: sets.filter((set) => !isNegative(set)).flatMap(legacyRecords),
    authorities: sets.filter(isNegative).flatMap(legacyRecords),
    additionals: additionals.flatMap(legacyRecords),
  };
}

function isNegative(set: OwnSet): boolean {
  return set.type === RecordType.NSEC;
}

/** RFC 6762 §6.7, §10.2: a TTL of at most ten seconds, and never the cache-flush bit. */
function legacyRecords({ published }: OwnSet): readonly ResourceRecord[] {
  return published.map((record) => ({
    ...record,
    cacheFlush: false,
    ttl: Math.min(record.ttl, LEGACY_TTL_MAX),
  }));
}
