/**
 * What is known on the link now that answers a question: other hosts' records in the cache, our own
 * published ones, and what an owner has said not to exist.
 */

import { type Instant, NEVER } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordCache } from "./cache.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { deniesType } from "./negative-answers.ts";
import type { Question } from "./question.ts";
import { isFresh } from "./refresh.ts";

/** Looks up the records that the responder publishes now; takes type ANY. */
export type OwnRecordLookup = (name: Name, type: number) => readonly ResourceRecord[];

export class LinkAnswers {
  readonly #cache: RecordCache;
  readonly #ownRecords: OwnRecordLookup;

  constructor(cache: RecordCache, ownRecords: OwnRecordLookup) {
    this.#cache = cache;
    this.#ownRecords = ownRecords;
  }

  /** Cached records that answer the question, doubted ones too. */
  *cached(question: Question): IterableIterator<CacheEntry> {
    const { name, type } = question;
    if (type === RecordType.ANY) {
      for (const set of this.#cache.setsOf(name)) {
        if (set.type !== RecordType.NSEC) yield* set;
      }
      return;
    }
    yield* this.#cache.find(name, type) ?? [];
    if (type !== RecordType.CNAME) yield* this.#cache.find(name, RecordType.CNAME) ?? [];
  }

  own(question: Question): readonly ResourceRecord[] {
    const { name, type } = question;
    const records = this.#ownRecords(name, type);
    const hasAliases = type === RecordType.ANY || type === RecordType.CNAME;
    return hasAliases ? records : [...records, ...this.#ownRecords(name, RecordType.CNAME)];
  }

  /**
   * Until when it is known that there is no answer (RFC 6762 §6.1): an NSEC record says so, or the
   * name is our own; undefined when it is not known.
   */
  denial(question: Question, now: Instant): Instant | undefined {
    if (question.type === RecordType.ANY || this.own(question).length > 0) return undefined;
    if (this.#isOurName(question.name)) return NEVER;
    for (const entry of this.cached(question)) if (entry.expires > now) return undefined;
    for (const entry of this.#cache.find(question.name, RecordType.NSEC) ?? []) {
      const isDenied = entry.isBelieved(now) && deniesType(entry, question.type);
      if (isDenied) return entry.expires;
    }
    return undefined;
  }

  /**
   * Whether all that the link could answer is known, so that it need not be asked (RFC 6762 §5.2,
   * §7.1): a unique record with more than a fifth of its life to go, or a denial.
   */
  isComplete(question: Question, now: Instant): boolean {
    if (!question.isSettledByUniqueAnswer) return false;
    if (this.own(question).some((record) => record.cacheFlush)) return true;
    for (const entry of this.cached(question)) {
      if (entry.cacheFlush && isFresh(entry, now)) return true;
    }
    return this.denial(question, now) !== undefined;
  }

  #isOurName(name: Name): boolean {
    return this.#ownRecords(name, RecordType.ANY).some((record) => record.cacheFlush);
  }
}
