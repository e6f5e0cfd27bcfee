/**
 * Passive observation of failures (RFC 6762 §10.5): records that others ask for twice, and that are
 * then not seen for ten seconds, are gone, and no query of ours is needed to know it.
 *
 * A watched set is one that another host has asked for. Only records with no sign of life since are
 * dropped: not received, and in nobody's known answers.
 */

import { BoundedMap } from "../core/bounded.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import { after, before, between, type Instant, latest } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordCache } from "./cache.ts";
import type { CacheEntry } from "./cache-entry.ts";
import {
  MULTICAST_INTERVAL_MIN,
  POOF_QUERIES,
  POOF_QUERY_INTERVAL_MIN,
  POOF_SETS_MAX,
  POOF_WAIT,
} from "./constants.ts";
import { keepData } from "./kept-data.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { RecordSet } from "./record-set.ts";

interface Watch {
  readonly first: Instant;
  last: Instant;
  queries: number;
  deadline: Deadline<Task>;
  /** The records that were among another host's known answers, and when they last were. */
  readonly known: Map<CacheEntry, Instant>;
}

interface Watched {
  readonly set: RecordSet;
  readonly watch: Watch;
}

export class PassiveObservation {
  readonly #context: LinkContext;
  readonly #cache: RecordCache;
  readonly #watches = new BoundedMap<RecordSet, Watch>(POOF_SETS_MAX, (_set, watch) =>
    this.#context.cancel(watch.deadline),
  );

  constructor(context: LinkContext, cache: RecordCache) {
    this.#context = context;
    this.#cache = cache;
  }

  /** Another host has asked for the set, by a QM question to the group. */
  observe(set: RecordSet, now: Instant): void {
    const watch = this.#watches.peek(set);
    if (watch === undefined) {
      const deadline = this.#schedule(set, now);
      this.#watches.set(set, {
        ...{ first: now, last: now, queries: 1 },
        ...{ deadline, known: new Map<CacheEntry, Instant>() },
      });
      return;
    }
    if (between(watch.last, now) < POOF_QUERY_INTERVAL_MIN) return;
    watch.last = now;
    watch.queries++;
    if (watch.queries !== POOF_QUERIES) return;
    this.#context.cancel(watch.deadline);
    watch.deadline = this.#schedule(set, now);
  }

  /** Known answers of another host's query: of records of watched sets they are a sign of life. */
  noteKnown(answers: readonly ResourceRecord[], now: Instant): void {
    if (this.#watches.size === 0) return;
    let watched: Watched | undefined;
    let previous: ResourceRecord | undefined;
    for (const answer of answers) {
      // Most known answers of a query are of one set, under one name object.
      if (answer.name !== previous?.name || answer.type !== previous.type) {
        watched = this.#watchedSetOf(answer);
      }
      previous = answer;
      const entry = watched?.set.find(keepData(answer.data));
      if (entry !== undefined) watched?.watch.known.set(entry, now);
    }
  }

  /** The link is another one: what was asked before says nothing. */
  clear(): void {
    for (const watch of this.#watches.values()) this.#context.cancel(watch.deadline);
    this.#watches.clear();
  }

  #watchedSetOf({ name, type }: ResourceRecord): Watched | undefined {
    const set = this.#cache.find(name, type);
    const watch = set === undefined ? undefined : this.#watches.peek(set);
    return set === undefined || watch === undefined ? undefined : { set, watch };
  }

  #schedule(set: RecordSet, now: Instant): Deadline<Task> {
    return this.#context.schedule(after(now, POOF_WAIT), {
      run: (at) => this.#conclude(set, at),
    });
  }

  #conclude(set: RecordSet, now: Instant): void {
    const watch = this.#watches.peek(set);
    this.#watches.delete(set);
    if (watch === undefined || watch.queries < POOF_QUERIES) return;
    // RFC 6762 §6: what was multicast within the last second need not be sent again.
    const expected = before(watch.first, MULTICAST_INTERVAL_MIN);
    for (const entry of [...set]) {
      const seen = latest(entry.received, watch.known.get(entry) ?? entry.received);
      if (seen < expected) this.#cache.remove(entry, now);
    }
  }
}
