/**
 * The querier half of one link (RFC 6762 §5, §7, §10): what its clients ask, what is known, and what
 * they are told.
 *
 * Here the mechanisms meet: questions (`question.ts`) and when they leave (`query-scheduler.ts`), the
 * cache (`cache.ts`) and how responses enter it (`response-intake.ts`), what counts as an answer
 * (`link-answers.ts`), and what is seen of other hosts (`query-observation.ts`). That nobody had a
 * name a moment ago is for the layer above to remember.
 */

import { isLinkLocal } from "../core/ip-address.ts";
import { isOnLink, type Link, type LinkAddress } from "../core/link.ts";
import { after, between, type Instant, milliseconds } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";
import { sameRecordData } from "../wire/record-order.ts";
import { ActiveQuestions } from "./active-questions.ts";
import { AnswerEvents } from "./answer-events.ts";
import { type Interest, RecordCache, type Stored } from "./cache.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { FIRST_QUERY_DELAY_MAX, RESET_GRACE } from "./constants.ts";
import { LinkAnswers, type OwnRecordLookup } from "./link-answers.ts";
import type { LinkContext, Received } from "./link-context.ts";
import { type QuerierSnapshot, querierSnapshot } from "./querier-snapshot.ts";
import { QueryObservation } from "./query-observation.ts";
import { QueryScheduler } from "./query-scheduler.ts";
import type { Question } from "./question.ts";
import { Reconfirmation } from "./reconfirmation.ts";
import { refreshJitterMax } from "./refresh.ts";
import { ResponseIntake } from "./response-intake.ts";
import { Subscription } from "./subscription.ts";
import type { Answer, CachedRecord, QueryId, QuerySpec } from "./types.ts";

export type { QuerierSnapshot } from "./querier-snapshot.ts";

/** What reconfirmation is about: all records of the name and type, or the one with that data. */
export interface ReconfirmTarget {
  readonly name: Name;
  readonly type: number;
  readonly data?: RecordData;
}

export class Querier {
  readonly #context: LinkContext;
  readonly #questions = new ActiveQuestions();
  readonly #cache: RecordCache;
  readonly #answers: LinkAnswers;
  readonly #events: AnswerEvents;
  readonly #scheduler: QueryScheduler;
  readonly #intake: ResponseIntake;
  readonly #observation: QueryObservation;
  readonly #reconfirmation: Reconfirmation;
  /**
   * RFC 6762 §5.4: questions that begin until then belong to the initial batch of a link: a command
   * opens its links for the very question it has.
   */
  #newUntil = Number.NEGATIVE_INFINITY as Instant;

  constructor(context: LinkContext, ownRecords: OwnRecordLookup) {
    this.#context = context;
    this.#events = new AnswerEvents(context);
    const cache = new RecordCache(context, {
      interestIn: (entry) => this.#interestIn(entry),
      handleRefreshDue: (entry, now) => this.#handleRefreshDue(entry, now),
      handleRemoved: (entry, now) => this.#handleRemoved(entry, now),
    });
    this.#cache = cache;
    this.#answers = new LinkAnswers(cache, ownRecords);
    this.#scheduler = new QueryScheduler(context, {
      answersTo: (question) => this.#answers.cached(question),
      handleAsked: (question) => this.#events.asked(question),
    });
    this.#intake = new ResponseIntake(context, cache, this.#questions, (stored, now) =>
      this.#handleStored(stored, now),
    );
    this.#observation = new QueryObservation(context, cache, this.#questions, (question, now) =>
      this.#handleAskedByOther(question, now),
    );
    this.#reconfirmation = new Reconfirmation(context, cache, {
      openQuestion: ({ name, type }) => this.#questions.open(name, type),
      closeQuestion: (question) => this.#close(question),
      plan: (question) => this.#scheduler.plan(question),
    });
  }

  /** Begins a query. What is known already, own records too, is told at once. */
  start(id: QueryId, { name, type, mode }: QuerySpec, now: Instant): void {
    if (this.#questions.questionOf(id) !== undefined) return;
    const question = this.#questions.open(name, type);
    const cached = [...this.#answers.cached(question)];
    const withheld = cached.filter((entry) => !entry.isBelieved(now));
    const subscription = new Subscription(id, mode, withheld);
    this.#questions.subscribe(question, subscription);
    this.#cache.review(name, now);
    for (const answer of this.answers(id, now)) this.#events.added(subscription, answer);
    this.#tellDenial(question, now);
    this.#ask(question, subscription, now);
  }

  stop(id: QueryId, now: Instant): void {
    const question = this.#questions.unsubscribe(id);
    if (question === undefined) return;
    this.#close(question);
    this.#scheduler.plan(question);
    this.#cache.review(question.name, now);
  }

  /** What is known now that answers the query. */
  answers(id: QueryId, now: Instant): readonly Answer[] {
    const question = this.#questions.questionOf(id);
    const subscription = question?.subscriptions.get(id);
    if (question === undefined || subscription === undefined) return [];
    const answers = this.#answers.own(question).map((record) => this.#events.ownAnswer(record));
    for (const entry of this.#answers.cached(question)) {
      if (entry.expires <= now || subscription.withholds(entry)) continue;
      answers.push(this.#events.answerOf(entry));
    }
    return answers;
  }

  /** Whether it is known that there is no record that answers the query (RFC 6762 §6.1). */
  isNegative(id: QueryId, now: Instant): boolean {
    const question = this.#questions.questionOf(id);
    return question !== undefined && this.#answers.denial(question, now) !== undefined;
  }

  /** Another host's query. */
  handleQuery(received: Received, now: Instant): void {
    this.#observation.take(received, now);
  }

  handleResponse(received: Received, now: Instant): void {
    this.#intake.take(received, now);
  }

  /** Records that the responder has begun to publish, and those it has ceased to. */
  handleOwnRecords(
    added: readonly ResourceRecord[],
    removed: readonly ResourceRecord[],
    now: Instant,
  ): void {
    for (const record of added) this.#tellOwnAdded(record);
    for (const record of removed) {
      for (const question of this.#questions.about(record.name)) {
        if (question.wants(record)) this.#events.ownRemoved(question, record);
      }
    }
    for (const { name } of [...added, ...removed]) {
      for (const question of this.#questions.about(name)) this.#reconsider(question, now);
    }
  }

  /**
   * The link is described anew. Where a family has come, or another process now takes our unicast
   * responses (RFC 6762 §15.1), the questions that this left without answers are asked again; where
   * no subnet is left of those before, it is another network.
   */
  handleLinkChange(previous: Link, now: Instant): void {
    const { link } = this.#context;
    if (isOtherNetwork(previous, link)) {
      this.handleReset(now);
      return;
    }
    const hasNewFamily = link.families.some((family) => !previous.families.includes(family));
    const hasLostUnicast = link.sharesPort && !previous.sharesPort;
    for (const question of [...this.#questions]) {
      if (hasNewFamily) this.#askOnNewLink(question, now);
      else if (hasLostUnicast && question.lastPreferredUnicast) this.#askAgain(question, now);
    }
  }

  /**
   * RFC 6762 §10.3: carrier is back, the host woke, or the network is another one. Records that a
   * query wants are kept for a few seconds, in which all questions are asked anew (§5.4); those that
   * are still true come back in that time, and nobody need be told. The others go now.
   */
  handleReset(now: Instant): void {
    this.#observation.clear();
    this.#newUntil = after(now, FIRST_QUERY_DELAY_MAX);
    for (const entry of [...this.#cache]) {
      if (this.#interestIn(entry) === "none") this.#cache.remove(entry, now);
      else this.#cache.doubt(entry, after(now, RESET_GRACE), now);
    }
    for (const question of [...this.#questions]) this.#askOnNewLink(question, now);
  }

  /** The link is no more: all that it answered is taken back. Nothing is to be called after. */
  handleGone(now: Instant): void {
    for (const question of this.#questions) {
      for (const record of this.#answers.own(question)) this.#events.ownRemoved(question, record);
    }
    for (const entry of [...this.#cache]) this.#cache.remove(entry, now);
  }

  /** RFC 6762 §10.4: records that turned out not to work go in ten seconds unless confirmed. */
  reconfirm(target: ReconfirmTarget, now: Instant): void {
    const set = this.#cache.find(target.name, target.type);
    for (const entry of [...(set ?? [])]) {
      const isMeant = target.data === undefined || sameRecordData(entry.data, target.data);
      if (isMeant) this.#reconfirmation.begin(entry, now);
    }
  }

  /** Empties the cache; what active queries lose by it is asked for again. */
  flush(now: Instant): void {
    for (const entry of [...this.#cache]) this.#cache.remove(entry, now);
    for (const question of [...this.#questions]) this.#askAgain(question, now);
  }

  *cached(now: Instant): IterableIterator<CachedRecord> {
    const link = this.#context.link.id;
    for (const { record, source, expires } of this.#cache) {
      if (expires > now) yield { record, link, source, remaining: between(now, expires) };
    }
  }

  /** Records in the cache; one that no query wants may count for a second beyond its end. */
  get cacheSize(): number {
    return this.#cache.size;
  }

  snapshot(now: Instant): QuerierSnapshot {
    return querierSnapshot(
      {
        questions: this.#questions,
        cache: this.#cache,
        scheduler: this.#scheduler,
        reconfirmations: this.#reconfirmation.count,
      },
      now,
    );
  }

  /** Has the link asked for a query that has just begun, if there is need. */
  #ask(question: Question, subscription: Subscription, now: Instant): void {
    if (this.#answers.isComplete(question, now)) question.settle();
    else if (question.isWorthAskingFor(subscription.mode, now)) {
      if (now <= this.#newUntil) question.beginOnNewLink(this.#context.random, now);
      else question.begin(this.#context.random, now);
      this.#scheduler.plan(question);
      return;
    }
    this.#scheduler.plan(question);
    if (question.lastAsked !== undefined) this.#events.asked(question);
  }

  #askAgain(question: Question, now: Instant): void {
    if (question.subscriptions.size === 0 || this.#answers.isComplete(question, now)) return;
    question.begin(this.#context.random, now);
    this.#scheduler.plan(question);
  }

  #askOnNewLink(question: Question, now: Instant): void {
    if (question.subscriptions.size === 0 || this.#answers.isComplete(question, now)) return;
    question.beginOnNewLink(this.#context.random, now);
    this.#scheduler.plan(question);
  }

  #close(question: Question): void {
    if (this.#questions.close(question)) this.#scheduler.drop(question);
  }

  #interestIn(record: ResourceRecord): Interest {
    let interest: Interest = "none";
    for (const question of this.#questions.about(record.name)) {
      if (!question.reliesOn(record)) continue;
      if (question.isContinuous) return "kept";
      interest = "wanted";
    }
    return interest;
  }

  /** RFC 6762 §5.2: asks for the record in the two per cent of its life that follow. */
  #handleRefreshDue(entry: CacheEntry, now: Instant): void {
    const question = this.#questionKeeping(entry);
    if (question === undefined) return;
    const jitter = milliseconds(this.#context.random.integer(0, refreshJitterMax(entry)));
    question.requestRefresh(entry, { earliest: now, latest: after(now, jitter) });
    this.#scheduler.plan(question);
  }

  /** The question by which a record is kept fresh: that for its very type if there is one. */
  #questionKeeping(record: ResourceRecord): Question | undefined {
    const questions = this.#questions
      .about(record.name)
      .filter((question) => question.isContinuous && question.reliesOn(record));
    return questions.find(({ type }) => type === record.type) ?? questions[0];
  }

  #handleStored({ entry, before }: Stored, now: Instant): void {
    for (const question of this.#questions.about(entry.name)) {
      question.endRefresh(entry);
      if (!question.reliesOn(entry)) continue;
      if (question.wants(entry)) {
        if (before === "absent") this.#events.entryAdded(question, entry);
        else this.#events.entryConfirmed(question, entry);
      }
      if (this.#settles(entry, question)) question.settle();
      this.#tellDenial(question, now);
      this.#scheduler.plan(question);
    }
  }

  /** RFC 6762 §5.2: a unique answer, or the owner's word that there is none, is all there is. */
  #settles(record: ResourceRecord, question: Question): boolean {
    if (!question.isSettledByUniqueAnswer) return false;
    return record.cacheFlush || !question.wants(record);
  }

  #handleRemoved(entry: CacheEntry, now: Instant): void {
    for (const question of this.#questions.about(entry.name)) {
      question.endRefresh(entry);
      if (!question.reliesOn(entry)) continue;
      if (question.wants(entry)) this.#events.entryRemoved(question, entry);
      this.#reconsider(question, now);
    }
  }

  /** What a question was answered with has changed: does it need asking again, or no more? */
  #reconsider(question: Question, now: Instant): void {
    const isComplete = this.#answers.isComplete(question, now);
    if (isComplete && question.state === "asking") question.settle();
    else if (!isComplete && question.state === "settled") question.resume(now);
    this.#tellDenial(question, now);
    this.#scheduler.plan(question);
  }

  #tellDenial(question: Question, now: Instant): void {
    this.#events.denial(question, this.#answers.denial(question, now));
  }

  /** A record that is now ours leaves the cache; whoever had it from there is told nothing new. */
  #tellOwnAdded(record: ResourceRecord): void {
    const entry = this.#cache.findEntry(record);
    for (const question of this.#questions.about(record.name)) {
      if (!question.wants(record)) continue;
      if (entry === undefined) this.#events.ownAdded(question, record);
      else {
        question.endRefresh(entry);
        this.#events.entryConfirmed(question, entry);
      }
    }
    if (entry !== undefined) this.#cache.discard(entry);
  }

  #handleAskedByOther(question: Question, now: Instant): void {
    this.#context.counters.add("questions-suppressed");
    question.noteAsked(false, now);
    this.#events.asked(question);
    this.#scheduler.plan(question);
  }
}

/** Link-local addresses come and go on one network, so they say nothing of it. */
function isOtherNetwork(previous: Link, link: Link): boolean {
  const before = routable(previous);
  const isLeft = before.some(({ address }) => isOnLink(link, address));
  return before.length > 0 && routable(link).length > 0 && !isLeft;
}

function routable({ addresses }: Link): readonly LinkAddress[] {
  return addresses.filter(({ address }) => !isLinkLocal(address));
}
