/**
 * A look-up that several protocols are asked together: the first that finds something wins, with a
 * little more time for those that rank higher. Where none finds anything, the most telling of their
 * outcomes is the look-up's.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, ORIGIN } from "../core/time.ts";
import { RANK_WAIT } from "./constants.ts";
import type { HostContext, Task } from "./host-context.ts";
import type { Finish, Lookup } from "./lookup-context.ts";
import type { LookupOutcome } from "./types.ts";

/** Makes the look-up by one protocol. */
export type Entrant = (finish: Finish) => Lookup;

/** What says more about a name that was not found, first. */
const FAILURE_RANK = ["no-data", "no-such-name", "timed-out", "refused", "unavailable"];

export class RankedLookup implements Lookup {
  readonly #host: HostContext;
  readonly #finish: Finish;
  readonly #lookups: readonly Lookup[];
  /** By rank; undefined while it is not known. */
  readonly #outcomes: (LookupOutcome | undefined)[];
  #evaluation: Deadline<Task> | undefined;
  #foundAt: Instant | undefined;

  /** The entrants in the order of their rank. */
  constructor(host: HostContext, entrants: readonly Entrant[], finish: Finish) {
    this.#host = host;
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
  #handleOutcome(rank: number, outcome: LookupOutcome): void {
    this.#outcomes[rank] = outcome;
    this.#evaluateAt(ORIGIN);
  }

  #evaluateAt(at: Instant): void {
    this.#host.cancel(this.#evaluation);
    this.#evaluation = this.#host.schedule(at, { run: (now) => this.#evaluate(now) });
  }

  #evaluate(now: Instant): void {
    const best = this.#outcomes.findIndex((outcome) => outcome !== undefined && isFound(outcome));
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

  #failure(): LookupOutcome {
    const byRank = FAILURE_RANK.map((kind) =>
      this.#outcomes.find((outcome) => outcome?.kind === kind),
    );
    return byRank.find((outcome) => outcome !== undefined)!;
  }

  #end(outcome: LookupOutcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
  }
}

function isFound({ kind }: LookupOutcome): boolean {
  return kind === "addresses" || kind === "names" || kind === "records";
}
