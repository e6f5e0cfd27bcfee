/**
 * The question of a look-up for one type: collects the responses of all links and families until it
 * can be decided what they come to (RFC 4795 §2.2, §2.7, §4.2).
 *
 * Theory of operation: a response with the C bit clear decides, and a moment is left for another one
 * that says something else (`SETTLE_WAIT`; all of LLMNR_TIMEOUT when the name has lately been
 * disputed). One with the C bit set has more to follow, for LLMNR_TIMEOUT + JITTER_INTERVAL. An empty
 * one may come from a responder that has the records on its other family only, so it decides after
 * LLMNR_TIMEOUT. A truncated one is asked for again by TCP. After the decision the socket still listens
 * for LLMNR_TIMEOUT + JITTER_INTERVAL: a second host that has the name is told of to everybody on the
 * link by a query with the C bit set.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { after, type Duration, type Instant, milliseconds } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { recordDataKey, sameRecord } from "../wire/record-order.ts";
import { JITTER_INTERVAL, LLMNR_TIMEOUT, SETTLE_WAIT } from "./constants.ts";
import type { Distrust } from "./distrust.ts";
import type { LlmnrContext, Task } from "./link-context.ts";
import { QuerySeries, type SeriesListener, type SeriesTarget } from "./query-series.ts";
import type { ReceivedResponse } from "./received-response.ts";
import { TcpQuery } from "./tcp-query.ts";
import type { LlmnrAnswer, TypeOutcome } from "./types.ts";

/** RFC 4795 §2.7: how long all responses to a query are awaited. */
const COLLECTION_WAIT = milliseconds(LLMNR_TIMEOUT + JITTER_INTERVAL);

export interface TypeLookupOptions {
  readonly name: Name;
  readonly type: number;
  readonly links: readonly Link[];
  /** `all`: hosts have lately given different answers for the name, so every answer is awaited. */
  readonly patience: "first" | "all";
  readonly distrust: Distrust;
}

/** Told once each; `closed` comes after `decided`. */
export interface TypeLookupListener {
  decided(outcome: TypeOutcome): void;
  disputed(link: LinkId, sources: readonly IpAddress[], now: Instant): void;
  /** Nothing is listened for any longer. */
  closed(now: Instant): void;
}

type Stage = "asking" | "decided" | "closed";

export class TypeLookup implements SeriesListener {
  readonly #context: LlmnrContext;
  readonly #options: TypeLookupOptions;
  readonly #listener: TypeLookupListener;
  readonly #series: QuerySeries;
  readonly #responses: ReceivedResponse[] = [];
  readonly #tcpQueries = new Map<string, TcpQuery>();
  /** Links and families of which the others know that several hosts answer there. */
  readonly #reported = new Set<string>();
  #stage: Stage = "asking";
  #timer: Deadline<Task> | undefined;

  constructor(context: LlmnrContext, options: TypeLookupOptions, listener: TypeLookupListener) {
    this.#context = context;
    this.#options = options;
    this.#listener = listener;
    const { name, type } = options;
    const question = { name, type, class: RecordClass.IN, unicastResponse: false };
    this.#series = new QuerySeries(context, question, this);
  }

  get type(): number {
    return this.#options.type;
  }

  begin(delay: Duration, now: Instant): void {
    this.#series.begin(this.#options.links, delay, now);
  }

  close(now: Instant): void {
    if (this.#stage === "closed") return;
    this.#stage = "closed";
    this.#context.cancel(this.#timer);
    for (const query of this.#tcpQueries.values()) query.cancel();
    this.#series.close();
    this.#listener.closed(now);
  }

  forgetLink(link: LinkId): void {
    this.#series.forgetLink(link);
  }

  handleResponse(response: ReceivedResponse, target: SeriesTarget, now: Instant): void {
    const refusal = this.#refusalOf(response, now);
    if (refusal !== undefined) {
      this.#context.count(response.link, `discarded-${refusal}`);
      return;
    }
    if (this.#responses.some((known) => isFromSame(known, response))) return;
    this.#responses.push(response);
    this.#reportConflict(target);
    if (this.#stage !== "asking") this.#noticeDispute(now);
    else if (response.isTruncated) this.#askByTcp(response, now);
    else this.#decideSoon(response, now);
  }

  handleExhausted(now: Instant): void {
    if (this.#tcpQueries.size === 0 && this.#timer === undefined) this.#decide(now);
  }

  /** RFC 4795 §2.1.1, §4.1: what is not counted as an answer. */
  #refusalOf({ isTentative, source, link }: ReceivedResponse, now: Instant) {
    if (isTentative) return "tentative";
    if (this.#context.isOwnAddress(source)) return "own-packet";
    const { distrust, name } = this.#options;
    return distrust.concerns(name, link, source, now) ? "distrusted" : undefined;
  }

  /** RFC 4795 §2.1.1: truncated, so the same host is asked by TCP. */
  #askByTcp(truncated: ReceivedResponse, now: Instant): void {
    const link = this.#context.links.get(truncated.link);
    if (link === undefined) return;
    this.#series.stop();
    const { source: address } = truncated;
    const { question } = this.#series;
    const query = new TcpQuery(
      this.#context,
      { link, address, question },
      (whole, at) => this.#handleTcpAnswer(truncated, whole, at),
      now,
    );
    this.#tcpQueries.set(keyOf(truncated), query);
  }

  /** RFC 4795 §2.1.1: the whole answer takes the place of the truncated one. */
  #handleTcpAnswer(
    truncated: ReceivedResponse,
    whole: ReceivedResponse | undefined,
    now: Instant,
  ): void {
    this.#tcpQueries.delete(keyOf(truncated));
    if (this.#stage !== "asking") return;
    if (whole !== undefined) this.#responses[this.#responses.indexOf(truncated)] = whole;
    this.#decideSoon(whole ?? truncated, now);
  }

  #decideSoon(response: ReceivedResponse, now: Instant): void {
    this.#series.stop();
    const at = after(now, this.#waitAfter(response));
    if (this.#timer !== undefined && !this.#isSooner(at, response)) return;
    this.#context.cancel(this.#timer);
    this.#timer = this.#context.schedule(at, { run: (then) => this.#decide(then) });
  }

  /** What has records and is unique makes an end of waiting for others that are empty. */
  #isSooner(at: Instant, { isShared }: ReceivedResponse): boolean {
    return !isShared && at < this.#timer!.at && !this.#responses.some((known) => known.isShared);
  }

  #waitAfter(response: ReceivedResponse): Duration {
    if (response.isShared || this.#options.patience === "all") return COLLECTION_WAIT;
    return this.#answersIn(response).length === 0 ? LLMNR_TIMEOUT : SETTLE_WAIT;
  }

  #decide(now: Instant): void {
    if (this.#stage !== "asking") return;
    this.#stage = "decided";
    this.#series.stop();
    const end = { run: (at: Instant) => this.close(at) };
    this.#timer = this.#context.schedule(after(now, COLLECTION_WAIT), end);
    const isDisputed = this.#noticeDispute(now);
    this.#listener.decided(this.#outcome(isDisputed));
    if (this.#responses.length === 0) this.close(now);
  }

  #outcome(isDisputed: boolean): TypeOutcome {
    const { type } = this.#options;
    if (isDisputed) return { state: "disputed", type };
    if (this.#responses.length === 0) return { state: "silent", type };
    // RFC 4795 §2.2: those with the C bit set go together, and with no others.
    const shared = this.#responses.filter(({ isShared }) => isShared);
    const believed = shared.length > 0 ? shared : this.#responses;
    const answers = distinct(believed.flatMap((response) => this.#answersIn(response)));
    return answers.length === 0 ? { state: "no-data", type } : { state: "answered", type, answers };
  }

  /** RFC 4795 §2.2, §2.9: the records that answer, in the order they came. */
  #answersIn({ answers, link, source }: ReceivedResponse): LlmnrAnswer[] {
    const { name, type } = this.#options;
    const names = namesReached(name, answers);
    return answers
      .filter((record) => names.has(record.name.key) && isOfType(record, type))
      .map((record) => ({ record, link, source }));
  }

  /** RFC 4795 §4.2: several responses, the C bit clear in one of them. */
  #reportConflict({ link, family, from }: SeriesTarget): void {
    const key = `${link} ${family}`;
    const here = this.#responses.filter((known) => known.link === link && known.family === family);
    if (here.length < 2 || here.every(({ isShared }) => isShared)) return;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    const records = here.flatMap(({ answers }) => answers);
    this.#series.reportConflict({ link, family, from }, records);
  }

  /** Whether two hosts of a link, by the same family, give different answers and each as the only one. */
  #noticeDispute(now: Instant): boolean {
    const sole = this.#responses.filter(
      (known) => !known.isShared && !known.isTruncated && this.#answersIn(known).length > 0,
    );
    for (const first of sole) {
      const rivals = sole.filter((other) => isBeside(first, other) && this.#differ(first, other));
      if (rivals.length === 0) continue;
      const sources = [first, ...rivals].map(({ source }) => source);
      this.#listener.disputed(first.link, sources, now);
      return true;
    }
    return false;
  }

  #differ(a: ReceivedResponse, b: ReceivedResponse): boolean {
    return this.#fingerprint(a) !== this.#fingerprint(b);
  }

  #fingerprint(response: ReceivedResponse): string {
    const keys = this.#answersIn(response).map(
      ({ record }) => `${record.type} ${recordDataKey(record.data)}`,
    );
    return keys.sort().join("\n");
  }
}

/** The name with those that CNAME records of the same response lead to (RFC 1034 §3.6.2). */
function namesReached(name: Name, answers: readonly ResourceRecord[]): ReadonlySet<string> {
  const keys = new Set([name.key]);
  for (let size = 0; size < keys.size; ) {
    size = keys.size;
    for (const { name: owner, data } of answers) {
      if (data.kind === "CNAME" && keys.has(owner.key)) keys.add(data.name.key);
    }
  }
  return keys;
}

function isOfType(record: ResourceRecord, type: number): boolean {
  return type === RecordType.ANY || record.type === type || record.type === RecordType.CNAME;
}

/** RFC 4795 §2.2: a duplicate has the source and the query of one that is known. */
function isFromSame(a: ReceivedResponse, b: ReceivedResponse): boolean {
  return isBeside(a, b) && a.source === b.source;
}

function isBeside(a: ReceivedResponse, b: ReceivedResponse): boolean {
  return a.link === b.link && a.family === b.family;
}

function keyOf({ link, source }: ReceivedResponse): string {
  return `${link} ${source}`;
}

function distinct(answers: readonly LlmnrAnswer[]): LlmnrAnswer[] {
  return answers.filter(
    (answer, index) =>
      answers.findIndex(
        (other) => other.link === answer.link && sameRecord(other.record, answer.record),
      ) === index,
  );
}
