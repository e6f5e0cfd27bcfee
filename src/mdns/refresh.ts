/**
 * When a record that somebody keeps wanting is asked for again (RFC 6762 §5.2): at 80, 85, 90 and
 * 95 per cent of its life, each plus a random 0 to 2 per cent.
 *
 * The random part is not a delay but the end of a window: the query goes with any other that leaves
 * in the window, and at its end otherwise.
 */

import { after, between, type Duration, type Instant, milliseconds } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { REFRESH_JITTER_PERCENT, REFRESH_PERCENTAGES } from "./constants.ts";

/** Of a believed entry: from its last reception to its end. */
function lifetime(entry: CacheEntry): Duration {
  return between(entry.received, entry.expires);
}

function pointAt(entry: CacheEntry, percent: number): Instant {
  return after(entry.received, milliseconds((lifetime(entry) * percent) / 100));
}

/** How many refresh points of the entry are reached. */
export function refreshPointsReached(entry: CacheEntry, now: Instant): number {
  let count = 0;
  for (const percent of REFRESH_PERCENTAGES) if (pointAt(entry, percent) <= now) count++;
  return count;
}

/** The next point that has not been acted on; when there is none, the entry's end. */
export function nextRefreshPoint(entry: CacheEntry): Instant {
  const percent = REFRESH_PERCENTAGES[entry.refreshes];
  if (percent === undefined || entry.belief === "doubted") return entry.expires;
  return pointAt(entry, percent);
}

/** The longest that a refresh may be put off to go together with others. */
export function refreshJitterMax(entry: CacheEntry): Duration {
  return milliseconds((lifetime(entry) * REFRESH_JITTER_PERCENT) / 100);
}

/**
 * Whether the entry answers a question without the link being asked: believed, with more than the
 * last fifth of its life to go.
 */
export function isFresh(entry: CacheEntry, now: Instant): boolean {
  return entry.isBelieved(now) && refreshPointsReached(entry, now) === 0;
}
