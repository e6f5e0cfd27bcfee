/**
 * The clock of production: boot time, so that the time a host sleeps counts.
 *
 * Theory of operation: the monotonic clock stands still while the host is suspended, boot time does
 * not. `now` is the monotonic clock plus all that boot time has been seen to grow beyond it. A growth
 * above what the readings' coarseness explains is a suspend, told to `onWake`.
 */

import { uptime } from "node:os";
import { type Duration, type Instant, instant, milliseconds } from "../core/time.ts";
import { readBootTime } from "./native/boot-time.ts";

/** When this process was started, by a clock of its own. */
export const PROCESS_START = instant(0);

/** A growth of boot time beyond the monotonic clock from which on it was a suspend. */
const SUSPEND_MIN = 250;

/** How often boot time is looked at where a look costs a file read. */
const LOOK_INTERVAL = 100;

/** Reads boot time; both in milliseconds. */
export interface ClockReadings {
  monotonic(): number;
  boot(): number;
  /** Monotonic time between two looks at `boot`. */
  readonly lookInterval: number;
}

export class BootClock {
  readonly #readings: ClockReadings;
  readonly #aheadAtStart: number;
  #suspended = 0;
  #lookedAt: number;
  /** Called from within `now` with how long the host slept, before `now` returns. */
  onWake: ((slept: Duration) => void) | undefined;

  constructor(readings: ClockReadings = systemReadings()) {
    this.#readings = readings;
    this.#lookedAt = readings.monotonic();
    this.#aheadAtStart = readings.boot() - this.#lookedAt;
  }

  now(): Instant {
    const monotonic = this.#readings.monotonic();
    if (monotonic - this.#lookedAt >= this.#readings.lookInterval) this.#look(monotonic);
    return instant(Math.floor(monotonic + this.#suspended));
  }

  #look(monotonic: number): void {
    this.#lookedAt = monotonic;
    const ahead = this.#readings.boot() - monotonic - this.#aheadAtStart;
    const slept = ahead - this.#suspended;
    if (slept < SUSPEND_MIN) return;
    this.#suspended = ahead;
    this.onWake?.(milliseconds(slept));
  }
}

function systemReadings(): ClockReadings {
  const native = readBootTime();
  return {
    monotonic: () => performance.now(),
    boot: native ?? (() => uptime() * 1000),
    lookInterval: native === undefined ? LOOK_INTERVAL : 0,
  };
}
