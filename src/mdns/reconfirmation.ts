/**
 * Reconfirmation (RFC 6762 §10.4): a record that turned out not to work is asked for again, and is
 * gone in ten seconds unless its owner sends it.
 *
 * The records in question are doubted meanwhile: they are left out of known-answer lists, or their
 * owner would keep silent, and no new query is given them.
 */

import { after, type Instant, milliseconds } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordCache } from "./cache.ts";
import type { CacheEntry } from "./cache-entry.ts";
import {
  FIRST_QUERY_DELAY_MAX,
  FIRST_QUERY_DELAY_MIN,
  RECONFIRM_INTERVALS,
  RECONFIRM_WAIT,
  RECONFIRMATIONS_MAX,
} from "./constants.ts";
import type { LinkContext } from "./link-context.ts";
import type { Question } from "./question.ts";

export interface ReconfirmationPort {
  /** The question for a record's name and type, made where nobody asks it. */
  openQuestion(record: ResourceRecord): Question;
  /** Forgets the question if nobody uses it. */
  closeQuestion(question: Question): void;
  plan(question: Question): void;
}

export class Reconfirmation {
  readonly #context: LinkContext;
  readonly #cache: RecordCache;
  readonly #port: ReconfirmationPort;
  readonly #running = new Set<CacheEntry>();

  constructor(context: LinkContext, cache: RecordCache, port: ReconfirmationPort) {
    this.#context = context;
    this.#cache = cache;
    this.#port = port;
  }

  get count(): number {
    return this.#running.size;
  }

  begin(entry: CacheEntry, now: Instant): void {
    if (this.#running.has(entry) || this.#running.size >= RECONFIRMATIONS_MAX) return;
    this.#running.add(entry);
    this.#cache.doubt(entry, after(now, RECONFIRM_WAIT), now);
    const question = this.#port.openQuestion(entry);
    question.holders.add(entry);
    const random = this.#context.random;
    const delay = milliseconds(random.integer(FIRST_QUERY_DELAY_MIN, FIRST_QUERY_DELAY_MAX));
    question.requestRefresh(entry, {
      earliest: after(now, FIRST_QUERY_DELAY_MIN),
      latest: after(now, delay),
    });
    this.#port.plan(question);
    let at = after(now, FIRST_QUERY_DELAY_MAX);
    for (const interval of RECONFIRM_INTERVALS) {
      at = after(at, interval);
      this.#context.schedule(at, { run: (due) => this.#repeat(question, entry, due) });
    }
    this.#context.schedule(after(now, RECONFIRM_WAIT), { run: () => this.#end(question, entry) });
  }

  #repeat(question: Question, entry: CacheEntry, now: Instant): void {
    if (entry.belief === "believed" || this.#cache.findEntry(entry) !== entry) return;
    question.requestRefresh(entry, { earliest: now, latest: now });
    this.#port.plan(question);
  }

  #end(question: Question, entry: CacheEntry): void {
    this.#running.delete(entry);
    question.holders.delete(entry);
    this.#port.closeQuestion(question);
  }
}
