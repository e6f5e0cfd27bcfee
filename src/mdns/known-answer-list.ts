/**
 * The known answers that go with our queries (RFC 6762 §7.1), so that nobody sends them again.
 *
 * `LinkContext.send` spreads them over packets (§7.2).
 */

import type { Instant } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { CacheEntry } from "./cache-entry.ts";
import { KNOWN_ANSWERS_MAX } from "./constants.ts";

/**
 * RFC 6762 §7.1: only records with more than half of their TTL left are listed; the others are to be
 * sent again. Doubted records are to be confirmed, so they are not listed either.
 */
export function isKnownAnswer(entry: CacheEntry, now: Instant): boolean {
  return entry.isBelieved(now) && entry.remainingTtl(now) * 2 > entry.ttl;
}

/** The list for these entries, without duplicates, at most `KNOWN_ANSWERS_MAX` long. */
export function knownAnswerList(
  entries: Iterable<CacheEntry>,
  now: Instant,
): readonly ResourceRecord[] {
  const listed = new Set<CacheEntry>();
  for (const entry of entries) {
    if (listed.size >= KNOWN_ANSWERS_MAX) break;
    if (isKnownAnswer(entry, now)) listed.add(entry);
  }
  return Array.from(listed, (entry) => ({
    ...entry.record,
    ttl: entry.remainingTtl(now),
    // RFC 6762 §10.2: never set in a known-answer list.
    cacheFlush: false,
  }));
}
