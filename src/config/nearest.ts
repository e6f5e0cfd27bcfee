/** Which word a misspelt one was probably meant to be. */

import { distance } from "fastest-levenshtein";

/** How many wrong letters a misspelt word may have. */
const EDITS_MAX = 3;

/** The candidate nearest to a misspelt word, when one is near enough to be meant. */
export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  const scored = candidates
    .map((candidate) => ({
      candidate,
      edits: distance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, edits }) => edits <= Math.min(EDITS_MAX, candidate.length / 2));
  return scored.sort((a, b) => a.edits - b.edits)[0]?.candidate;
}
