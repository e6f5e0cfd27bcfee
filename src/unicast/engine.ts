/**
 * The unicast resolver: questions of clients answered from the cache or by name servers. A sans-I/O
 * engine as `core/engine.ts` has it, whose packets are exchanges (`core/exchange.ts`).
 *
 * This file takes questions and has them asked; the rest is elsewhere: `clients.ts` tells answers,
 * `question-merge.ts` has one question however many ask it, `transaction.ts` asks the servers,
 * `response-check.ts` judges what they reply, `answer-store.ts` keeps it, `server-routes.ts` knows whom
 * to ask.
 *
 * It decides nothing about which names are for name servers at all: that is its caller's policy.
 */

import { Counters } from "../core/counters.ts";
import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import { ExchangeIds, type ServerCommand, type ServerEvent } from "../core/exchange.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import { AnswerStore, type Provenance } from "./answer-store.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { type Client, Clients, type ClientsHost, turnOf } from "./clients.ts";
import { INQUIRIES_MAX, LOOKUPS_MAX } from "./constants.ts";
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
import type {
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
  readonly #clients: Clients;
  readonly #inquiries = new Map<string, Inquiry>();
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
    this.#clients = new Clients(this.#clientsHost());
    this.#host = this.#inquiryHost();
  }

  // Commands.

  /** Asks; an event with the id follows, perhaps at once. */
  resolve(spec: ResolveSpec, now: Instant): TransactionId {
    const id = ++this.#lastId as TransactionId;
    this.#counters.add("questions");
    const key = questionKey(spec);
    const client = { id, key, spec, kept: this.#store.cache.find(key, now) };
    if (!this.#clients.answerAtOnce(client, now)) this.#ask(client, now);
    return id;
  }

  /** The client no longer wants an answer, and gets none. */
  cancel(id: TransactionId): void {
    const inquiry = this.#clients.release(id);
    if (inquiry === undefined) return;
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
    return turnOf(entry, this.#context.settings);
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
    this.#clients.clear();
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
      waiting: this.#clients.size,
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
    return this.#clients.pollEvent();
  }

  get nextDeadline(): Instant {
    return this.#deadlines.next;
  }

  // Within.

  /** Joins the question that is under way, or puts it. */
  #ask(client: Client, now: Instant): void {
    const { id, key, spec } = client;
    this.#counters.add("cache-misses");
    const known = this.#inquiries.get(key);
    if (known !== undefined) this.#counters.add("merged-questions");
    const isFull =
      this.#clients.size >= LOOKUPS_MAX ||
      (known === undefined && this.#inquiries.size >= INQUIRIES_MAX);
    if (isFull) {
      this.#clients.refuse(id);
      return;
    }
    const inquiry = known ?? this.#newInquiry(key, spec);
    this.#clients.wait(client, inquiry, now);
    if (known === undefined) inquiry.start(now);
  }

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

  #clientsHost(): ClientsHost {
    const engine = this;
    return {
      context: this.#context,
      prefetcher: this.#prefetcher,
      get store() {
        return engine.#store;
      },
      routeKey: (spec) => this.#routeKey(spec),
    };
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
    this.#clients.settle(inquiry, { message, origin: "server", server: provenance.server });
  }

  #settleFailed(inquiry: Inquiry, failure: Failure, now: Instant): void {
    this.#counters.add("failures");
    const entry = this.#store.cache.find(inquiry.key, now);
    if (entry !== undefined) entry.refreshFailedAt = now;
    else if (!ABOUT_US.has(failure.reason)) this.#store.failures.add(inquiry.key, failure, now);
    this.#finish(inquiry);
    this.#clients.settleFailed(inquiry, failure, entry, now);
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

type MutableContext = { -readonly [Key in keyof DnsContext]: DnsContext[Key] };
