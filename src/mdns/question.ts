/**
 * One question of the link (RFC 6762 §5.2), shared by all the queries that ask it: when it is next
 * to be transmitted, and why.
 *
 * Theory of operation: two things make a question go out. Its series looks for answers not yet
 * known: a random 20 to 120 ms after it begins, then after one second, and at intervals that double
 * up to an hour. The series is settled by a unique or negative answer, since no other answers are to
 * be expected then, and begins anew when that answer is lost. Beside it, records that are to be kept
 * ask for their refresh. Both give a window of time; `QueryScheduler` sends the question within it,
 * together with others. A transmission serves both, and so does another host's (§7.3).
 */

import type { Random } from "../core/random.ts";
import {
  after,
  between,
  type Duration,
  earliest,
  type Instant,
  latest,
  milliseconds,
} from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { CacheEntry } from "./cache-entry.ts";
import {
  FIRST_QUERY_DELAY_MAX,
  FIRST_QUERY_DELAY_MIN,
  JOINED_QUESTION_AGE_MAX,
  LOST_ANSWER_INTERVAL,
  ONE_SHOT_QUERIES_MAX,
  QUERY_INTERVAL_FIRST,
  QUERY_INTERVAL_MAX,
  UNICAST_RESPONSE_WAIT,
} from "./constants.ts";
import { deniesType } from "./negative-answers.ts";
import type { Subscription } from "./subscription.ts";
import type { QueryId, QuerySpec } from "./types.ts";

/** A question may be sent from `earliest` on and must be sent at `latest`. */
export interface Window {
  readonly earliest: Instant;
  readonly latest: Instant;
}

type Series =
  /** To be sent within the window, and `interval` after that again. */
  | { readonly state: "asking"; readonly window: Window; readonly interval: Duration; sent: number }
  /** A unique or negative answer is known. */
  | { readonly state: "settled" }
  /** Nobody wants more answers: only one-shot queries are left and it has been sent for them. */
  | { readonly state: "ended" };

export type SeriesState = Series["state"];

interface Refresh extends Window {
  /** The records that are to be received again. */
  readonly entries: Set<CacheEntry>;
}

export class Question {
  readonly name: Name;
  readonly type: number;
  readonly subscriptions = new Map<QueryId, Subscription>();
  /** RFC 6762 §10.4: reconfirmations that need it to exist. */
  readonly holders = new Set<CacheEntry>();
  #series: Series = { state: "ended" };
  #refresh: Refresh | undefined;
  #lastAsked: Instant | undefined;
  #prefersUnicast = false;
  #lastPreferredUnicast = false;
  #unicastAskedAt: Instant | undefined;

  constructor(name: Name, type: number) {
    this.name = name;
    this.type = type;
  }

  get state(): SeriesState {
    return this.#series.state;
  }

  /** When it last went out, from us or from another host; undefined since the link is new. */
  get lastAsked(): Instant | undefined {
    return this.#lastAsked;
  }

  /** RFC 6762 §5.4: whether its next transmission asks for a unicast response. */
  get prefersUnicast(): boolean {
    return this.#prefersUnicast;
  }

  /** Whether its last transmission did. */
  get lastPreferredUnicast(): boolean {
    return this.#lastPreferredUnicast;
  }

  /** RFC 6762 §6: whether a unicast response is believed: one was asked for a short while ago. */
  acceptsUnicastResponse(now: Instant): boolean {
    const askedAt = this.#unicastAskedAt;
    return askedAt !== undefined && between(askedAt, now) <= UNICAST_RESPONSE_WAIT;
  }

  get isContinuous(): boolean {
    for (const { mode } of this.subscriptions.values()) if (mode === "continuous") return true;
    return false;
  }

  get isUsed(): boolean {
    return this.subscriptions.size > 0 || this.holders.size > 0;
  }

  /** Whether the record answers it. An alias answers every type (RFC 1034 §3.6.2). */
  wants(record: ResourceRecord): boolean {
    if (record.type === this.type || record.type === RecordType.CNAME) return true;
    return this.type === RecordType.ANY && record.type !== RecordType.NSEC;
  }

  /** Whether the record answers it or says that there is no answer. */
  reliesOn(record: ResourceRecord): boolean {
    return this.wants(record) || deniesType(record, this.type);
  }

  /**
   * Whether a unique answer is the whole answer. Not to ANY, and not to a browsing question (RFC
   * 6763 §4.1), whose records are shared by nature whatever bits a device sets.
   */
  get isSettledByUniqueAnswer(): boolean {
    if (this.type === RecordType.PTR) return this.name.isWithin(REVERSE_MAPPING);
    return this.type !== RecordType.ANY;
  }

  /**
   * Whether its next transmission has a message to itself: it repeats what nobody answered. Some
   * responders, such as web browsers', answer no message with several questions.
   */
  get goesAlone(): boolean {
    return this.#series.state === "asking" && this.#series.sent > 0 && !this.isContinuous;
  }

  /** When it is to be sent; undefined when it is not. */
  get window(): Window | undefined {
    const series = this.#series.state === "asking" ? this.#series.window : undefined;
    const wanted = series === undefined ? this.#refresh : earlierOf(series, this.#refresh);
    if (wanted === undefined || this.#lastAsked === undefined) return wanted;
    // RFC 6762 §5.2: a second at least lies between two transmissions.
    const soonest = after(this.#lastAsked, QUERY_INTERVAL_FIRST);
    return { earliest: latest(wanted.earliest, soonest), latest: latest(wanted.latest, soonest) };
  }

  /** Begins a series, or begins it again. */
  begin(random: Random, now: Instant): void {
    const delay = milliseconds(random.integer(FIRST_QUERY_DELAY_MIN, FIRST_QUERY_DELAY_MAX));
    this.#series = {
      state: "asking",
      window: { earliest: after(now, FIRST_QUERY_DELAY_MIN), latest: after(now, delay) },
      interval: QUERY_INTERVAL_FIRST,
      sent: 0,
    };
  }

  /**
   * RFC 6762 §5.4: begins a series on a link where nothing has been asked yet, with a request for
   * unicast responses.
   */
  beginOnNewLink(random: Random, now: Instant): void {
    this.#lastAsked = undefined;
    this.#prefersUnicast = true;
    this.begin(random, now);
  }

  /**
   * Whether a query of that mode that joins now has it sent sooner than it would be. What a
   * continuous query keeps asking for is complete, so another need not ask; a one-shot query has no
   * time to wait for the next turn.
   */
  isWorthAskingFor(mode: QuerySpec["mode"], now: Instant): boolean {
    if (this.#series.state !== "asking") return true;
    if (this.#lastAsked === undefined) return false;
    const age = between(this.#lastAsked, now);
    return age >= (mode === "one-shot" ? QUERY_INTERVAL_FIRST : JOINED_QUESTION_AGE_MAX);
  }

  /** RFC 6762 §5.2: a unique answer makes further queries needless, and a negative one too. */
  settle(): void {
    this.#series = { state: "settled" };
  }

  /** The answer that settled it is lost: its owner was asked or said goodbye, so slowly. */
  resume(now: Instant): void {
    const at = after(now, LOST_ANSWER_INTERVAL);
    const window = { earliest: at, latest: at };
    this.#series = { state: "asking", window, interval: LOST_ANSWER_INTERVAL, sent: 0 };
  }

  /** To be called when a subscription has gone. */
  handleUnsubscribed(): void {
    if (this.isContinuous) return;
    if (this.holders.size === 0) this.#refresh = undefined;
    const series = this.#series;
    const isSpent = series.state === "asking" && series.sent >= ONE_SHOT_QUERIES_MAX;
    if (isSpent || this.subscriptions.size === 0) this.#series = { state: "ended" };
  }

  /** Has it sent in the window so that the record is received again. */
  requestRefresh(entry: CacheEntry, window: Window): void {
    const pending = this.#refresh;
    const entries = pending?.entries ?? new Set();
    entries.add(entry);
    this.#refresh = { ...earlierOf(window, pending), entries };
  }

  /** The record has been received again, or is gone. */
  endRefresh(entry: CacheEntry): void {
    if (this.#refresh === undefined || !this.#refresh.entries.delete(entry)) return;
    if (this.#refresh.entries.size === 0) this.#refresh = undefined;
  }

  /** It went out, from us or from another host in our stead (RFC 6762 §7.3). */
  noteAsked(asUnicast: boolean, now: Instant): void {
    this.#lastAsked = now;
    this.#lastPreferredUnicast = asUnicast;
    if (asUnicast) this.#unicastAskedAt = now;
    // RFC 6762 §5.4: retransmissions are QM questions.
    this.#prefersUnicast = false;
    this.#refresh = undefined;
    const series = this.#series;
    if (series.state === "asking") this.#series = this.#next(series.interval, series.sent + 1, now);
  }

  #next(interval: Duration, sent: number, now: Instant): Series {
    if (sent >= ONE_SHOT_QUERIES_MAX && !this.isContinuous) return { state: "ended" };
    const at = after(now, interval);
    return {
      state: "asking",
      window: { earliest: at, latest: at },
      interval: milliseconds(Math.min(2 * interval, QUERY_INTERVAL_MAX)),
      sent,
    };
  }
}

/** Above all reverse mapping names (RFC 1035 §3.5, RFC 3596 §2.5), whose PTR records are unique. */
const REVERSE_MAPPING = Name.of("arpa");

function earlierOf(a: Window, b: Window | undefined): Window {
  if (b === undefined) return a;
  return { earliest: earliest(a.earliest, b.earliest), latest: earliest(a.latest, b.latest) };
}
