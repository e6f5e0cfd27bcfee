/**
 * Questions of a stub's clients under way: their ids, their number, the counters, and the fast way to
 * what the resolver's cache holds.
 *
 * Theory of operation: a question goes the way of any look-up (`lookup-router.ts`), but its answer is a
 * whole message (`question-ways.ts`). The fast way knows nothing of routing: it takes only questions
 * that went to name servers alone before, and forgets them whenever another way could be right.
 */

import { BoundedMap } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import { DotlocalError } from "../core/errors.ts";
import { type Instant, ORIGIN } from "../core/time.ts";
import type { CacheEntry } from "../unicast/cache-entry.ts";
import type { DnsEngine } from "../unicast/engine.ts";
import { keyOfQuery, questionKey } from "../unicast/question-key.ts";
import { messageOf } from "../unicast/snapshot.ts";
import { RecordClass, RecordType, ResponseCode } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { AliasLookup, type Departure } from "./alias-lookup.ts";
import { QUESTIONS_MAX, UNICAST_QUESTIONS_MAX } from "./constants.ts";
import { hostsRecords } from "./hosts-answers.ts";
import type { Lookup, LookupContext } from "./lookup-context.ts";
import type { LookupRouter } from "./lookup-router.ts";
import { isOffServers } from "./lookup-ways.ts";
import {
  answerReply,
  emptyReply,
  endlessReply,
  joinedReply,
  withRotatedAddresses,
} from "./question-reply.ts";
import {
  type Company,
  type QuestionStep,
  questionWays,
  ServerQuestion,
  serverLookup,
} from "./question-ways.ts";
import type { Route } from "./routing.ts";
import { SettledLookup } from "./settled-lookup.ts";
import type { QuestionId, QuestionReply, QuestionSpec, QuestionsSnapshot } from "./types.ts";

type QuestionCounter =
  | "questions"
  | "fast-answers"
  | "cancelled"
  | "positive"
  | "no-data"
  | "no-such-name"
  | "failed";

/** A reply made of octets alone. */
export interface CachedReply {
  /** Without an OPT record; id, RD, CD and the question are the query's. */
  readonly octets: Uint8Array;
  /** Octets of the query's header and question. */
  readonly questionEnd: number;
  /** Milliseconds for which the same octets are right, unless `epoch` is another then. */
  readonly validFor: number;
}

/** Types that are no types of records (RFC 5936 §2.2, RFC 6891 §6.1.1), and what they are told. */
const NO_RECORD_TYPES: ReadonlyMap<number, number> = new Map([
  [RecordType.OPT, ResponseCode.FORMERR],
  [RecordType.AXFR, ResponseCode.NOTIMP],
  [RecordType.IXFR, ResponseCode.NOTIMP],
]);

export class Questions {
  readonly #context: LookupContext;
  readonly #router: LookupRouter;
  readonly #dns: DnsEngine;
  readonly #active = new Map<QuestionId, Lookup>();
  readonly #counters = new Counters<QuestionCounter>();
  readonly #forServers = new BoundedMap<string, true>(UNICAST_QUESTIONS_MAX);
  #lastId = 0;
  #epoch = 0;
  /** Counts the answers of which the addresses take turns. */
  #turn = 0;

  constructor(context: LookupContext, router: LookupRouter, dns: DnsEngine) {
    this.#context = context;
    this.#router = router;
    this.#dns = dns;
  }

  /** Throws LIMIT_REACHED. */
  answer(question: QuestionSpec, now: Instant): QuestionId {
    if (this.#active.size >= QUESTIONS_MAX) {
      throw new DotlocalError("LIMIT_REACHED", `${QUESTIONS_MAX} questions are under way already`);
    }
    const id = ++this.#lastId as QuestionId;
    this.#counters.add("questions");
    const lookup = this.#lookupOf(question, now, (reply) => this.#finish(id, reply));
    this.#active.set(id, lookup);
    lookup.begin(now);
    return id;
  }

  cancel(id: QuestionId, now: Instant): void {
    const lookup = this.#active.get(id);
    if (lookup === undefined) return;
    this.#active.delete(id);
    this.#counters.add("cancelled");
    lookup.cancel(now);
  }

  /** A reply to a query's octets where the cache has it; undefined: ask `answer`. */
  replyFromCache(
    query: Uint8Array,
    flags: Pick<QuestionSpec, "dnssecOk" | "checkingDisabled">,
    now: Instant,
  ): CachedReply | undefined {
    const found = keyOfQuery(query, flags);
    if (found === undefined || !this.#forServers.has(found.key)) return undefined;
    const entry = this.#dns.findCached(found.key, now);
    if (entry === undefined || this.#leadsOn(entry)) return undefined;
    this.#counters.add("fast-answers");
    const octets = entry.replyTo(query, found.size, now, this.#dns.turnOf(entry));
    const validFor = this.#context.host.settings.resolver.dns.rotateAnswers
      ? 0
      : entry.unchangedFor(now);
    return { octets, questionEnd: found.size, validFor };
  }

  /** Another number after each change that may make earlier replies of `replyFromCache` wrong. */
  get epoch(): number {
    return this.#epoch;
  }

  /** So many replies of `replyFromCache` were given again. */
  countRepeated(count: number): void {
    this.#counters.add("fast-answers", count);
    this.#dns.countCacheHits(count);
  }

  /** Who answers for which name may be another from now on. */
  handleChange(): void {
    this.#epoch++;
    this.#forServers.clear();
  }

  /** Ends all under way. */
  end(now: Instant): void {
    for (const [id, lookup] of this.#active) {
      lookup.cancel(now);
      this.#finish(id, emptyReply(ResponseCode.SERVFAIL));
    }
  }

  snapshot(): QuestionsSnapshot {
    return { active: this.#active.size, counters: this.#counters.snapshot() };
  }

  /** The fast way follows no alias. What a prefetch brought may be one where no alias was before. */
  #leadsOn({ openEnd }: CacheEntry): boolean {
    return openEnd !== undefined && isOffServers(openEnd, this.#context.own);
  }

  #finish(id: QuestionId, reply: QuestionReply): void {
    this.#active.delete(id);
    this.#counters.add(kindOf(reply));
    this.#context.host.emit({ kind: "question-answered", question: id, reply });
  }

  #lookupOf(question: QuestionSpec, now: Instant, finish: (reply: QuestionReply) => void): Lookup {
    const { name, type, recursionDesired } = question;
    const refusal = NO_RECORD_TYPES.get(type);
    if (refusal !== undefined) return new SettledLookup(emptyReply(refusal), finish);
    const route = this.#router.routeOf(name, type);
    const company = companyOf(route);
    if (question.class !== RecordClass.IN)
      return this.#lookupOfOtherClass(question, company, finish);
    const isForServers = company === "alone" && !this.#isInHosts(question);
    if (isForServers) {
      if (!recursionDesired) return new SettledLookup(this.#fromCache(question, now), finish);
      this.#forServers.set(questionKey(question), true);
    }
    const rotating = company === "alone" ? finish : this.#rotating(finish);
    return this.#following(question, isForServers, rotating);
  }

  #isInHosts({ name, type }: QuestionSpec): boolean {
    return hostsRecords(this.#context.host.settings.hosts, name, type) !== undefined;
  }

  /**
   * With what an alias leads to beyond the protocol that told it. `isForServers`: the name itself is
   * for name servers alone, and no other way need be looked for.
   */
  #following(
    question: QuestionSpec,
    isForServers: boolean,
    finish: (reply: QuestionReply) => void,
  ): Lookup {
    const { name, type } = question;
    const isDirect = isForServers && this.#hasServers;
    const enter = (asked: Name, done: (step: QuestionStep) => void, now: Instant) => {
      if (isDirect && asked === name) return serverLookup(this.#context, question, "alone", done);
      const company = companyOf(this.#router.routeOf(asked, type));
      const ways = questionWays(this.#context, { ...question, name: asked }, company);
      return this.#router.lookup(asked, { links: "all", type }, ways, now, done);
    };
    const rules = {
      enter,
      schedule: (run: (now: Instant) => void) => this.#context.host.schedule(ORIGIN, { run }),
      // RFC 1035 §4.1.1: without RD nobody else is to be asked.
      departureOf: (step: QuestionStep) =>
        question.recursionDesired ? departureOf(step) : undefined,
      joined: (head: QuestionStep, rest: QuestionReply) => joinedReply(head.reply, rest),
      ended: ({ reply }: QuestionStep) => reply,
      endless: endlessReply,
    };
    return new AliasLookup<QuestionStep, QuestionReply>(name, rules, finish);
  }

  get #hasServers(): boolean {
    return this.#context.host.settings.resolver.servers.routes.length > 0;
  }

  /** The resolver's cache turns its answers itself. */
  #rotating(finish: (reply: QuestionReply) => void): (reply: QuestionReply) => void {
    if (!this.#context.host.settings.resolver.dns.rotateAnswers) return finish;
    return (reply) => finish(withRotatedAddresses(reply, this.#turn++));
  }

  /** What is not of the Internet is not of its links either. */
  #lookupOfOtherClass(
    question: QuestionSpec,
    company: Company,
    finish: (reply: QuestionReply) => void,
  ): Lookup {
    if (company === "with-links" || !question.recursionDesired) {
      return new SettledLookup(emptyReply(ResponseCode.REFUSED), finish);
    }
    return new ServerQuestion(this.#context.host, question, company, finish);
  }

  /** RFC 1035 §4.1.1: without RD nobody else is to be asked. */
  #fromCache(question: QuestionSpec, now: Instant): QuestionReply {
    const entry = this.#dns.findCached(questionKey(question), now);
    if (entry === undefined) return emptyReply(ResponseCode.REFUSED);
    const message = messageOf(entry.response(now, this.#dns.turnOf(entry)));
    return answerReply({ message, origin: "cache", server: entry.server });
  }
}

function departureOf({ reply, target }: QuestionStep): Departure | undefined {
  if (target === undefined) return undefined;
  const aliases = reply.answers.filter(({ data }) => data.kind === "CNAME");
  return { target, aliasCount: aliases.length };
}

function companyOf(route: Route): Company {
  if (route.kind !== "ask" || route.protocols.length !== 1) return "with-links";
  return route.protocols[0] === "unicast" ? "alone" : "with-links";
}

function kindOf({ responseCode, answers }: QuestionReply): QuestionCounter {
  if (responseCode === ResponseCode.NXDOMAIN) return "no-such-name";
  if (responseCode !== ResponseCode.NOERROR) return "failed";
  return answers.length > 0 ? "positive" : "no-data";
}
