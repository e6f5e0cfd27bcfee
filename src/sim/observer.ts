/** What watches a simulated network, and all that do as one. */

import type { Instant } from "../core/time.ts";
import type { Packet } from "./packet.ts";
import type { Interface, Process } from "./simulated-host.ts";

/** Sees what happens, in order. */
export interface NetworkObserver {
  packetSent?(packet: Packet): void;
  packetReceived?(packet: Packet, receiver: Interface, now: Instant): void;
  eventEmitted?(process: Process, event: unknown, now: Instant): void;
  /** A fault or another change from outside, in words. */
  noted?(text: string, now: Instant): void;
}

export class ObserverList implements Required<NetworkObserver> {
  readonly #observers: NetworkObserver[] = [];
  /** Those that want to hear of every reception: there are a thousand to a packet. */
  readonly #ofReceptions: NetworkObserver[] = [];

  add(observer: NetworkObserver): void {
    this.#observers.push(observer);
    if (observer.packetReceived !== undefined) this.#ofReceptions.push(observer);
  }

  packetSent(packet: Packet): void {
    for (const observer of this.#observers) observer.packetSent?.(packet);
  }

  packetReceived(packet: Packet, receiver: Interface, now: Instant): void {
    for (const observer of this.#ofReceptions) observer.packetReceived?.(packet, receiver, now);
  }

  eventEmitted(process: Process, event: unknown, now: Instant): void {
    for (const observer of this.#observers) observer.eventEmitted?.(process, event, now);
  }

  noted(text: string, now: Instant): void {
    for (const observer of this.#observers) observer.noted?.(text, now);
  }
}
