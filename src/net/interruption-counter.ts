/**
 * Counts how often each interface lost carrier or was taken down, from one look to the next.
 *
 * An interruption that is over before the next look shows in the kernel's own count of carrier
 * changes, where there is one.
 */

import type { NetworkInterface } from "./network-interface.ts";

type Observed = Pick<NetworkInterface, "index" | "up" | "carrier">;

interface Entry {
  isUsable: boolean;
  carrierChanges: number;
  interruptions: number;
}

export class InterruptionCounter {
  readonly #entries = new Map<number, Entry>();
  /** How many interfaces have gone: a new one under an old index begins a new incarnation. */
  #removals = 0;

  /** Takes note of an interface as it is now; returns its interruptions so far. */
  count({ index, up, carrier }: Observed, carrierChanges: number): number {
    const isUsable = up && carrier;
    const entry = this.#entries.get(index);
    if (entry === undefined) {
      this.#entries.set(index, { isUsable, carrierChanges, interruptions: this.#removals });
      return this.#removals;
    }
    const hasFlapped = carrierChanges - entry.carrierChanges >= 2;
    if (entry.isUsable && (!isUsable || hasFlapped)) entry.interruptions++;
    entry.isUsable = isUsable;
    entry.carrierChanges = carrierChanges;
    return entry.interruptions;
  }

  remove(index: number): void {
    if (this.#entries.delete(index)) this.#removals++;
  }

  keepOnly(present: readonly Observed[]): void {
    const indexes = new Set(present.map(({ index }) => index));
    for (const index of this.#entries.keys()) if (!indexes.has(index)) this.remove(index);
  }
}
