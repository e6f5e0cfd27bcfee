/**
 * A look-up by Multicast DNS of a name and of what its aliases lead to: asked for on the chosen links
 * until it can be known that no more will come, or for as long as the caller waits.
 *
 * Theory of operation: whatever comes in has the look-up judged, once an instant. What to make of the
 * answers, and when they are all, is the judge's matter: `address-lookup.ts`, `record-lookup.ts`.
 */

import type { LinkFilter } from "../core/link.ts";
import { after, earliest, type Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import { SETTLE_WAIT } from "./constants.ts";
import { Evaluation } from "./evaluation.ts";
import {
  chosenLinkCount,
  type Finish,
  type Lookup,
  type LookupContext,
  type StepOutcome,
  silence,
  type TimeLimit,
} from "./lookup-context.ts";
import { aliasOutcome, NameChain, type Walk } from "./name-chain.ts";
import { askedName } from "./routing.ts";

export interface ChainQuestion {
  /** As the caller has it. */
  readonly name: Name;
  readonly types: readonly number[];
  readonly links: LinkFilter;
  /** Which names that an alias leads to are not asked for on the links. */
  readonly isElsewhere: (name: Name) => boolean;
}

/** What is to be made of what is known. */
export interface Judgement {
  /** When it is final, if nothing more comes. */
  readonly finalAt: Instant;
  /** Undefined: nothing was found. */
  readonly found: StepOutcome | undefined;
  /** Told when it was final before the time was over. */
  readonly handleFinal?: () => void;
}

export interface ChainJudge {
  judge(lookup: ChainLookup, walk: Walk, now: Instant): Judgement;
}

export class ChainLookup implements Lookup {
  readonly #context: LookupContext;
  readonly #links: LinkFilter;
  readonly #limit: TimeLimit;
  readonly #judge: ChainJudge;
  readonly #finish: Finish;
  readonly #chain: NameChain;
  readonly #evaluation: Evaluation;
  /** What it is remembered by when nobody answers. */
  readonly key: string;
  #begunAt: Instant | undefined;

  constructor(
    context: LookupContext,
    { name, types, links, isElsewhere }: ChainQuestion,
    limit: TimeLimit,
    judge: ChainJudge,
    finish: Finish,
  ) {
    this.#context = context;
    this.#links = links;
    this.#limit = limit;
    this.#judge = judge;
    this.#finish = finish;
    const question = { name: askedName(name, "mdns"), types, links };
    this.key = context.inquiries.keyOf(question.name, types, links);
    this.#evaluation = new Evaluation(context.host, (now) => this.#evaluate(now));
    this.#chain = new NameChain(context.inquiries, question, isElsewhere, (now) =>
      this.#evaluation.at(now),
    );
  }

  begin(now: Instant): void {
    this.#begunAt = now;
    this.#evaluate(now);
  }

  cancel(now: Instant): void {
    this.#evaluation.end();
    this.#chain.close(now);
  }

  /** Whether anything of any name of the chain was heard of. */
  get hasHeard(): boolean {
    return this.#chain.heardAt !== undefined;
  }

  get lastHeardAt(): Instant | undefined {
    return this.#chain.lastHeardAt;
  }

  /** When all links have had their chance to answer. What was known from the start needs none. */
  settledAt(now: Instant): Instant {
    const { heardAt } = this.#chain;
    if (heardAt === undefined || heardAt === this.#begunAt) return now;
    return chosenLinkCount(this.#context.host, this.#links) > 1 ? after(heardAt, SETTLE_WAIT) : now;
  }

  #evaluate(now: Instant): void {
    const walk = this.#chain.walk(now);
    if (this.hasHeard) this.#context.absences.forget(this.key);
    const { finalAt, found, handleFinal } = this.#judge.judge(this, walk, now);
    if (finalAt <= now) {
      handleFinal?.();
      this.#end(found ?? this.#nothing(walk, now), now);
    } else if (this.#limit.at <= now) {
      this.#end(found ?? this.#nothingInTime(walk, now), now);
    } else {
      this.#evaluation.at(earliest(finalAt, this.#limit.at));
    }
  }

  #end(outcome: StepOutcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
  }

  #nothing(walk: Walk, now: Instant): StepOutcome {
    const departure = aliasOutcome(this.#chain.root, walk, this.#context.own, now);
    return departure ?? { kind: this.hasHeard ? "no-data" : "no-such-name" };
  }

  #nothingInTime(walk: Walk, now: Instant): StepOutcome {
    if (this.hasHeard) return this.#nothing(walk, now);
    if (this.#limit.extent === "full") this.#context.absences.remember(this.key, now);
    return silence(this.#limit);
  }
}
