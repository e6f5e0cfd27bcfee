/**
 * The unicast resolver: questions of clients answered from the cache or by name servers. A sans-I/O
 * engine as `core/engine.ts` has it, whose packets are exchanges (`core/exchange.ts`).
 *
 * This file takes questions and gives answers; what it does between is elsewhere: `question-merge.ts`
 * has one question however many ask it, `transaction.ts` asks the servers, `response-check.ts` judges
 * what they reply, `answer-store.ts` keeps it, `server-routes.ts` knows whom to ask.
 *
 * It decides nothing about which names are for name servers at all: that is its caller's policy.
 */

import { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import { ExchangeIds, type ServerCommand, type ServerEvent } from "../core/exchange.ts";
import type { Random } from "../core/random.ts";
import { after, type Instant } from "../core/time.ts";
import { ResponseCode } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { AnswerStore, type Provenance } from "./answer-store.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { INQUIRIES_MAX, LOOKUPS_MAX, OUTPUTS_MAX, STALE_ANSWER_DELAY } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import { ExchangeTable } from "./exchange-table.ts";
import { NamedServers } from "./named-servers.ts";
import { Prefetcher } from "./prefetch.ts";
import { questionKey } from "./question-key.ts";
import { Inquiry, type InquiryHost } from "./question-merge.ts";
import { ServerProbes } from "./server-probes.ts";
import { ServerRoutes } from "./server-routes.ts";
import { orderServers } from "./server-selection.ts";
import type { ServerState } from "./server-state.ts";
import { DEFAULT_DNS_SETTINGS } from "./settings.ts";
import {
  type CachedQuestion,
  cachedQuestions,
  cacheSnapshot,
  type DnsSnapshot,
  messageOf,
  routeSnapshots,
} from "./snapshot.ts";
import { hasFailedLately } from "./stale.ts";
import type {
  Answer,
  DnsCounter,
  DnsEvent,
  DnsSettings,
  Failure,
  ResolveSpec,
  ServerPlan,
  TransactionId,
} from "./types.ts";

export interface DnsEngineOptions {
  readonly random: Random;
  readonly settings?: Partial<DnsSettings>;
  /** Where several engines share the sockets. */
  readonly exchangeIds?: ExchangeIds;
}

export class DnsEngine {
  readonly #context: MutableContext;
  readonly #deadlines = new DeadlineQueue<Task>();
  readonly #counters = new Counters<DnsCounter>();
  readonly #exchanges: ExchangeTable;
  readonly #routes: ServerRoutes;
  readonly #named: NamedServers;
  readonly #probes: ServerProbes;
  readonly #prefetcher: Prefetcher;
  readonly #events = new BoundedQueue<DnsEvent>(OUTPUTS_MAX);
  readonly #inquiries = new Map<string, Inquiry>();
  /** The question that each waiting client waits for. */
  readonly #waiting = new Map<TransactionId, Inquiry>();
  readonly #host: InquiryHost;
  #store: AnswerStore;
  #lastId = 0;

  constructor({ random, settings, exchangeIds }: DnsEngineOptions) {
    this.#context = {
      settings: { ...DEFAULT_DNS_SETTINGS, ...settings },
      random,
      counters: this.#counters,
      schedule: (at, task) => this.#deadlines.schedule(at, task),
      cancel: (deadline: Deadline<Task> | undefined) => this.#deadlines.cancel(deadline),
    };
    this.#exchanges = new ExchangeTable(this.#context, exchangeIds ?? new ExchangeIds());
    this.#routes = new ServerRoutes(random);
    this.#named = new NamedServers(this.#context, this.#exchanges, this.#routes);
    this.#probes = new ServerProbes(this.#context, this.#exchanges);
    this.#prefetcher = new Prefetcher(this.#context, (entry, now) => this.#refresh(entry, now));
    this.#store = this.#newStore();
    this.#host = this.#inquiryHost();
  }

  // Commands.

  /** Asks; an event with the id follows, perhaps at once. */
  resolve(spec: ResolveSpec, now: Instant): TransactionId {
    const id = ++this.#lastId as TransactionId;
    this.#counters.add("questions");
    const key = questionKey(spec);
    const entry = this.#store.cache.find(key, now);
    if (!this.#answerAtOnce(id, key, spec, entry, now)) this.#wait(id, key, spec, entry, now);
    return id;
  }

  /** The client no longer wants an answer, and gets none. */
  cancel(id: TransactionId): void {
    const inquiry = this.#waiting.get(id);
    if (inquiry === undefined) return;
    this.#release(id, inquiry);
    if (inquiry.waiters.size > 0 || inquiry.isKept) return;
    inquiry.abort();
    this.#inquiries.delete(inquiry.key);
  }

  /**
   * A fresh answer for a question's key (`keyOfQuery`), whose `replyTo` makes a reply of octets
   * alone; the fast way for a stub. Undefined means: `resolve`.
   */
  findCached(key: string, now: Instant): CacheEntry | undefined {
    const entry = this.#store.cache.find(key, now);
    if (entry === undefined || !entry.isFresh(now)) return undefined;
    this.countCacheHits(1);
    this.#prefetcher.handleUse(entry, now);
    return entry;
  }

  /** So many replies were made of what `findCached` gave. */
  countCacheHits(count: number): void {
    this.#counters.add("questions", count);
    this.#counters.add("cache-hits", count);
  }

  /** How far the addresses of an answer given out now are rotated (`CacheEntry.replyTo`). */
  turnOf(entry: CacheEntry): number {
    return this.#context.settings.rotateAnswers ? entry.uses : 0;
  }

  /** The whole new plan of whom to ask. Other servers than before may know other answers. */
  setServers(plan: ServerPlan, now: Instant): void {
    if (this.#routes.set(plan.routes)) this.#store.clear();
    this.#store.failures.clear();
    this.#named.set(plan.bootstrap, now);
    this.#probes.retain(this.#routes.states);
  }

  applySettings(settings: DnsSettings): void {
    const hasOtherSize = settings.cacheSizeMax !== this.#context.settings.cacheSizeMax;
    this.#context.settings = settings;
    if (!hasOtherSize) return;
    this.#store.clear();
    this.#store = this.#newStore();
  }

  flushCache(): void {
    this.#store.clear();
  }

  /** Gives up everything under way; no event follows. */
  shutdown(): void {
    for (const inquiry of this.#inquiries.values()) inquiry.abort();
    this.#inquiries.clear();
    this.#waiting.clear();
    this.#named.stop();
    this.#exchanges.clear();
    this.#deadlines.clear();
  }

  *cached(now: Instant): IterableIterator<CachedQuestion> {
    yield* cachedQuestions(this.#store.cache, now);
  }

  snapshot(): DnsSnapshot {
    return {
      routes: routeSnapshots(this.#routes),
      cache: cacheSnapshot(this.#store, this.#context.settings.cacheSizeMax),
      questions: this.#inquiries.size,
      waiting: this.#waiting.size,
      exchanges: this.#exchanges.size,
      counters: this.#counters.snapshot(),
    };
  }

  // Inputs.

  handleExchange(event: ServerEvent, now: Instant): void {
    this.#exchanges.handleEvent(event, now);
  }

  /** Addresses or links have changed, or the host slept: what is known of the way is no longer. */
  handleNetworkChange(now: Instant): void {
    this.#store.failures.clear();
    for (const state of this.#routes.states) state.handleNetworkChange(now);
    this.#named.restart(now);
  }

  handleDeadline(now: Instant): void {
    for (;;) {
      const task = this.#deadlines.pop(now);
      if (task === undefined) return;
      task.run(now);
    }
  }

  // Outputs.

  pollExchange(): ServerCommand | undefined {
    return this.#exchanges.pollCommand();
  }

  pollEvent(): DnsEvent | undefined {
    return this.#events.shift();
  }

  get nextDeadline(): Instant {
    return this.#deadlines.next;
  }

  // Within: clients.

  /** Answers from what is kept; false when servers have to be asked. */
  #answerAtOnce(
    id: TransactionId,
    key: string,
    spec: ResolveSpec,
    entry: CacheEntry | undefined,
    now: Instant,
  ): boolean {
    if (entry?.isFresh(now)) {
      this.#counters.add("cache-hits");
      this.#prefetcher.handleUse(entry, now);
      this.#answer(id, this.#answerOf(entry, "cache", now));
      return true;
    }
    const denied = this.#store.denied(spec, this.#routeKey(spec), now);
    if (denied !== undefined) {
      this.#counters.add("cache-hits");
      this.#answer(id, { ...denied, origin: "cache" });
      return true;
    }
    if (entry !== undefined && hasFailedLately(entry, now)) {
      this.#answerStale(id, entry, now);
      return true;
    }
    const failure = this.#store.failures.find(key, now);
    if (failure === undefined || entry !== undefined) return false;
    this.#counters.add("cache-hits");
    this.#events.push({ kind: "failed", id, failure });
    return true;
  }

  /** Joins the question that is under way, or puts it. */
  #wait(
    id: TransactionId,
    key: string,
    spec: ResolveSpec,
    stale: CacheEntry | undefined,
    now: Instant,
  ): void {
    this.#counters.add("cache-misses");
    const known = this.#inquiries.get(key);
    if (known !== undefined) this.#counters.add("merged-questions");
    const isFull =
      this.#waiting.size >= LOOKUPS_MAX ||
      (known === undefined && this.#inquiries.size >= INQUIRIES_MAX);
    if (isFull) {
      this.#counters.add("limits");
      this.#events.push({ kind: "failed", id, failure: LIMIT_REACHED });
      return;
    }
    const inquiry = known ?? this.#newInquiry(key, spec);
    const staleDeadline = stale && this.#planStale(id, stale, now);
    inquiry.waiters.set(id, { staleDeadline });
    this.#waiting.set(id, inquiry);
    if (known === undefined) inquiry.start(now);
  }

  /** RFC 8767 §5: a client does not wait long for what is there, if only stale. */
  #planStale(id: TransactionId, entry: CacheEntry, now: Instant): Deadline<Task> {
    const run = (at: Instant) => {
      const inquiry = this.#waiting.get(id);
      if (inquiry === undefined) return;
      inquiry.isKept = true;
      this.#release(id, inquiry);
      this.#answerStale(id, entry, at);
    };
    return this.#deadlines.schedule(after(now, STALE_ANSWER_DELAY), { run });
  }

  #answerStale(id: TransactionId, entry: CacheEntry, now: Instant): void {
    this.#counters.add("stale-answers");
    this.#answer(id, this.#answerOf(entry, "stale", now));
  }

  #answer(id: TransactionId, answer: Answer): void {
    this.#events.push({ kind: "answered", id, answer });
  }

  #answerOf(entry: CacheEntry, origin: Answer["origin"], now: Instant): Answer {
    const message = messageOf(entry.response(now, this.turnOf(entry)));
    return { message, origin, server: entry.server };
  }

  #release(id: TransactionId, inquiry: Inquiry): void {
    this.#deadlines.cancel(inquiry.waiters.get(id)?.staleDeadline);
    inquiry.waiters.delete(id);
    this.#waiting.delete(id);
  }

  // Within: questions.

  #newInquiry(key: string, spec: ResolveSpec): Inquiry {
    const inquiry = new Inquiry(this.#host, key, spec);
    this.#inquiries.set(key, inquiry);
    return inquiry;
  }

  #refresh(entry: CacheEntry, now: Instant): void {
    const isUnderWay = this.#inquiries.has(entry.key);
    if (isUnderWay || this.#inquiries.size >= INQUIRIES_MAX) {
      this.#prefetcher.handleDone(entry.key);
      return;
    }
    const inquiry = this.#newInquiry(entry.key, entry.spec);
    inquiry.isKept = true;
    inquiry.start(now);
  }

  #inquiryHost(): InquiryHost {
    return {
      context: this.#context,
      exchanges: this.#exchanges,
      serversFor: (spec, now) => this.#serversFor(spec, now),
      awaitsServers: (inquiry, spec) => this.#named.holdBack(inquiry, spec),
      forget: (inquiry) => this.#named.forget(inquiry),
      cached: (spec, now) => this.#cachedMessage(spec, now),
      handleStep: (spec, message, from, now) => {
        this.#store.keep(spec, message, spec.name, this.#provenance(spec, from), now);
      },
      handleAnswer: (inquiry, message, from, now) => this.#settle(inquiry, message, from, now),
      handleFailure: (inquiry, failure, now) => this.#settleFailed(inquiry, failure, now),
    };
  }

  #serversFor(spec: ResolveSpec, now: Instant): readonly ServerState[] {
    const route = this.#routes.routeOf(spec);
    if (route === undefined) return [];
    this.#probes.handleUse(route.states, now);
    const turn = this.#context.settings.rotateServers ? route.turn++ : undefined;
    return orderServers(route.states, turn);
  }

  #cachedMessage(spec: ResolveSpec, now: Instant): Message | undefined {
    const entry = this.#store.cache.find(questionKey(spec), now);
    if (entry?.isFresh(now)) return messageOf(entry.response(now));
    return this.#store.denied(spec, this.#routeKey(spec), now)?.message;
  }

  #settle(inquiry: Inquiry, whole: Message, from: ServerState, now: Instant): void {
    const { spec, end } = inquiry;
    const provenance = this.#provenance(spec, from);
    const { message } = this.#store.keep(spec, whole, end, provenance, now);
    this.#finish(inquiry);
    for (const id of [...inquiry.waiters.keys()]) {
      this.#release(id, inquiry);
      this.#answer(id, { message, origin: "server", server: provenance.server });
    }
  }

  /** Without an answer clients get what is stale, if there is any (RFC 8767 §5), or the failure. */
  #settleFailed(inquiry: Inquiry, failure: Failure, now: Instant): void {
    this.#counters.add("failures");
    const entry = this.#store.cache.find(inquiry.key, now);
    if (entry !== undefined) entry.refreshFailedAt = now;
    else if (!ABOUT_US.has(failure.reason)) this.#store.failures.add(inquiry.key, failure, now);
    this.#finish(inquiry);
    for (const id of [...inquiry.waiters.keys()]) {
      this.#release(id, inquiry);
      if (entry === undefined) this.#events.push({ kind: "failed", id, failure });
      else this.#answerStale(id, entry, now);
    }
  }

  #finish(inquiry: Inquiry): void {
    this.#inquiries.delete(inquiry.key);
    this.#prefetcher.handleDone(inquiry.key);
  }

  #provenance(spec: ResolveSpec, { server }: ServerState): Provenance {
    const { address, port } = server;
    return { server: { address, port }, route: this.#routeKey(spec) };
  }

  #routeKey(spec: ResolveSpec): string {
    return this.#routes.routeOf(spec)?.domain.key ?? "";
  }

  #newStore(): AnswerStore {
    return new AnswerStore(this.#context, (entry) => this.#prefetcher.handleRemoved(entry));
  }
}

/** Reasons that say nothing of the question. */
const ABOUT_US: ReadonlySet<Failure["reason"]> = new Set(["no-servers", "limit"]);

const LIMIT_REACHED: Failure = {
  reason: "limit",
  responseCode: ResponseCode.SERVFAIL,
  extendedErrors: [],
};

type MutableContext = { -readonly [Key in keyof DnsContext]: DnsContext[Key] };
