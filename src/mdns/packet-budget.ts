/**
 * The cap on multicast packets a second of one link: what no storm can make us exceed.
 *
 * A token bucket that holds one second's worth, so that a legitimate burst goes out at once; what
 * exceeds it waits for the next tokens, and what exceeds the wait is dropped by the outbox.
 */

import { after, between, type Instant, milliseconds } from "../core/time.ts";

export class PacketBudget {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: Instant;

  constructor(packetsPerSecond: number, now: Instant) {
    this.#perSecond = packetsPerSecond;
    this.#tokens = packetsPerSecond;
    this.#filledAt = now;
  }

  /** Takes one packet from the budget; false when none is left. */
  tryTake(now: Instant): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next packet may go, provided that none is left now. */
  nextAt(now: Instant): Instant {
    const missing = Math.max(0, 1 - this.#tokens);
    return after(now, milliseconds(Math.ceil((missing * 1000) / this.#perSecond)));
  }

  #fill(now: Instant): void {
    const elapsed = between(this.#filledAt, now);
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsed * this.#perSecond) / 1000);
    this.#filledAt = now;
  }
}
