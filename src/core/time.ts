/**
 * Instants and durations: branded integer milliseconds, so that a point in time and a length of
 * time cannot be mixed up.
 *
 * An `Instant` counts from an origin that only the clock knows (boot, in production; zero, in the
 * simulator). Engines compare and add them, and never read a clock themselves.
 */

declare const instantBrand: unique symbol;
declare const durationBrand: unique symbol;

/** A point in time: integer milliseconds since the clock's origin. Never goes back. */
export type Instant = number & { readonly [instantBrand]: true };

/** A length of time: integer milliseconds. */
export type Duration = number & { readonly [durationBrand]: true };

/** Later than every instant: the deadline of something that has none. */
export const NEVER = Number.POSITIVE_INFINITY as Instant;

/** The clock's origin. */
export const ORIGIN = 0 as Instant;

export function instant(millisecondsSinceOrigin: number): Instant {
  return Math.round(millisecondsSinceOrigin) as Instant;
}

export function milliseconds(count: number): Duration {
  return Math.round(count) as Duration;
}

export function seconds(count: number): Duration {
  return Math.round(count * 1000) as Duration;
}

export function minutes(count: number): Duration {
  return Math.round(count * 60_000) as Duration;
}

export function hours(count: number): Duration {
  return Math.round(count * 3_600_000) as Duration;
}

/** The instant `duration` after `start`. */
export function after(start: Instant, duration: Duration): Instant {
  return (start + duration) as Instant;
}

/** The instant `duration` before `end`. */
export function before(end: Instant, duration: Duration): Instant {
  return (end - duration) as Instant;
}

/** How long it is from `earlier` to `later`; negative when they are in the other order. */
export function between(earlier: Instant, later: Instant): Duration {
  return (later - earlier) as Duration;
}

export function earliest(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
