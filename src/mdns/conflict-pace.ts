/**
 * How soon a name is probed for after a conflict, so that hosts that insist on the same name cannot
 * keep the link busy (RFC 6762 §8.1, §9).
 *
 * Two rules, the longer wait counts. Of the whole link: fifteen conflicts within ten seconds bring
 * five seconds before each attempt, until there was no conflict for ten seconds. Of one name: its
 * first contest is probed for at once, the next ones after growing waits.
 */

import { BoundedMap } from "../core/bounded.ts";
import { before, type Duration, type Instant, milliseconds } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import {
  CONFLICT_PAUSE,
  CONFLICT_WINDOW,
  CONFLICTS_MAX,
  CONTEST_MEMORY,
  CONTEST_WAIT_FIRST,
  CONTESTED_NAMES_MAX,
} from "./constants.ts";

interface Contests {
  count: number;
  at: Instant;
}

const NONE = milliseconds(0);

export class ConflictPace {
  /** The last conflicts, oldest first; at most `CONFLICTS_MAX`. */
  readonly #conflicts: Instant[] = [];
  readonly #contests = new BoundedMap<string, Contests>(CONTESTED_NAMES_MAX);
  #isSlow = false;

  noteConflict(now: Instant): void {
    this.#conflicts.push(now);
    if (this.#conflicts.length < CONFLICTS_MAX) return;
    if (this.#conflicts[0]! >= before(now, CONFLICT_WINDOW)) this.#isSlow = true;
    this.#conflicts.shift();
  }

  /** An established name was contested; returns the wait before it is probed for again. */
  noteContest(name: Name, now: Instant): Duration {
    const known = this.#contests.find(name.key);
    const recent = known !== undefined && known.at >= before(now, CONTEST_MEMORY) ? known.count : 0;
    this.#contests.set(name.key, { count: recent + 1, at: now });
    if (recent === 0) return NONE;
    return Math.min(CONTEST_WAIT_FIRST * 2 ** (recent - 1), CONFLICT_PAUSE) as Duration;
  }

  /** The wait before any attempt that is to begin now. */
  waitAt(now: Instant): Duration {
    const last = this.#conflicts.at(-1);
    if (last === undefined || last < before(now, CONFLICT_WINDOW)) this.#isSlow = false;
    return this.#isSlow ? CONFLICT_PAUSE : NONE;
  }
}
