/**
 * What a group of services is called now, and why: the original name, or one with a number after it
 * was lost (RFC 6762 §9). One plan serves all services of the group on all links.
 */

import { after, between, type Duration, type Instant } from "../core/time.ts";
import { RECLAIM_INTERVAL_FIRST, RECLAIM_INTERVAL_MAX, RENAME_CALM } from "./constants.ts";
import { numberedInstance, numberOf, waitAfter } from "./instance-name.ts";
import type { RecordRival } from "./record-port.ts";

type Standing =
  /** The name is being probed for, or is about to be. */
  | { readonly state: "claiming" }
  | { readonly state: "held"; readonly since: Instant }
  /** Too many names were lost one after the other: nothing is claimed before `until`. */
  | { readonly state: "waiting"; readonly until: Instant };

export class InstancePlan {
  readonly original: string;
  #number: number;
  #standing: Standing = { state: "claiming" };
  /** Renames since a name was last held for long. */
  #renames = 0;
  #rival: RecordRival | undefined;
  #reclaimInterval: Duration = RECLAIM_INTERVAL_FIRST;

  /** `remembered`: what the group was called when it was last published. */
  constructor(original: string, remembered: string | undefined) {
    this.original = original;
    this.#number = remembered === undefined ? 1 : numberOf(original, remembered);
  }

  get instance(): string {
    return numberedInstance(this.original, this.#number);
  }

  get isOriginal(): boolean {
    return this.#number === 1;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Who has the original name, as far as is known. */
  get rival(): RecordRival | undefined {
    return this.#rival;
  }

  /** How long until the original is tried for. */
  get reclaimInterval(): Duration {
    return this.#reclaimInterval;
  }

  /** The name is ours on a link. */
  hold(now: Instant): void {
    if (this.#standing.state === "claiming") this.#standing = { state: "held", since: now };
  }

  /** The name is another group's of this program: the next one is taken without a wait. */
  yield(): void {
    this.#number++;
    this.#standing = { state: "claiming" };
  }

  /** The name is somebody else's; the next one is claimed at the instant that is returned. */
  lose(rival: RecordRival, now: Instant): Instant {
    const held = this.#standing.state === "held" ? between(this.#standing.since, now) : 0;
    if (held >= RENAME_CALM) this.#renames = 0;
    if (this.isOriginal) this.#rival = rival;
    this.#number++;
    this.#renames++;
    const until = after(now, waitAfter(this.#renames));
    this.#standing = until > now ? { state: "waiting", until } : { state: "claiming" };
    return until;
  }

  /** The wait is over. */
  claim(): void {
    this.#standing = { state: "claiming" };
  }

  /** The original was tried for in vain. */
  missOriginal(rival: RecordRival | undefined): void {
    this.#rival = rival;
    this.#lengthenInterval();
  }

  /** The original is ours again. Should it be lost soon, the next attempt waits longer. */
  takeOriginal(now: Instant): void {
    this.#number = 1;
    this.#rival = undefined;
    this.#standing = { state: "held", since: now };
    this.#lengthenInterval();
  }

  #lengthenInterval(): void {
    this.#reclaimInterval = Math.min(2 * this.#reclaimInterval, RECLAIM_INTERVAL_MAX) as Duration;
  }
}
