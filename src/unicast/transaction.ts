/**
 * One question asked at the servers of one route until one has answered.
 *
 * Theory of operation: servers are asked one after the other, each after the patience with the one
 * before is over, or at once when that one has failed; the earlier ones may still answer. When all
 * were asked, the next round begins with more patience (RFC 1536 §1). A server whose reply was no
 * answer (SERVFAIL, REFUSED, lame) is not asked again; one that cannot be reached is, in a later
 * round. A server may ask for the question in another form: by TCP (RFC 2181 §9), with another cookie
 * (RFC 7873 §5.3), without EDNS (RFC 6891 §7); it gets that at once.
 *
 * UDP questions that are repeated leave from another port and ask with another id, so that behind an
 * anycast address they may come to another instance.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Duration, type Instant } from "../core/time.ts";
import { ResponseCode } from "../wire/constants.ts";
import type { ExtendedError } from "../wire/edns.ts";
import type { Message } from "../wire/message.ts";
import type { Question } from "../wire/record.ts";
import { SENDS_MAX } from "./constants.ts";
import type { DnsContext, Task } from "./context.ts";
import type { Exchange, ExchangeOwner, ExchangeTable, Outcome } from "./exchange-table.ts";
import { composeQuery, type QueryFlags } from "./query-message.ts";
import type { ServerState } from "./server-state.ts";
import type { Failure, FailureReason } from "./types.ts";

export interface TransactionListener {
  handleAnswer(message: Message, from: ServerState, now: Instant): void;
  handleFailure(failure: Failure, now: Instant): void;
}

/** What one server has been asked, and where that stands. */
interface Contact {
  readonly state: ServerState;
  progress: "untried" | "waiting" | "unreachable" | "useless";
  isStream: boolean;
  withEdns: boolean;
  refusedCookies: number;
  hasReconnected: boolean;
  latest: Exchange | undefined;
}

interface Useless {
  readonly responseCode: number;
  readonly extendedErrors: readonly ExtendedError[];
}

export class Transaction implements ExchangeOwner {
  readonly #context: DnsContext;
  readonly #exchanges: ExchangeTable;
  readonly #question: Question;
  readonly #flags: QueryFlags;
  readonly #listener: TransactionListener;
  readonly #contacts: readonly Contact[];
  readonly #open = new Map<Exchange, Contact>();
  #round = 0;
  #next = 0;
  #current: Contact | undefined;
  #sends = 0;
  #patience: Deadline<Task> | undefined;
  #end: Deadline<Task> | undefined;
  #useless: Useless | undefined;
  #hasWrongCertificate = false;
  #hasReachedLimit = false;
  #isOver = false;

  /** `servers` in the order in which they are asked. */
  constructor(
    context: DnsContext,
    exchanges: ExchangeTable,
    query: { readonly question: Question; readonly flags: QueryFlags },
    servers: readonly ServerState[],
    listener: TransactionListener,
  ) {
    this.#context = context;
    this.#exchanges = exchanges;
    this.#question = query.question;
    this.#flags = query.flags;
    this.#listener = listener;
    this.#contacts = servers.map(newContact);
  }

  start(now: Instant): void {
    const { timeout, attempts } = this.#context.settings;
    const whole = (timeout * attempts) as Duration;
    this.#end = this.#context.schedule(after(now, whole), { run: (at) => this.#giveUp(at) });
    for (const { state } of this.#contacts.slice(1)) state.roundTrip.decay();
    this.#askNext(now);
  }

  /** Nobody wants the answer any more. */
  abort(): void {
    this.#isOver = true;
    this.#context.cancel(this.#end);
    this.#context.cancel(this.#patience);
    for (const exchange of this.#open.keys()) this.#exchanges.disown(exchange);
    this.#open.clear();
  }

  handleOutcome(exchange: Exchange, outcome: Outcome, now: Instant): void {
    const contact = this.#open.get(exchange);
    if (contact === undefined || this.#isOver) return;
    this.#open.delete(exchange);
    if (outcome.kind === "answer") {
      contact.state.handleAnswer();
      this.abort();
      this.#listener.handleAnswer(outcome.message, contact.state, now);
      return;
    }
    if (outcome.kind === "useless") this.#handleUseless(contact, outcome, now);
    else if (exchange === contact.latest) this.#handleSetback(contact, exchange, outcome, now);
  }

  #handleUseless(contact: Contact, useless: Useless, now: Instant): void {
    contact.state.handleRefusal();
    contact.progress = "useless";
    this.#useless = useless;
    this.#moveOn(contact, now);
  }

  /** The latest exchange with a server has ended without an answer. */
  #handleSetback(
    contact: Contact,
    exchange: Exchange,
    outcome: Exclude<Outcome, { kind: "answer" | "useless" }>,
    now: Instant,
  ): void {
    switch (outcome.kind) {
      case "truncated":
        this.#context.counters.add("truncated-replies");
        this.#askByTcp(contact, now);
        return;
      case "cookie-missing":
      case "forged":
        this.#askByTcp(contact, now);
        return;
      case "cookie-refused":
        this.#handleCookieRefused(contact, now);
        return;
      case "edns-refused":
        contact.state.handleEdnsRefused(now);
        contact.withEdns = false;
        this.#askAgain(contact, now);
        return;
      case "unreachable":
        this.#handleUnreachable(contact, exchange, outcome.code, now);
        return;
      case "expired":
        this.#settleIfHopeless(now);
    }
  }

  /** RFC 7873 §5.3: once with the new cookie, then by TCP; by TCP it means nothing. */
  #handleCookieRefused(contact: Contact, now: Instant): void {
    this.#context.counters.add("cookies-renewed");
    contact.refusedCookies++;
    if (contact.isStream) {
      const useless = { responseCode: ResponseCode.BADCOOKIE, extendedErrors: [] };
      this.#handleUseless(contact, useless, now);
    } else if (contact.refusedCookies > 1) {
      this.#askByTcp(contact, now);
    } else {
      this.#askAgain(contact, now);
    }
  }

  #askByTcp(contact: Contact, now: Instant): void {
    if (contact.isStream) {
      this.#handleUseless(contact, NO_ANSWER, now);
      return;
    }
    contact.isStream = true;
    this.#context.counters.add("tcp-retries");
    this.#askAgain(contact, now);
  }

  /** RFC 7766 §6.2.4: a kept connection may be closed just then, and is made anew once. */
  #handleUnreachable(contact: Contact, exchange: Exchange, code: string, now: Instant): void {
    if (code === "CERTIFICATE") {
      // Whoever it is will not become the server by being asked again.
      this.#hasWrongCertificate = true;
      contact.progress = "useless";
      this.#moveOn(contact, now);
      return;
    }
    if (exchange.isStream && CLOSED.has(code) && !contact.hasReconnected) {
      contact.hasReconnected = true;
      this.#askAgain(contact, now);
      return;
    }
    contact.progress = "unreachable";
    this.#moveOn(contact, now);
  }

  /** A server has failed: the next is asked at once where it was the last one asked. */
  #moveOn(contact: Contact, now: Instant): void {
    const hasMore = this.#contacts.slice(this.#next).some(isOpenToQuestions);
    if (contact === this.#current && hasMore) this.#askNext(now);
    else this.#settleIfHopeless(now);
  }

  #settleIfHopeless(now: Instant): void {
    if (this.#isOver) return;
    if (!this.#contacts.some(isOpenToQuestions)) {
      this.#giveUp(now);
      return;
    }
    const isLastRound = this.#round + 1 >= this.#context.settings.attempts;
    const isIdle =
      this.#open.size === 0 && !this.#contacts.slice(this.#next).some(isOpenToQuestions);
    if (isIdle && (isLastRound || this.#sends >= SENDS_MAX)) this.#giveUp(now);
  }

  #handleLapse(now: Instant): void {
    const { latest, progress } = this.#current ?? {};
    if (progress === "waiting" && latest !== undefined) {
      latest.state.handleFailure(latest.sentAt, now);
    }
    this.#askNext(now);
  }

  /** Asks the next server of this round, or the first of the next round. */
  #askNext(now: Instant): void {
    let contact = this.#nextContact();
    if (contact === undefined) {
      this.#round++;
      this.#next = 0;
      contact = this.#nextContact();
    }
    if (contact === undefined) this.#giveUp(now);
    else if (contact.progress === "untried") this.#ask(contact, now);
    else this.#askAgain(contact, now);
  }

  #nextContact(): Contact | undefined {
    while (this.#next < this.#contacts.length) {
      const contact = this.#contacts[this.#next++]!;
      if (isOpenToQuestions(contact)) return contact;
    }
    return undefined;
  }

  #askAgain(contact: Contact, now: Instant): void {
    this.#context.counters.add("retransmissions");
    this.#ask(contact, now);
  }

  #ask(contact: Contact, now: Instant): void {
    this.#current = contact;
    this.#context.cancel(this.#patience);
    if (this.#sends >= SENDS_MAX) return;
    const { state, isStream } = contact;
    const withEdns = contact.withEdns && !state.isWithoutEdns(now);
    const query = { state, isStream, withEdns };
    const sent = composeQuery(this.#question, this.#flags, query, this.#context.random, now);
    const onFreshConnection = contact.progress !== "untried" && contact.latest?.isStream === true;
    const sending = { state, isStream, sent, onFreshConnection };
    const exchange = this.#exchanges.open(sending, this, now);
    if (exchange === undefined) {
      this.#hasReachedLimit = true;
      if (this.#open.size === 0) this.#giveUp(now);
      return;
    }
    this.#sends++;
    contact.latest = exchange;
    contact.progress = "waiting";
    this.#open.set(exchange, contact);
    const isHandshake = isStream && !state.isStream;
    const patience = state.roundTrip.patience(this.#round, isStream, isHandshake);
    this.#patience = this.#context.schedule(after(now, patience), {
      run: (at) => this.#handleLapse(at),
    });
  }

  #giveUp(now: Instant): void {
    const { responseCode, extendedErrors } = this.#useless ?? NO_ANSWER;
    const failure = { reason: this.#reason(), responseCode, extendedErrors };
    this.abort();
    this.#listener.handleFailure(failure, now);
  }

  #reason(): FailureReason {
    if (this.#contacts.length === 0) return "no-servers";
    if (this.#useless !== undefined) return "refused";
    if (this.#hasWrongCertificate) return "certificate";
    if (this.#hasReachedLimit) return "limit";
    const areUnreachable = this.#contacts.every(({ progress }) => progress === "unreachable");
    return areUnreachable ? "unreachable" : "timeout";
  }
}

/** Codes of a connection that stood and went. */
const CLOSED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "CLOSED", "ETIMEDOUT"]);

const NO_ANSWER: Useless = { responseCode: ResponseCode.SERVFAIL, extendedErrors: [] };

function newContact(state: ServerState): Contact {
  return {
    state,
    progress: "untried",
    isStream: state.isStream,
    withEdns: true,
    refusedCookies: 0,
    hasReconnected: false,
    latest: undefined,
  };
}

function isOpenToQuestions({ progress }: Contact): boolean {
  return progress !== "useless";
}
