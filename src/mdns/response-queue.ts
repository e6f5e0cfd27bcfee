/**
 * Answers to one destination that wait for their time, gathered into as few responses as their times
 * allow (RFC 6762 §6.4), and struck out when others give them first (§7.4).
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Duration, earliest, type Instant, latest } from "../core/time.ts";
import type { KnownAnswers } from "./known-answers.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { OwnRecord, OwnSet } from "./own-records.ts";

/** When answers may go out. */
export interface Timing {
  /** What was multicast since then has served the need; `NEVER`: nothing has that was so far. */
  readonly servedSince: Instant;
  readonly due: Instant;
  /** How much later they may go out with others. */
  readonly patience: Duration;
  /** How long ago each must have been multicast at least (RFC 6762 §6). */
  readonly interval: Duration;
}

export interface PendingResponse {
  /** With the interval that each must keep. */
  readonly sets: Map<OwnSet, Duration>;
  /** What the querier knows; undefined when several wait for the response. */
  known: KnownAnswers | undefined;
}

interface Group extends PendingResponse {
  due: Instant;
  latest: Instant;
  deadline: Deadline<Task>;
  /** Records of ours that another host has multicast meanwhile. */
  readonly given: Set<OwnRecord>;
}

export class ResponseQueue {
  readonly #context: LinkContext;
  readonly #onDue: (response: PendingResponse, now: Instant) => void;
  readonly #groups = new Set<Group>();

  constructor(context: LinkContext, onDue: (response: PendingResponse, now: Instant) => void) {
    this.#context = context;
    this.#onDue = onDue;
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Adds answers; those that are due at once go out before this returns. */
  add(
    sets: readonly OwnSet[],
    timing: Timing,
    known: KnownAnswers | undefined,
    now: Instant,
  ): void {
    const { due, interval } = timing;
    if (due <= now) {
      this.#onDue({ sets: new Map(sets.map((set) => [set, interval])), known }, now);
      return;
    }
    const last = after(due, timing.patience);
    const wanted = sets.filter((set) => !this.#isPending(set, last));
    if (wanted.length === 0) return;
    const group = this.#join(due, last) ?? this.#open(due, last, known);
    if (group.known !== known) group.known = undefined;
    for (const set of wanted) group.sets.set(set, interval);
  }

  /** RFC 6762 §7.4: another host has given this answer with a TTL that is not less than ours. */
  strikeOut(own: OwnRecord): void {
    for (const group of this.#groups) {
      if (!group.sets.has(own.set)) continue;
      group.given.add(own);
      const members = own.set.members.filter((member) => member.published);
      if (!members.every((member) => group.given.has(member))) continue;
      group.sets.delete(own.set);
      this.#context.counters.add("answers-suppressed");
      if (group.sets.size === 0) this.#close(group);
    }
  }

  clear(): void {
    for (const group of this.#groups) this.#close(group);
  }

  #isPending(set: OwnSet, last: Instant): boolean {
    for (const group of this.#groups) if (group.due <= last && group.sets.has(set)) return true;
    return false;
  }

  /** The group that can wait until `due` and need not wait beyond `last`. */
  #join(due: Instant, last: Instant): Group | undefined {
    for (const group of this.#groups) {
      const common = latest(group.due, due);
      if (common > group.latest || common > last) continue;
      group.latest = earliest(group.latest, last);
      if (common > group.due) this.#move(group, common);
      return group;
    }
    return undefined;
  }

  #open(due: Instant, last: Instant, known: KnownAnswers | undefined): Group {
    const group: Group = {
      sets: new Map(),
      known,
      due,
      latest: last,
      deadline: this.#context.schedule(due, { run: (at) => this.#respond(group, at) }),
      given: new Set(),
    };
    this.#groups.add(group);
    return group;
  }

  #move(group: Group, due: Instant): void {
    this.#context.cancel(group.deadline);
    group.due = due;
    group.deadline = this.#context.schedule(due, { run: (at) => this.#respond(group, at) });
  }

  #respond(group: Group, now: Instant): void {
    this.#groups.delete(group);
    this.#onDue(group, now);
  }

  #close(group: Group): void {
    this.#context.cancel(group.deadline);
    this.#groups.delete(group);
  }
}
