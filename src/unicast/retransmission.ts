/**
 * How long a server is waited for before the question goes out again: from measured round trips
 * (RFC 6298 §2 has the estimate), growing exponentially (RFC 1536 §1).
 */

import { type Duration, milliseconds } from "../core/time.ts";
import {
  PATIENCE_GROWTH,
  PATIENCE_MAX,
  PATIENCE_MIN,
  PATIENCE_UNKNOWN,
  PATIENCE_UNKNOWN_STREAM,
  RTT_DECAY,
} from "./constants.ts";

/** RFC 6298 §2: weights of a new sample in the mean and in the variation. */
const MEAN_GAIN = 1 / 8;
const VARIATION_GAIN = 1 / 4;

/** Round trips of a question by a new connection: one for the handshake, one to be generous. */
const HANDSHAKE_FACTOR = 3;

/** RFC 6298 §2: variations beyond the mean that a round trip may take. */
const VARIATIONS = 4;

export class RoundTrip {
  #mean: number | undefined;
  #variation = 0;

  /** Undefined until one was measured. */
  get mean(): Duration | undefined {
    return this.#mean === undefined ? undefined : milliseconds(this.#mean);
  }

  measure(sample: Duration): void {
    if (this.#mean === undefined) {
      this.#mean = sample;
      this.#variation = sample / 2;
      return;
    }
    const deviation = Math.abs(this.#mean - sample);
    this.#variation += VARIATION_GAIN * (deviation - this.#variation);
    this.#mean += MEAN_GAIN * (sample - this.#mean);
  }

  /** The server was not chosen: what is known of it grows old. */
  decay(): void {
    if (this.#mean !== undefined) this.#mean *= RTT_DECAY;
  }

  forget(): void {
    this.#mean = undefined;
    this.#variation = 0;
  }

  /**
   * Until the next server, or the same again, is asked; `round` counts the times around from 0.
   * `isHandshake`: by TCP to a server that is measured by UDP.
   */
  patience(round: number, isStream: boolean, isHandshake: boolean): Duration {
    const unknown = isStream ? PATIENCE_UNKNOWN_STREAM : PATIENCE_UNKNOWN;
    const known = this.#mean === undefined ? unknown : this.#mean + VARIATIONS * this.#variation;
    const base = isHandshake ? known * HANDSHAKE_FACTOR : known;
    const bounded = Math.min(Math.max(base, PATIENCE_MIN), PATIENCE_MAX);
    return milliseconds(bounded * PATIENCE_GROWTH ** round);
  }
}
