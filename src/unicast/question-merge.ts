/**
 * One question under way, however many clients wait for it: it goes out once, follows its aliases
 * from server to server, and its answer goes to all (RFC 5452 §5: equal questions in parallel would
 * each be a chance to forge an answer).
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import { Flag, ResponseCode } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { CHAIN_MAX } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { ExchangeTable } from "./exchange-table.ts";
import { followChain } from "./name-chain.ts";
import { isAliasType } from "./negative-cache.ts";
import type { ServerState } from "./server-state.ts";
import { Transaction, type TransactionListener } from "./transaction.ts";
import type { Failure, ResolveSpec, TransactionId } from "./types.ts";

/** The parts of the engine that a question works with. */
export interface InquiryHost {
  readonly context: DnsContext;
  readonly exchanges: ExchangeTable;
  /** In the order in which they are asked. */
  serversFor(spec: ResolveSpec, now: Instant): readonly ServerState[];
  /** True when the route's servers are only known by name yet: `start` is called again. */
  awaitsServers(inquiry: Inquiry, spec: ResolveSpec): boolean;
  /** The question is given up. */
  forget(inquiry: Inquiry): void;
  /** What the cache says of the name that an alias leads to. */
  cached(spec: ResolveSpec, now: Instant): Message | undefined;
  handleAnswer(inquiry: Inquiry, message: Message, from: ServerState, now: Instant): void;
  /** The whole answer of a name on the way, which is good for that name too. */
  handleStep(spec: ResolveSpec, message: Message, from: ServerState, now: Instant): void;
  handleFailure(inquiry: Inquiry, failure: Failure, now: Instant): void;
}

export interface Waiter {
  /** When it gets what is stale (RFC 8767 §5). */
  readonly staleDeadline: Deadline<Task> | undefined;
}

export class Inquiry implements TransactionListener {
  readonly key: string;
  readonly spec: ResolveSpec;
  readonly waiters = new Map<TransactionId, Waiter>();
  /** Runs to its end though nobody waits. */
  isKept = false;
  readonly #host: InquiryHost;
  readonly #answers: ResourceRecord[] = [];
  readonly #aliases = new Set<string>();
  #name: Name;
  #isAuthentic = true;
  #transaction: Transaction | undefined;

  constructor(host: InquiryHost, key: string, spec: ResolveSpec) {
    this.#host = host;
    this.key = key;
    this.spec = spec;
    this.#name = spec.name;
  }

  /** The name asked for, or the one its aliases lead to so far. */
  get end(): Name {
    return this.#name;
  }

  start(now: Instant): void {
    const spec = this.#stepSpec();
    if (this.#host.awaitsServers(this, spec)) return;
    const { type, class: recordClass, dnssecOk = false, checkingDisabled = false } = spec;
    const question = { name: this.#name, type, class: recordClass, unicastResponse: false };
    const authenticData = this.#host.context.settings.trustAd;
    this.#transaction = new Transaction(
      this.#host.context,
      this.#host.exchanges,
      { question, flags: { dnssecOk, checkingDisabled, authenticData } },
      this.#host.serversFor(spec, now),
      this,
    );
    this.#transaction.start(now);
  }

  abort(): void {
    this.#host.forget(this);
    this.#transaction?.abort();
  }

  handleAnswer(message: Message, from: ServerState, now: Instant): void {
    const step = this.#takeIn(message, from, now);
    if (step === "endless") this.#fail("alias-loop", now);
    else if (step === "open") this.#followAlias(from, now);
    else this.#finish(step, from, now);
  }

  handleFailure(failure: Failure, now: Instant): void {
    this.#host.handleFailure(this, failure, now);
  }

  /** Adds what a message says to the answer; the message that ends it, or how it goes on. */
  #takeIn(message: Message, from: ServerState, now: Instant): Message | "open" | "endless" {
    const spec = this.#stepSpec();
    const { name, type, class: recordClass } = spec;
    const question = { name, type, class: recordClass, unicastResponse: false };
    const { answers, aliases, end, result } = followChain(question, message);
    this.#isAuthentic &&= (message.flags & Flag.AD) !== 0;
    const whole = { ...message, answers };
    if (isAliasType(spec.type)) return { ...whole, answers: [...this.#answers, ...answers] };
    if (result === "endless") return "endless";
    if (result !== "open" && this.#aliases.size > 0) this.#host.handleStep(spec, whole, from, now);
    this.#answers.push(...answers);
    for (const { key } of aliases) this.#aliases.add(key);
    this.#name = end;
    // RFC 6762 §22.1: names in `local` are not asked of name servers because an alias leads there.
    if (result !== "open" || end.isWithin(Name.LOCAL)) return { ...whole, answers: this.#answers };
    return this.#aliases.has(end.key) || this.#aliases.size >= CHAIN_MAX ? "endless" : "open";
  }

  #followAlias(from: ServerState, now: Instant): void {
    const cached = this.#host.cached(this.#stepSpec(), now);
    if (cached === undefined) this.start(now);
    else this.handleAnswer(cached, from, now);
  }

  #stepSpec(): ResolveSpec {
    return this.#name === this.spec.name ? this.spec : { ...this.spec, name: this.#name };
  }

  #finish(last: Message, from: ServerState, now: Instant): void {
    const { trustAd } = this.#host.context.settings;
    const authentic = trustAd && this.#isAuthentic ? Flag.AD : 0;
    const { name, type, class: recordClass } = this.spec;
    const message = {
      ...last,
      id: 0,
      flags: Flag.QR | Flag.RD | Flag.RA | authentic | (last.flags & Flag.RCODE),
      questions: [{ name, type, class: recordClass, unicastResponse: false }],
    };
    this.#host.handleAnswer(this, message, from, now);
  }

  #fail(reason: Failure["reason"], now: Instant): void {
    const failure = { reason, responseCode: ResponseCode.SERVFAIL, extendedErrors: [] };
    this.#host.handleFailure(this, failure, now);
  }
}
