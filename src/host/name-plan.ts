/**
 * What this host is called now, and why: the original label or one with a suffix after it was lost
 * (RFC 6762 §9). One plan serves all links, or each link has its own.
 */

import { after, between, type Duration, type Instant } from "../core/time.ts";
import type { Rival } from "../mdns/types.ts";
import {
  RECLAIM_CALM,
  RECLAIM_INTERVAL_FIRST,
  RECLAIM_INTERVAL_MAX,
  RENAME_CALM,
} from "./constants.ts";
import { attemptOf, suffixedLabel, waitAfter } from "./rename.ts";

type Standing =
  /** The label is being probed for, or is about to be. */
  | { readonly state: "claiming" }
  | { readonly state: "held"; readonly since: Instant }
  /** Too many labels were lost one after the other: nothing is claimed before `until`. */
  | { readonly state: "waiting"; readonly until: Instant };

export class NamePlan {
  readonly original: string;
  #attempt: number;
  #standing: Standing = { state: "claiming" };
  /** Renames since a label was last held for long. */
  #renames = 0;
  #rival: Rival | undefined;
  #reclaimInterval: Duration = RECLAIM_INTERVAL_FIRST;

  /** `remembered`: what the host was called when it last ran. */
  constructor(original: string, remembered: string | undefined) {
    this.original = original;
    this.#attempt = (remembered && attemptOf(original, remembered)) || 1;
  }

  get label(): string {
    return suffixedLabel(this.original, this.#attempt);
  }

  get isOriginal(): boolean {
    return this.#attempt === 1;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Who has the original label, as far as is known. */
  get rival(): Rival | undefined {
    return this.#rival;
  }

  /** How long until the original is tried for. */
  get reclaimInterval(): Duration {
    return this.#reclaimInterval;
  }

  /** The label is ours on a link. */
  hold(now: Instant): void {
    if (this.#standing.state === "claiming") this.#standing = { state: "held", since: now };
  }

  /** The label is somebody else's; the next one is claimed at the instant that is returned. */
  lose(rival: Rival, now: Instant): Instant {
    const held = this.#standing.state === "held" ? between(this.#standing.since, now) : 0;
    if (held >= RENAME_CALM) this.#renames = 0;
    if (this.isOriginal) {
      this.#rival = rival;
      if (held >= RECLAIM_CALM) this.#reclaimInterval = RECLAIM_INTERVAL_FIRST;
    }
    this.#attempt++;
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
  missOriginal(rival: Rival): void {
    this.#rival = rival;
    this.#lengthenInterval();
  }

  /** The original is ours again. Should it be lost soon, the next attempt waits longer. */
  takeOriginal(now: Instant): void {
    this.#attempt = 1;
    this.#rival = undefined;
    this.#standing = { state: "held", since: now };
    this.#lengthenInterval();
  }

  #lengthenInterval(): void {
    this.#reclaimInterval = Math.min(2 * this.#reclaimInterval, RECLAIM_INTERVAL_MAX) as Duration;
  }
}
