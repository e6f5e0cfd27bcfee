/** When an answer may be given after its time (RFC 8767). */

import { after, type Instant, seconds } from "../core/time.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { FAILURE_RECHECK } from "./constants.ts";

export type Freshness = "fresh" | "stale" | "over";

/** `staleTtl` in seconds, counted from the end of the answer's own time. */
export function freshnessOf(entry: CacheEntry, staleTtl: number, now: Instant): Freshness {
  if (entry.isFresh(now)) return "fresh";
  return now < after(entry.expires, seconds(staleTtl)) ? "stale" : "over";
}

/** RFC 8767 §5: no server answered lately, so what is stale is given without asking again. */
export function hasFailedLately(entry: CacheEntry, now: Instant): boolean {
  const { refreshFailedAt } = entry;
  return refreshFailedAt !== undefined && now < after(refreshFailedAt, FAILURE_RECHECK);
}
