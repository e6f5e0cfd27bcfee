/**
 * Responses into the cache: which of their records are believed, and what they do to those that are
 * there (RFC 6762 §10.1 goodbyes, §10.2 the cache-flush bit, §6.1 NSEC).
 *
 * A response to the group is believed whatever was asked (§18.1): the whole link saw it. One that
 * came to us alone is believed only as far as it answers a question that asked for unicast responses
 * in the last two seconds (§6), with the additional records beside such an answer: nobody else sees
 * it and could contradict, so it must not plant what was never asked for. The engine has checked that either is from the link (§11).
 */

import { after, type Instant } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { ActiveQuestions } from "./active-questions.ts";
import type { RecordCache, Stored } from "./cache.ts";
import { CACHE_FLUSH_AGE, CACHE_FLUSH_GRACE, GOODBYE_GRACE } from "./constants.ts";
import type { LinkContext, Received } from "./link-context.ts";
import { deniesType } from "./negative-answers.ts";
import type { RecordSet } from "./record-set.ts";

/** RFC 6895 §3.1: types from here to 255 are of queries, transactions and transfers. */
const META_TYPE_FIRST = 128;
const META_TYPE_LAST = 255;

export class ResponseIntake {
  readonly #context: LinkContext;
  readonly #cache: RecordCache;
  readonly #questions: ActiveQuestions;
  readonly #handleStored: (stored: Stored, now: Instant) => void;

  constructor(
    context: LinkContext,
    cache: RecordCache,
    questions: ActiveQuestions,
    handleStored: (stored: Stored, now: Instant) => void,
  ) {
    this.#context = context;
    this.#cache = cache;
    this.#questions = questions;
    this.#handleStored = handleStored;
  }

  take(received: Received, now: Instant): void {
    const flushing: RecordSet[] = [];
    if (received.arrival.to === "group") {
      const { answers, additionals } = received.message;
      for (const record of answers) this.#takeRecord(record, received, flushing, now);
      for (const record of additionals) this.#takeRecord(record, received, flushing, now);
    } else {
      for (const record of this.#believable(received.message, now)) {
        this.#takeRecord(record, received, flushing, now);
      }
    }
    for (const set of flushing) this.#flushOlder(set, now);
  }

  /** Adds to `flushing` the set that the record replaces what is older of. */
  #takeRecord(
    record: ResourceRecord,
    { source }: Received,
    flushing: RecordSet[],
    now: Instant,
  ): void {
    if (!isCacheable(record) || this.#context.isOurs(record, now)) return;
    if (record.ttl === 0) {
      this.#handleGoodbye(record, now);
      return;
    }
    const stored = this.#cache.store(record, source.address, now);
    const { set } = stored.entry;
    if (record.cacheFlush && set.size > 1 && !flushing.includes(set)) flushing.push(set);
    this.#dropContradicted(stored, now);
    this.#handleStored(stored, now);
  }

  /** Of a response that came to us alone. */
  #believable({ answers, additionals }: Message, now: Instant): readonly ResourceRecord[] {
    const asked = answers.filter((record) => this.#isAskedFor(record, now));
    if (asked.length > 0) return [...asked, ...additionals];
    return additionals.filter((record) => deniesSomething(record) && this.#isAskedFor(record, now));
  }

  #isAskedFor(record: ResourceRecord, now: Instant): boolean {
    return this.#questions
      .about(record.name)
      .some((question) => question.acceptsUnicastResponse(now) && question.reliesOn(record));
  }

  /** RFC 6762 §10.1: the record is kept for a second, in which another owner may rescue it. */
  #handleGoodbye(record: ResourceRecord, now: Instant): void {
    const entry = this.#cache.findEntry(record);
    if (entry !== undefined) this.#cache.doubt(entry, after(now, GOODBYE_GRACE), now);
  }

  /**
   * RFC 6762 §10.2: what was last received more than a second ago is no longer true. Records of this
   * very packet, and of one just before it, are younger.
   */
  #flushOlder(set: RecordSet, now: Instant): void {
    for (const entry of [...set]) {
      if (!entry.isOlderThan(CACHE_FLUSH_AGE, now)) continue;
      this.#cache.doubt(entry, after(now, CACHE_FLUSH_GRACE), now);
    }
  }

  /** RFC 6762 §6.1: a record disproves the NSEC that denied it; a new NSEC replaces the old. */
  #dropContradicted({ entry }: Stored, now: Instant): void {
    const isDenial = entry.type === RecordType.NSEC;
    const denials = this.#cache.find(entry.name, RecordType.NSEC);
    if (denials === undefined) return;
    for (const other of [...denials]) {
      if (other === entry) continue;
      if (isDenial || deniesType(other, entry.type)) this.#cache.remove(other, now);
    }
  }
}

function isCacheable(record: ResourceRecord): boolean {
  const { type } = record;
  if (record.class !== RecordClass.IN || type === RecordType.OPT) return false;
  return type < META_TYPE_FIRST || type > META_TYPE_LAST;
}

function deniesSomething(record: ResourceRecord): boolean {
  return record.data.kind === "NSEC";
}
