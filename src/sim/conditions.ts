/** What a simulated link does to packets: delay, loss, duplication, reordering. */

import type { Random } from "../core/random.ts";
import { type Duration, milliseconds } from "../core/time.ts";

/** Probabilities are from 0 to 1 and hold for each receiver of a packet on its own. */
export interface Conditions {
  readonly latency: Duration;
  /** A uniformly distributed addition to the latency, up to this. */
  readonly jitter: Duration;
  readonly loss: number;
  readonly duplication: number;
  /** How often a packet is held back so that later ones overtake it, and for how long. */
  readonly reordering: number;
  readonly reorderingDelay: Duration;
}

export const PERFECT_CONDITIONS: Conditions = {
  latency: milliseconds(1),
  jitter: milliseconds(0),
  loss: 0,
  duplication: 0,
  reordering: 0,
  reorderingDelay: milliseconds(50),
};

const RESOLUTION = 1_000_000;

/** True with the given probability. Draws nothing when the outcome is certain. */
export function chance(random: Random, probability: number): boolean {
  if (probability <= 0) return false;
  return random.integer(1, RESOLUTION) <= probability * RESOLUTION;
}

/** The delays after which one receiver gets a packet: none when lost, two when duplicated. */
export function deliveryDelays(conditions: Conditions, random: Random): readonly Duration[] {
  if (chance(random, conditions.loss)) return [];
  const first = deliveryDelay(conditions, random);
  if (!chance(random, conditions.duplication)) return [first];
  return [first, deliveryDelay(conditions, random)];
}

function deliveryDelay(conditions: Conditions, random: Random): Duration {
  let delay: number = conditions.latency;
  if (conditions.jitter > 0) delay += random.integer(0, conditions.jitter);
  if (chance(random, conditions.reordering)) delay += conditions.reorderingDelay;
  return milliseconds(delay);
}
