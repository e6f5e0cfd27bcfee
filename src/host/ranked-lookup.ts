/**
 * A look-up that several protocols are asked together: the first that finds something wins, with a
 * little more time for those that rank higher. Where none finds anything, the most telling of their
 * outcomes is the look-up's.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, ORIGIN } from "../core/time.ts";
import { RANK_WAIT } from "./constants.ts";
import type { HostContext, Task } from "./host-context.ts";
import type { Lookup } from "./lookup-context.ts";

/** Makes the look-up by one protocol. */
export type Entrant<Outcome> = (finish: (outcome: Outcome) => void) => Lookup;

export interface Judge<Outcome> {
  isFound(outcome: Outcome): boolean;
  /** Of two that found nothing, the one with the lesser number says more about the name. */
  failureRank(outcome: Outcome): number;
}

export class RankedLookup<Outcome> implements Lookup {
  readonly #host: HostContext;
  readonly #judge: Judge<Outcome>;
  readonly #finish: (outcome: Outcome) => void;
  readonly #lookups: readonly Lookup[];
  /** By rank; undefined while it is not known. */
  readonly #outcomes: (Outcome | undefined)[];
  #evaluation: Deadline<Task> | undefined;
  #foundAt: Instant | undefined;

  /** The entrants in the order of their rank. */
  constructor(
    host: HostContext,
    entrants: readonly Entrant<Outcome>[],
    judge: Judge<Outcome>,
    finish: (outcome: Outcome) => void,
  ) {
    this.#host = host;
    this.#judge = judge;
    this.#finish = finish;
    this.#outcomes = entrants.map(() => undefined);
    this.#lookups = entrants.map((enter, rank) =>
      enter((outcome) => this.#handleOutcome(rank, outcome)),
    );
  }

  begin(now: Instant): void {
    for (const lookup of this.#lookups) lookup.begin(now);
  }

  cancel(now: Instant): void {
    this.#host.cancel(this.#evaluation);
    for (const [rank, lookup] of this.#lookups.entries()) {
      if (this.#outcomes[rank] === undefined) lookup.cancel(now);
    }
  }

  /** Judged when the present input has been handled: others may have an outcome by then too. */
  #handleOutcome(rank: number, outcome: Outcome): void {
    this.#outcomes[rank] = outcome;
    this.#evaluateAt(ORIGIN);
  }

  #evaluateAt(at: Instant): void {
    this.#host.cancel(this.#evaluation);
    this.#evaluation = this.#host.schedule(at, { run: (now) => this.#evaluate(now) });
  }

  #evaluate(now: Instant): void {
    const best = this.#outcomes.findIndex(
      (outcome) => outcome !== undefined && this.#judge.isFound(outcome),
    );
    if (best < 0) {
      if (!this.#outcomes.includes(undefined)) this.#end(this.#failure(), now);
      return;
    }
    this.#foundAt ??= now;
    const decidedAt = after(this.#foundAt, RANK_WAIT);
    const isAwaited = this.#outcomes.slice(0, best).includes(undefined);
    if (isAwaited && now < decidedAt) this.#evaluateAt(decidedAt);
    else this.#end(this.#outcomes[best]!, now);
  }

  #failure(): Outcome {
    const failures = this.#outcomes.filter((outcome) => outcome !== undefined);
    return failures.reduce((best, next) =>
      this.#judge.failureRank(next) < this.#judge.failureRank(best) ? next : best,
    );
  }

  #end(outcome: Outcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
  }
}
