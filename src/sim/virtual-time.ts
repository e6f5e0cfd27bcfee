/**
 * Virtual time: one deadline queue holds everything that will happen as closures, and `run` takes
 * them out in order and moves `now`. What is planned for one instant happens in the order of planning.
 */

import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import { type Instant, latest, NEVER, ORIGIN } from "../core/time.ts";

export type Occurrence = () => void;

export class VirtualTime {
  readonly #queue = new DeadlineQueue<Occurrence>();
  #now: Instant = ORIGIN;

  get now(): Instant {
    return this.#now;
  }

  /** What is planned for the past happens now. */
  plan(at: Instant, occurrence: Occurrence): Deadline<Occurrence> {
    return this.#queue.schedule(latest(at, this.#now), occurrence);
  }

  /**
   * Moves what is planned, or plans it when there is nothing: with `NEVER` there will be nothing.
   * Returns what stands in its place.
   */
  replan(
    planned: Deadline<Occurrence> | undefined,
    at: Instant,
    occurrence: Occurrence,
  ): Deadline<Occurrence> | undefined {
    const due = at === NEVER ? NEVER : latest(at, this.#now);
    if (planned?.at === due && this.#queue.isPending(planned)) return planned;
    this.#queue.cancel(planned);
    return due === NEVER ? undefined : this.#queue.schedule(due, occurrence);
  }

  cancel(planned: Deadline<Occurrence> | undefined): void {
    this.#queue.cancel(planned);
  }

  /** Lets time pass up to and including `until`. */
  run(until: Instant): void {
    for (let next = this.#queue.next; next <= until; next = this.#queue.next) {
      this.#now = latest(this.#now, next);
      this.#queue.pop(next)!();
    }
    this.#now = latest(this.#now, until);
  }
}
