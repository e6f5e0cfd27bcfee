/** Counts what hosts put on links. */

import { between, type Duration, type Instant, ORIGIN } from "../core/time.ts";
import type { NetworkObserver } from "./observer.ts";
import type { Packet } from "./packet.ts";

export interface TrafficCount {
  readonly packets: number;
  /** Of the messages, without the headers below them. */
  readonly octets: number;
  readonly duration: Duration;
}

export class Traffic implements NetworkObserver {
  #packets = 0;
  #octets = 0;
  #since: Instant = ORIGIN;

  packetSent(packet: Packet): void {
    if (packet.reflected) return;
    this.#packets++;
    this.#octets += packet.octets.length;
  }

  /** What was sent since it was last taken. */
  take(now: Instant): TrafficCount {
    const count = {
      packets: this.#packets,
      octets: this.#octets,
      duration: between(this.#since, now),
    };
    this.#packets = 0;
    this.#octets = 0;
    this.#since = now;
    return count;
  }
}
