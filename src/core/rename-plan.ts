/**
 * What something is called now, and why: its original name, or that name with a number after it was
 * lost to somebody else (RFC 6762 §9). How a name is numbered is its owner's affair.
 *
 * Renames are prompt until there are many in a series, then they wait, longer each time. When the
 * original is to be tried for again follows from how it fared the last time.
 */

import {
  after,
  between,
  type Duration,
  hours,
  type Instant,
  milliseconds,
  minutes,
  seconds,
} from "./time.ts";

/** Renames one after the other that happen at once; from then on each waits (RFC 6762 §9). */
const RENAMES_PROMPT = 8;

/** The wait before the first rename beyond those, doubling up to the longest. */
const RENAME_WAIT_FIRST = seconds(5);
const RENAME_WAIT_MAX = minutes(5);

/** A name held this long ends a series of renames. */
const RENAME_CALM = minutes(1);

/** When a lost name is tried for again, the intervals doubling up to the longest. */
export const RECLAIM_INTERVAL_FIRST = minutes(1);
const RECLAIM_INTERVAL_MAX = hours(1);

/** A reclaimed name held this long makes the next loss start at the first interval again. */
const RECLAIM_CALM = minutes(10);

/** A remembered name with a higher number is not taken up again at start. */
export const REMEMBERED_NUMBER_MAX = 99;

/** Names of one original, by number. */
export interface Numbering {
  /** The original for 1, another name for each further number. */
  nameOf(original: string, number: number): string;
  /** Which number gave the name; undefined where none did (the original was another then). */
  numberOf(original: string, name: string): number | undefined;
}

type Standing =
  /** The name is being probed for, or is about to be. */
  | { readonly state: "claiming" }
  | { readonly state: "held"; readonly since: Instant }
  /** Too many names were lost one after the other: nothing is claimed before `until`. */
  | { readonly state: "waiting"; readonly until: Instant };

export class RenamePlan<Rival> {
  readonly original: string;
  readonly #numbering: Numbering;
  #number: number;
  #standing: Standing = { state: "claiming" };
  /** Renames since a name was last held for long. */
  #renames = 0;
  #rival: Rival | undefined;
  #reclaimInterval: Duration = RECLAIM_INTERVAL_FIRST;

  /** `remembered`: what it was called when the program last ran. */
  constructor(original: string, remembered: string | undefined, numbering: Numbering) {
    this.original = original;
    this.#numbering = numbering;
    this.#number = (remembered && numbering.numberOf(original, remembered)) || 1;
  }

  get name(): string {
    return this.#numbering.nameOf(this.original, this.#number);
  }

  get isOriginal(): boolean {
    return this.#number === 1;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** Who has the original name, as far as is known. */
  get rival(): Rival | undefined {
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

  /** The name belongs to another part of this program: the next one is taken without a wait. */
  yield(): void {
    this.#number++;
    this.#standing = { state: "claiming" };
  }

  /** The name is somebody else's; the next one is claimed at the instant that is returned. */
  lose(rival: Rival, now: Instant): Instant {
    const held = this.#standing.state === "held" ? between(this.#standing.since, now) : 0;
    if (held >= RENAME_CALM) this.#renames = 0;
    if (this.isOriginal) {
      this.#rival = rival;
      if (held >= RECLAIM_CALM) this.#reclaimInterval = RECLAIM_INTERVAL_FIRST;
    }
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
  missOriginal(rival: Rival | undefined): void {
    this.#rival = rival;
    this.#reclaimInterval = nextReclaimInterval(this.#reclaimInterval);
  }

  /** The original is ours again. Should it be lost soon, the next attempt waits longer. */
  takeOriginal(now: Instant): void {
    this.#number = 1;
    this.#rival = undefined;
    this.#standing = { state: "held", since: now };
    this.#reclaimInterval = nextReclaimInterval(this.#reclaimInterval);
  }
}

export function nextReclaimInterval(interval: Duration): Duration {
  return Math.min(2 * interval, RECLAIM_INTERVAL_MAX) as Duration;
}

/** How long the next name waits after this many renames in a series. */
function waitAfter(renames: number): Duration {
  const beyond = renames - RENAMES_PROMPT;
  if (beyond <= 0) return milliseconds(0);
  return milliseconds(Math.min(RENAME_WAIT_FIRST * 2 ** (beyond - 1), RENAME_WAIT_MAX));
}
