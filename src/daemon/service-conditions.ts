/**
 * `when:` of service definitions: looks again and again whether something answers, and tells when it
 * begins or ceases to.
 *
 * Theory of operation: services with the same condition share its looks. The first success counts at
 * once; an end counts after two failures in a row, the second look coming soon, so that one lost
 * packet withdraws nothing and a stopped program is withdrawn long before the next round; after an
 * end, a beginning counts after two successes in a row. Looks are spread by a random tenth of their
 * interval, and only a few are under way at once.
 */

import type { LookupFunction } from "node:net";
import type { Condition } from "../config/service-definition.ts";
import type { Random } from "../core/random.ts";
import { type CheckResult, checkCondition } from "./condition-check.ts";

/** Looks under way at once. */
export const CHECKS_MAX = 4;

/** Failures in a row after which it has ended. */
const FAILURES_TO_END = 2;

/** Successes in a row after which it has begun again. */
const SUCCESSES_TO_RETURN = 2;

/** Milliseconds until a result that would change something is looked at again. */
export const CONFIRMATION_WAIT = 1000;

/** The part of its interval by which a look may come sooner or later. */
const SPREAD = 0.1;

export type ConditionState =
  | { readonly state: "unknown" }
  | { readonly state: "met" | "unmet"; readonly reason: string };

interface Watched {
  readonly condition: Condition;
  readonly abort: AbortController;
  current: ConditionState;
  /** Results in a row that speak against the current state. */
  contrary: number;
  timer: NodeJS.Timeout | undefined;
}

export interface ServiceConditionsOptions {
  readonly random: Random;
  /** For the names of hosts in conditions. */
  readonly lookup: LookupFunction;
  /** A condition is met now, or no longer. */
  readonly onChange: (condition: Condition, state: ConditionState) => void;
  /** Default: `checkCondition`. */
  readonly check?: typeof checkCondition;
}

export class ServiceConditions {
  readonly #options: ServiceConditionsOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #waiting = new Set<Watched>();
  #underWay = 0;

  constructor(options: ServiceConditionsOptions) {
    this.#options = options;
  }

  /** From now on these are looked at and no others; what is known of those that stay is kept. */
  follow(conditions: readonly Condition[]): void {
    const wanted = new Map(conditions.map((condition) => [keyOf(condition), condition]));
    for (const [key, watched] of this.#watched) {
      if (!wanted.has(key)) this.#forget(key, watched);
    }
    for (const [key, condition] of wanted) {
      if (!this.#watched.has(key)) this.#begin(key, condition);
    }
  }

  stateOf(condition: Condition): ConditionState {
    return this.#watched.get(keyOf(condition))?.current ?? { state: "unknown" };
  }

  close(): void {
    this.follow([]);
  }

  #begin(key: string, condition: Condition): void {
    const watched: Watched = {
      condition,
      abort: new AbortController(),
      current: { state: "unknown" },
      contrary: 0,
      timer: undefined,
    };
    this.#watched.set(key, watched);
    this.#look(watched);
  }

  #forget(key: string, watched: Watched): void {
    clearTimeout(watched.timer);
    this.#waiting.delete(watched);
    this.#watched.delete(key);
    watched.abort.abort();
  }

  #look(watched: Watched): void {
    if (this.#underWay >= CHECKS_MAX) {
      this.#waiting.add(watched);
      return;
    }
    this.#underWay++;
    const { check = checkCondition, lookup } = this.#options;
    void check(watched.condition, lookup, watched.abort.signal).then((result) => {
      this.#underWay--;
      if (!watched.abort.signal.aborted) this.#conclude(watched, result);
      this.#lookAtNext();
    });
  }

  #lookAtNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#look(next);
  }

  #conclude(watched: Watched, { answers, reason }: CheckResult): void {
    const found = answers ? "met" : "unmet";
    const before = watched.current.state;
    if (found === before) {
      watched.contrary = 0;
      watched.current = { state: found, reason };
      this.#lookAfter(watched, watched.condition.every);
      return;
    }
    watched.contrary++;
    if (before !== "unknown" && watched.contrary < resultsToBecome(found)) {
      this.#lookAfter(watched, Math.min(CONFIRMATION_WAIT, watched.condition.every));
      return;
    }
    watched.contrary = 0;
    watched.current = { state: found, reason };
    this.#lookAfter(watched, watched.condition.every);
    this.#options.onChange(watched.condition, watched.current);
  }

  #lookAfter(watched: Watched, wait: number): void {
    const spread = Math.floor(wait * SPREAD);
    const spreadWait = wait + this.#options.random.integer(-spread, spread);
    watched.timer = setTimeout(() => this.#look(watched), spreadWait);
  }
}

function resultsToBecome(state: "met" | "unmet"): number {
  return state === "met" ? SUCCESSES_TO_RETURN : FAILURES_TO_END;
}

function keyOf(condition: Condition): string {
  return JSON.stringify(condition);
}

/** Whether both share their looks. */
export function isSame(a: Condition, b: Condition): boolean {
  return keyOf(a) === keyOf(b);
}
