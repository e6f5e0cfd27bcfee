/**
 * A simulated link: the medium that joins the interfaces of hosts, with the faults it has now. Which
 * interface hears which is decided here; when a packet arrives is drawn by the network.
 */

import type { LinkId } from "../core/link.ts";
import { type Conditions, PERFECT_CONDITIONS } from "./conditions.ts";
import type { Interface } from "./simulated-host.ts";

export class SimulatedLink {
  readonly name: string;
  readonly id: LinkId;
  readonly mtu: number;
  conditions: Conditions;
  readonly interfaces: Interface[] = [];
  /** Which part of a split link an interface is in; those not listed are in part 0. */
  readonly #parts = new Map<Interface, number>();
  readonly #blocked = new Map<Interface, Set<Interface>>();

  constructor(name: string, id: LinkId, mtu: number, conditions: Partial<Conditions>) {
    this.name = name;
    this.id = id;
    this.mtu = mtu;
    this.conditions = { ...PERFECT_CONDITIONS, ...conditions };
  }

  change(conditions: Partial<Conditions>): void {
    this.conditions = { ...this.conditions, ...conditions };
  }

  /** Splits the link: interfaces hear only those of their own part. */
  split(parts: readonly (readonly Interface[])[]): void {
    this.#parts.clear();
    parts.forEach((part, index) => {
      for (const member of part) this.#parts.set(member, index + 1);
    });
  }

  merge(): void {
    this.#parts.clear();
  }

  /** One-way partition: `to` no longer hears `from`. */
  block(from: Interface, to: Interface): void {
    const deaf = this.#blocked.get(from) ?? new Set();
    this.#blocked.set(from, deaf.add(to));
  }

  unblock(from: Interface, to: Interface): void {
    this.#blocked.get(from)?.delete(to);
  }

  hears(from: Interface, to: Interface): boolean {
    if (this.#blocked.get(from)?.has(to)) return false;
    return this.#parts.get(from) === this.#parts.get(to);
  }
}
