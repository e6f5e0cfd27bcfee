/**
 * The resolver's clients: who waits for which question, and what each is told. That is what is kept,
 * at once; what servers say, when they do; or what is stale, where they say nothing or take too long
 * (RFC 8767 §5).
 */

import { BoundedQueue } from "../core/bounded.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant } from "../core/time.ts";
import { ResponseCode } from "../wire/constants.ts";
import type { AnswerStore } from "./answer-store.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { OUTPUTS_MAX, STALE_ANSWER_DELAY } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { Prefetcher } from "./prefetch.ts";
import type { Inquiry } from "./question-merge.ts";
import { messageOf } from "./snapshot.ts";
import { hasFailedLately } from "./stale.ts";
import type {
  Answer,
  DnsEvent,
  DnsSettings,
  Failure,
  ResolveSpec,
  TransactionId,
} from "./types.ts";

/** One that asks. */
export interface Client {
  readonly id: TransactionId;
  /** Of the question. */
  readonly key: string;
  readonly spec: ResolveSpec;
  /** What the cache has of it, fresh or stale. */
  readonly kept: CacheEntry | undefined;
}

/** The parts of the engine that its clients are served from. */
export interface ClientsHost {
  readonly context: DnsContext;
  readonly prefetcher: Prefetcher;
  /** Another one once the cache has another size. */
  readonly store: AnswerStore;
  /** The key of the domain whose servers are asked. */
  routeKey(spec: ResolveSpec): string;
}

export class Clients {
  readonly #host: ClientsHost;
  readonly #events = new BoundedQueue<DnsEvent>(OUTPUTS_MAX);
  /** The question that each waiting client waits for. */
  readonly #waiting = new Map<TransactionId, Inquiry>();

  constructor(host: ClientsHost) {
    this.#host = host;
  }

  /** Those that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  pollEvent(): DnsEvent | undefined {
    return this.#events.shift();
  }

  /** Answers from what is kept; false when servers have to be asked. */
  answerAtOnce({ id, key, spec, kept }: Client, now: Instant): boolean {
    const { context, prefetcher, store } = this.#host;
    if (kept?.isFresh(now)) {
      context.counters.add("cache-hits");
      prefetcher.handleUse(kept, now);
      this.#answer(id, this.#answerOf(kept, "cache", now));
      return true;
    }
    const denied = store.denied(spec, this.#host.routeKey(spec), now);
    if (denied !== undefined) {
      context.counters.add("cache-hits");
      this.#answer(id, { ...denied, origin: "cache" });
      return true;
    }
    if (kept !== undefined && hasFailedLately(kept, now)) {
      this.#answerStale(id, kept, now);
      return true;
    }
    const failure = store.failures.find(key, now);
    if (failure === undefined || kept !== undefined) return false;
    context.counters.add("cache-hits");
    this.#fail(id, failure);
    return true;
  }

  /** Has the client wait until the question is settled. */
  wait({ id, kept }: Client, inquiry: Inquiry, now: Instant): void {
    inquiry.waiters.set(id, { staleDeadline: kept && this.#planStale(id, kept, now) });
    this.#waiting.set(id, inquiry);
  }

  /** There are too many already. */
  refuse(id: TransactionId): void {
    this.#host.context.counters.add("limits");
    this.#fail(id, LIMIT_REACHED);
  }

  /** Has the client wait no longer; returns what it waited for. */
  release(id: TransactionId): Inquiry | undefined {
    const inquiry = this.#waiting.get(id);
    this.#host.context.cancel(inquiry?.waiters.get(id)?.staleDeadline);
    inquiry?.waiters.delete(id);
    this.#waiting.delete(id);
    return inquiry;
  }

  /** Servers have answered. */
  settle({ waiters }: Inquiry, answer: Answer): void {
    for (const id of [...waiters.keys()]) {
      this.release(id);
      this.#answer(id, answer);
    }
  }

  /** Servers have not: what is stale is told, if there is any (RFC 8767 §5), or the failure. */
  settleFailed(
    { waiters }: Inquiry,
    failure: Failure,
    kept: CacheEntry | undefined,
    now: Instant,
  ): void {
    for (const id of [...waiters.keys()]) {
      this.release(id);
      if (kept === undefined) this.#fail(id, failure);
      else this.#answerStale(id, kept, now);
    }
  }

  /** Forgets those that wait; they are told nothing. */
  clear(): void {
    this.#waiting.clear();
  }

  /** RFC 8767 §5: a client does not wait long for what is there, if only stale. */
  #planStale(id: TransactionId, entry: CacheEntry, now: Instant): Deadline<Task> {
    const run = (at: Instant) => {
      const inquiry = this.release(id);
      if (inquiry === undefined) return;
      inquiry.isKept = true;
      this.#answerStale(id, entry, at);
    };
    return this.#host.context.schedule(after(now, STALE_ANSWER_DELAY), { run });
  }

  #answerStale(id: TransactionId, entry: CacheEntry, now: Instant): void {
    this.#host.context.counters.add("stale-answers");
    this.#answer(id, this.#answerOf(entry, "stale", now));
  }

  #answer(id: TransactionId, answer: Answer): void {
    this.#events.push({ kind: "answered", id, answer });
  }

  #fail(id: TransactionId, failure: Failure): void {
    this.#events.push({ kind: "failed", id, failure });
  }

  #answerOf(entry: CacheEntry, origin: Answer["origin"], now: Instant): Answer {
    const turn = turnOf(entry, this.#host.context.settings);
    return { message: messageOf(entry.response(now, turn)), origin, server: entry.server };
  }
}

/** How far the addresses of an answer given out now are rotated. */
export function turnOf({ uses }: CacheEntry, { rotateAnswers }: DnsSettings): number {
  return rotateAnswers ? uses : 0;
}

const LIMIT_REACHED: Failure = {
  reason: "limit",
  responseCode: ResponseCode.SERVFAIL,
  extendedErrors: [],
};
