/**
 * Sends answers: by multicast on one family, or by unicast to one querier; at once or when their
 * delay is over; never the same record again too soon (RFC 6762 §6). Who asks for a record that was
 * multicast just before has not heard it, and gets it when the second is over.
 *
 * When a record was last multicast is kept for each family: what went to the IPv4 group has not
 * reached a querier that asks on IPv6.
 */

import type { Family } from "../core/ip-address.ts";
import { after, type Instant, latest } from "../core/time.ts";
import { additionalSets } from "./additional-records.ts";
import { MULTICAST_INTERVAL_MIN, UNICAST_RESPONSES_PENDING_MAX } from "./constants.ts";
import type { KnownAnswers } from "./known-answers.ts";
import type { LinkContext, Target, UnicastTarget } from "./link-context.ts";
import type { OwnRecord, OwnSet } from "./own-records.ts";
import type { Registry } from "./registry.ts";
import { responseMessage } from "./response-message.ts";
import { type PendingResponse, ResponseQueue, type Timing } from "./response-queue.ts";

export class ResponseScheduler {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  readonly #multicast: Record<Family, ResponseQueue>;
  readonly #unicast = new Map<string, ResponseQueue>();

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
    this.#multicast = { ipv4: this.#multicastQueue("ipv4"), ipv6: this.#multicastQueue("ipv6") };
  }

  /** Multicasts the sets on the family when their time has come, unless there is no need any more. */
  multicast(
    sets: readonly OwnSet[],
    family: Family,
    timing: Timing,
    known: KnownAnswers | undefined,
    now: Instant,
  ): void {
    const needed = sets.filter((set) => set.multicastAt(family) < timing.servedSince);
    this.#countSuppressed(sets.length - needed.length);
    for (const [due, together] of groupByDue(needed, family, timing)) {
      this.#multicast[family].add(together, { ...timing, due }, known, now);
    }
  }

  /** Sends the sets to one querier; multicasts them when too many others wait already. */
  unicast(
    sets: readonly OwnSet[],
    target: UnicastTarget,
    timing: Timing,
    known: KnownAnswers | undefined,
    now: Instant,
  ): void {
    const key = `${target.endpoint.address} ${target.endpoint.port}`;
    let queue = this.#unicast.get(key);
    if (queue === undefined) {
      if (timing.due > now && this.#unicast.size >= UNICAST_RESPONSES_PENDING_MAX) {
        this.multicast(sets, target.family, timing, known, now);
        return;
      }
      queue = this.#unicastQueue(target, key);
    }
    queue.add(sets, timing, known, now);
    if (!queue.isEmpty) this.#unicast.set(key, queue);
  }

  /** RFC 6762 §7.4: another host has multicast this very answer on the family. */
  strikeOut(own: OwnRecord, family: Family): void {
    this.#multicast[family].strikeOut(own);
  }

  clear(): void {
    this.#multicast.ipv4.clear();
    this.#multicast.ipv6.clear();
    for (const queue of this.#unicast.values()) queue.clear();
    this.#unicast.clear();
  }

  #multicastQueue(family: Family): ResponseQueue {
    return new ResponseQueue(this.#context, (response, now) => {
      this.#sendMulticast(response, family, now);
    });
  }

  #unicastQueue(target: UnicastTarget, key: string): ResponseQueue {
    const queue: ResponseQueue = new ResponseQueue(this.#context, (response, now) => {
      if (queue.isEmpty) this.#unicast.delete(key);
      this.#sendUnicast(response, target, now);
    });
    return queue;
  }

  #sendMulticast({ sets, known }: PendingResponse, family: Family, now: Instant): void {
    const answers: OwnSet[] = [];
    for (const [set, interval] of sets) {
      if (!set.reaches(family)) continue;
      if (isAllowed(set, family, { interval }, now)) answers.push(set);
    }
    this.#countSuppressed(sets.size - answers.length);
    const interval = MULTICAST_INTERVAL_MIN;
    const additionals = this.#additionalsFor(answers, family, (set) => {
      return isAllowed(set, family, { interval }, now) && !known?.suppress(set);
    });
    this.#send(answers, additionals, { group: family }, now);
    for (const set of [...answers, ...additionals]) set.noteMulticast([family], now);
  }

  #sendUnicast({ sets, known }: PendingResponse, target: UnicastTarget, now: Instant): void {
    const { family } = target;
    const answers = [...sets.keys()].filter((set) => set.reaches(family));
    const additionals = this.#additionalsFor(answers, family, (set) => !known?.suppress(set));
    this.#send(answers, additionals, target, now);
  }

  #additionalsFor(
    answers: readonly OwnSet[],
    family: Family,
    isWanted: (set: OwnSet) => boolean,
  ): readonly OwnSet[] {
    return additionalSets(answers, this.#registry, this.#context.link.mtu, (set) => {
      return set.reaches(family) && isWanted(set);
    });
  }

  #send(
    answers: readonly OwnSet[],
    additionals: readonly OwnSet[],
    target: Target,
    now: Instant,
  ): void {
    if (answers.length === 0) return;
    const message = responseMessage(
      answers.flatMap((set) => set.published),
      additionals.flatMap((set) => set.published),
    );
    const isUnicast = target !== "groups" && "endpoint" in target;
    const counter = isUnicast ? "unicast-responses-sent" : "responses-sent";
    this.#context.send(message, target, counter, now);
  }

  #countSuppressed(count: number): void {
    if (count > 0) this.#context.counters.add("answers-suppressed", count);
  }
}

/** RFC 6762 §6: by the time from which on they may be multicast, given when they last were. */
function groupByDue(
  sets: readonly OwnSet[],
  family: Family,
  { due, interval }: Timing,
): Map<Instant, OwnSet[]> {
  const groups = new Map<Instant, OwnSet[]>();
  for (const set of sets) {
    const allowed = latest(due, after(set.multicastAt(family), interval));
    const group = groups.get(allowed);
    if (group === undefined) groups.set(allowed, [set]);
    else group.push(set);
  }
  return groups;
}

/** RFC 6762 §6: whether the set may be multicast at `at`, given when it last was. */
function isAllowed(
  set: OwnSet,
  family: Family,
  { interval }: Pick<Timing, "interval">,
  at: Instant,
): boolean {
  return after(set.multicastAt(family), interval) <= at;
}
