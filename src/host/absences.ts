/**
 * Names, and families of names, that a look-up has just found nobody to answer for: so that a program
 * which asks again at once is told at once.
 */

import { BoundedMap } from "../core/bounded.ts";
import { after, type Instant } from "../core/time.ts";
import { ABSENCE_TIME, ABSENCES_MAX } from "./constants.ts";

export class Absences {
  /** Until when each holds. */
  readonly #until = new BoundedMap<string, Instant>(ABSENCES_MAX);

  get size(): number {
    return this.#until.size;
  }

  remember(key: string, now: Instant): void {
    this.#until.set(key, after(now, ABSENCE_TIME));
  }

  has(key: string, now: Instant): boolean {
    const until = this.#until.peek(key);
    if (until === undefined) return false;
    if (until > now) return true;
    this.#until.delete(key);
    return false;
  }

  /** Something was heard after all. */
  forget(key: string): void {
    this.#until.delete(key);
  }

  clear(): void {
    this.#until.clear();
  }
}
