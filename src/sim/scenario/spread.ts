/** Whether the times between two labels, over all seeds, are uniformly distributed in a range. */

import type { Instant } from "../../core/time.ts";
import type { SpreadCheck } from "./syntax.ts";

/** Fewer samples than this say nothing. */
const SAMPLES_MIN = 50;

/**
 * Kolmogorov-Smirnov: the largest distance of the distributions, times the root of the number of
 * samples, is beyond this for one uniform set of samples in a thousand.
 */
const DISTANCE_MAX = 1.95;

/** Undefined when it holds, else what is wrong. */
export function checkSpread(
  spread: SpreadCheck,
  runs: readonly ReadonlyMap<string, Instant>[],
): string | undefined {
  const samples: number[] = [];
  for (const instants of runs) {
    const from = instants.get(spread.from);
    const to = instants.get(spread.to);
    if (from !== undefined && to !== undefined) samples.push(to - from);
  }
  if (samples.length < SAMPLES_MIN) {
    return `${samples.length} samples are too few; ${SAMPLES_MIN} are needed`;
  }
  samples.sort((a, b) => a - b);
  const outside = samples.find((sample) => sample < spread.min || sample > spread.max);
  if (outside !== undefined) {
    return `${outside} ms is not from ${spread.min} to ${spread.max} ms`;
  }
  const distance = distanceFromUniform(samples, spread.min, spread.max);
  if (distance * Math.sqrt(samples.length) <= DISTANCE_MAX) return undefined;
  return `the times are not uniform from ${spread.min} to ${spread.max} ms: ${samples.join(" ")}`;
}

/** Samples are whole milliseconds, so each stands for the millisecond around it. */
function distanceFromUniform(sorted: readonly number[], min: number, max: number): number {
  let distance = 0;
  sorted.forEach((sample, index) => {
    const below = (sample - min) / (max - min + 1);
    const upTo = (sample - min + 1) / (max - min + 1);
    distance = Math.max(
      distance,
      below - (index + 1) / sorted.length,
      index / sorted.length - upTo,
    );
  });
  return distance;
}
