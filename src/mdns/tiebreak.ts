/** Simultaneous probe tiebreaking (RFC 6762 §8.2, §8.2.1): whose proposed records are later. */

import type { ResourceRecord } from "../wire/record.ts";
import { compareRecords } from "../wire/record-order.ts";

/**
 * What the comparison says of `ours`; `same` is no conflict: two hosts offer the same data.
 *
 * Both sets are sorted and compared pair by pair; the first difference decides, and of two sets
 * where one is the beginning of the other, the longer wins.
 */
export function breakTie(
  ours: readonly ResourceRecord[],
  theirs: readonly ResourceRecord[],
): "won" | "lost" | "same" {
  const ourSorted = [...ours].sort(compareRecords);
  const theirSorted = [...theirs].sort(compareRecords);
  const pairs = Math.min(ourSorted.length, theirSorted.length);
  for (let index = 0; index < pairs; index++) {
    const difference = compareRecords(ourSorted[index]!, theirSorted[index]!);
    if (difference !== 0) return difference > 0 ? "won" : "lost";
  }
  const more = ourSorted.length - theirSorted.length;
  if (more === 0) return "same";
  return more > 0 ? "won" : "lost";
}
