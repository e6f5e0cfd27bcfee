/**
 * The exchanges that are open, and what goes out for them.
 *
 * An exchange whose question was answered by another server stays open without an owner until its
 * time is over: a late reply shows that its server works and how slow it is, and nothing else of it
 * is used.
 */

import { BoundedQueue } from "../core/bounded.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type {
  ExchangeId,
  ExchangeIds,
  ExchangeServer,
  ServerCommand,
  ServerEvent,
} from "../core/exchange.ts";
import { after, between, type Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import { EXCHANGE_LIFE, EXCHANGES_MAX, MISMATCHES_MAX, OUTPUTS_MAX } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { SentQuery } from "./query-message.ts";
import { judgeReply, type QueryInFlight, type Verdict } from "./response-check.ts";
import type { ServerState } from "./server-state.ts";

/** What an owner is told; `forged`: too many replies that do not belong to it. */
export type Outcome =
  | Exclude<Verdict, { kind: "mismatch" }>
  | { readonly kind: "forged" }
  | { readonly kind: "unreachable"; readonly code: string }
  | { readonly kind: "expired" };

export interface ExchangeOwner {
  /** The exchange is over. */
  handleOutcome(exchange: Exchange, outcome: Outcome, now: Instant): void;
}

export interface Exchange extends QueryInFlight {
  readonly id: ExchangeId;
  readonly sentAt: Instant;
}

interface OpenExchange extends Exchange {
  owner: ExchangeOwner | undefined;
  mismatches: number;
  deadline: Deadline<Task> | undefined;
}

export interface Sending {
  readonly state: ServerState;
  readonly sent: SentQuery;
  readonly isStream: boolean;
  readonly onFreshConnection: boolean;
}

export class ExchangeTable {
  readonly #context: DnsContext;
  readonly #open = new Map<ExchangeId, OpenExchange>();
  readonly #commands = new BoundedQueue<ServerCommand>(OUTPUTS_MAX);
  readonly #ids: ExchangeIds;

  constructor(context: DnsContext, ids: ExchangeIds) {
    this.#context = context;
    this.#ids = ids;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Sends a query; undefined when too much is open. */
  open(sending: Sending, owner: ExchangeOwner | undefined, now: Instant): Exchange | undefined {
    if (this.#open.size >= EXCHANGES_MAX) {
      this.#context.counters.add("limits");
      return undefined;
    }
    const { state, sent, isStream, onFreshConnection } = sending;
    const id = this.#ids.next();
    const exchange: OpenExchange = {
      id,
      state,
      sent,
      isStream,
      sentAt: now,
      owner,
      mismatches: 0,
      deadline: undefined,
    };
    exchange.deadline = this.#context.schedule(after(now, EXCHANGE_LIFE), {
      run: (at) => this.#end(exchange, { kind: "expired" }, at),
    });
    this.#open.set(id, exchange);
    this.#context.counters.add("requests-sent");
    state.sent++;
    this.#commands.push({
      kind: "ask",
      exchange: id,
      server: transportOf(state.server, isStream),
      octets: sent.octets,
      onFreshConnection,
    });
    return exchange;
  }

  /** Its owner no longer waits for it; the server is still listened to. */
  disown({ id }: Exchange): void {
    const exchange = this.#open.get(id);
    if (exchange !== undefined) exchange.owner = undefined;
  }

  handleEvent(event: ServerEvent, now: Instant): void {
    const exchange = this.#open.get(event.exchange);
    if (exchange === undefined) return;
    if (event.kind === "ended") {
      this.#end(exchange, { kind: "unreachable", code: event.code }, now);
      return;
    }
    const verdict = judgeReply(exchange, event.octets, event.source);
    if (verdict.kind === "mismatch") {
      this.#context.counters.add(`mismatched-${verdict.reason}`);
      exchange.mismatches++;
      if (exchange.mismatches >= MISMATCHES_MAX) this.#end(exchange, { kind: "forged" }, now);
      return;
    }
    const isComparable = exchange.isStream === exchange.state.isStream;
    exchange.state.handleReply(isComparable ? between(exchange.sentAt, now) : undefined, now);
    if (exchange.owner === undefined) this.#context.counters.add("late-replies");
    const isAged = verdict.kind === "answer" && event.age > 0;
    const message = isAged ? aged(verdict.message, event.age) : undefined;
    this.#end(exchange, message === undefined ? verdict : { kind: "answer", message }, now);
  }

  pollCommand(): ServerCommand | undefined {
    return this.#commands.shift();
  }

  /** Closes what is open and tells nobody. */
  clear(): void {
    for (const exchange of this.#open.values()) {
      this.#context.cancel(exchange.deadline);
      this.#commands.push({ kind: "close", exchange: exchange.id });
    }
    this.#open.clear();
  }

  #end(exchange: OpenExchange, outcome: Outcome, now: Instant): void {
    this.#open.delete(exchange.id);
    this.#context.cancel(exchange.deadline);
    if (isFaultOfServer(outcome)) {
      exchange.state.handleFailure(exchange.sentAt, now);
    }
    if (outcome.kind !== "unreachable") {
      this.#commands.push({ kind: "close", exchange: exchange.id });
    }
    exchange.owner?.handleOutcome(exchange, outcome, now);
  }
}

/** `LIMIT` is ours: we have too much open. */
function isFaultOfServer(outcome: Outcome): boolean {
  if (outcome.kind === "unreachable") return outcome.code !== "LIMIT";
  return outcome.kind === "expired";
}

/** A server for UDP is asked by TCP at the same place. */
function transportOf(server: ExchangeServer, isStream: boolean): ExchangeServer {
  return isStream && server.transport === "udp" ? { ...server, transport: "tcp" } : server;
}

/** RFC 8484 §5.1: the time in an HTTP cache counts. */
function aged(message: Message, age: number): Message {
  const older = (records: Message["answers"]) =>
    records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - age) }));
  return {
    ...message,
    answers: older(message.answers),
    authorities: older(message.authorities),
    additionals: older(message.additionals),
  };
}
