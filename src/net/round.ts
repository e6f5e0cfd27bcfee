/**
 * Rounds: what is looked at now and then, only for the case that nothing tells of a change, is looked
 * at by all at the same instants, so that a process at rest wakes up once for all of it.
 */

/** Milliseconds from one round to the next. */
const ROUND_INTERVAL = 60_000;

/** The milliseconds to wait for the next round. */
export function untilRound(now: number = performance.now()): number {
  return ROUND_INTERVAL - (Math.floor(now) % ROUND_INTERVAL);
}
