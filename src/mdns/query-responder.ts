/**
 * Answers queries (RFC 6762 §6): finds what we have to say, and decides when it is said, to whom and
 * by which way. What others' known answers, responses and our own recent ones make superfluous is
 * left out.
 */

import { isOnLink } from "../core/link.ts";
import {
  after,
  before,
  type Duration,
  type Instant,
  latest,
  milliseconds,
  NEVER,
} from "../core/time.ts";
import type { Question } from "../wire/record.ts";
import {
  AGGREGATION_WAIT_MAX,
  MDNS_PORT,
  MULTICAST_INTERVAL_MIN,
  PROBE_DEFENCE_INTERVAL_MIN,
  QUERY_TRAVEL_TIME,
  SHARED_RESPONSE_DELAY_MAX,
  SHARED_RESPONSE_DELAY_MIN,
  UNICAST_RESPONSE_TTL_DIVISOR,
} from "./constants.ts";
import { KnownAnswers } from "./known-answers.ts";
import { LegacyResponder } from "./legacy-unicast.ts";
import type { LinkContext, Received, UnicastTarget } from "./link-context.ts";
import type { OwnSet } from "./own-records.ts";
import { type Finding, findAnswers } from "./question-answers.ts";
import type { Registry } from "./registry.ts";
import type { Timing } from "./response-queue.ts";
import { ResponseScheduler } from "./response-scheduler.ts";
import { type CollectedQuery, TruncatedQueries } from "./truncated-queries.ts";

const AT_ONCE = milliseconds(0);

/** What we found for one question. */
interface Reply {
  readonly question: Question;
  readonly finding: Finding;
  /** The answers that the querier does not know. */
  readonly sets: readonly OwnSet[];
}

export class QueryResponder {
  readonly scheduler: ResponseScheduler;
  readonly #context: LinkContext;
  readonly #registry: Registry;
  readonly #legacy: LegacyResponder;
  readonly #truncated: TruncatedQueries;

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
    this.scheduler = new ResponseScheduler(context, registry);
    this.#legacy = new LegacyResponder(context, registry);
    this.#truncated = new TruncatedQueries(context, registry, (query, now) => {
      this.#answer(query, AT_ONCE, now);
    });
  }

  handleQuery(received: Received, now: Instant): void {
    const { message, source } = received;
    const isLegacy = source.port !== MDNS_PORT;
    const isProbe = message.authorities.length > 0;
    if (!isLegacy && !isProbe && this.#truncated.take(received, now)) return;
    const { questions } = message;
    if (!questions.some(({ name }) => this.#registry.find(name) !== undefined)) return;
    const known = new KnownAnswers();
    const query = { received, asked: now, questions, known };
    if (isLegacy) {
      this.#answerLegacy(query, now);
      return;
    }
    known.add(message.answers, this.#registry);
    this.#answer(query, undefined, now);
  }

  clear(): void {
    this.scheduler.clear();
    this.#truncated.clear();
  }

  /** `delay` is given where the query has waited already. */
  #answer(query: CollectedQuery, delay: Duration | undefined, now: Instant): void {
    const replies = this.#repliesTo(query);
    if (replies.length === 0) return;
    const due = after(now, delay ?? this.#delayFor(query, replies));
    const timing = {
      servedSince: before(query.asked, QUERY_TRAVEL_TIME),
      due,
      patience: AGGREGATION_WAIT_MAX,
      interval: MULTICAST_INTERVAL_MIN,
    };
    const plain = new Outgoing();
    const defending = new Outgoing();
    for (const reply of replies) {
      if (isDefence(reply, query.received))
        this.#routeDefence(reply, query.received, defending, now);
      else this.#route(reply, query.received, plain, now);
    }
    this.#sendDefence(defending, query, now);
    this.#dispatch(plain, timing, query, now);
  }

  #repliesTo({ received, questions, known }: CollectedQuery): readonly Reply[] {
    const replies: Reply[] = [];
    for (const question of questions) {
      const finding = findAnswers(question, received.family, this.#registry);
      if (finding === undefined) continue;
      const sets = finding.sets.filter((set) => !known.suppress(set));
      const suppressed = finding.sets.length - sets.length;
      if (suppressed > 0) this.#context.counters.add("answers-suppressed", suppressed);
      replies.push({ question, finding, sets });
    }
    return replies;
  }

  /**
   * RFC 6762 §6: no delay when nobody else can have anything to say to the query; §6.3: so it is of
   * several questions only when every one of them is about what is solely ours.
   */
  #delayFor({ questions }: CollectedQuery, replies: readonly Reply[]): Duration {
    const isAllOurs = replies.length === questions.length;
    if (isAllOurs && replies.every(({ finding }) => finding.isSole)) return AT_ONCE;
    return milliseconds(
      this.#context.random.integer(SHARED_RESPONSE_DELAY_MIN, SHARED_RESPONSE_DELAY_MAX),
    );
  }

  /**
   * RFC 6762 §5.4: QU questions are answered by unicast, but what was not multicast within a quarter
   * of its TTL is multicast instead.
   */
  #route({ question, sets }: Reply, received: Received, outgoing: Outgoing, now: Instant): void {
    const wantsUnicast = this.#wantsUnicast(question, received);
    for (const set of sets) {
      const toGroup = !wantsUnicast || isStale(set, received, now);
      (toGroup ? outgoing.multicast : outgoing.unicast).add(set);
    }
  }

  /** RFC 6762 §5.4: a QU probe always gets its unicast answer, and a multicast where that is due. */
  #routeDefence(
    { question, finding }: Reply,
    received: Received,
    outgoing: Outgoing,
    now: Instant,
  ): void {
    const wantsUnicast = this.#wantsUnicast(question, received);
    for (const set of finding.sets) {
      if (wantsUnicast) outgoing.unicast.add(set);
      if (!wantsUnicast || isStale(set, received, now)) outgoing.multicast.add(set);
    }
  }

  /**
   * By QU bit (RFC 6762 §5.4) or by how the query came (§5.5). Not to a source that would ignore it
   * as off-link (§11), nor to another process of this host, whose packet might come to ourselves.
   */
  #wantsUnicast(question: Question, { arrival, source, fromThisHost }: Received): boolean {
    if (!question.unicastResponse && arrival.to === "group") return false;
    return !fromThisHost && isOnLink(this.#context.link, source.address);
  }

  #dispatch(outgoing: Outgoing, timing: Timing, query: CollectedQuery, now: Instant): void {
    const { received, known } = query;
    const { multicast, unicast } = outgoing;
    if (unicast.size > 0) {
      this.scheduler.unicast([...unicast], unicastTarget(received), timing, known, now);
    }
    if (multicast.size > 0) {
      this.scheduler.multicast([...multicast], received.family, timing, known, now);
    }
  }

  /**
   * RFC 6762 §6: a defence is sent at once; by multicast, as soon as 250 ms have passed since the
   * record was last sent so.
   */
  #sendDefence(outgoing: Outgoing, query: CollectedQuery, now: Instant): void {
    const interval = PROBE_DEFENCE_INTERVAL_MIN;
    const byDue = new Map<Instant, Set<OwnSet>>();
    for (const set of outgoing.multicast) {
      const due = latest(now, after(set.multicastAt(query.received.family), interval));
      const sets = byDue.get(due) ?? new Set<OwnSet>();
      byDue.set(due, sets.add(set));
    }
    const noSets = new Set<OwnSet>();
    const timing = { servedSince: NEVER, patience: AT_ONCE, interval };
    this.#dispatch(new Outgoing(noSets, outgoing.unicast), { ...timing, due: now }, query, now);
    for (const [due, sets] of byDue) {
      this.#dispatch(new Outgoing(sets, noSets), { ...timing, due }, query, now);
    }
  }

  #answerLegacy(query: CollectedQuery, now: Instant): void {
    const replies = this.#repliesTo(query);
    const sets = new Set(replies.flatMap((reply) => reply.sets));
    if (sets.size === 0) return;
    this.#legacy.respond([...sets], query.received, this.#delayFor(query, replies), now);
  }
}

/** Answers by the way they go; a set that two questions ask for goes once each way. */
class Outgoing {
  readonly multicast: Set<OwnSet>;
  readonly unicast: Set<OwnSet>;

  constructor(multicast = new Set<OwnSet>(), unicast = new Set<OwnSet>()) {
    this.multicast = multicast;
    this.unicast = unicast;
  }
}

/** RFC 6762 §6: a probe has a proposed record in its authority section that answers its question. */
function isDefence({ question, finding }: Reply, { message }: Received): boolean {
  if (finding.owner.claim.state !== "established") return false;
  return message.authorities.some((record) => record.name.equals(question.name));
}

function isStale(set: OwnSet, { family }: Received, now: Instant): boolean {
  return after(set.multicastAt(family), quarterOf(set.ttl)) < now;
}

function quarterOf(ttl: Duration): Duration {
  return milliseconds(ttl / UNICAST_RESPONSE_TTL_DIVISOR);
}

function unicastTarget({ family, source, arrival }: Received): UnicastTarget {
  return { family, endpoint: source, from: arrival };
}
