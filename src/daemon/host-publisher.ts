/**
 * Keeps further hosts (Avahi's `hosts` files) published: each pair of address and name by itself. An
 * address of this host points back to this host's own name alone, so that reverse look-ups have one
 * answer.
 */

import type { HostEntry } from "../config/avahi-hosts.ts";
import { DotlocalError } from "../core/errors.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { HostPublication, PublicationId } from "../host/types.ts";

/** The engine's commands, `now` supplied. They throw a `DotlocalError` for what cannot be. */
export interface HostPort {
  /** Whether it is an address of this host. */
  isOwnAddress(address: IpAddress): boolean;
  publishHost(spec: HostPublication): PublicationId;
  withdrawPublication(id: PublicationId): void;
}

/** Published; or why it is not. */
type Outcome = { readonly publication: PublicationId } | { readonly refusal: string };

export class HostPublisher {
  readonly #port: HostPort;
  #outcomes = new Map<string, Outcome>();

  constructor(port: HostPort) {
    this.#port = port;
  }

  /** From now on these hosts are published and no others. */
  publish(entries: readonly HostEntry[]): void {
    const wanted = new Map(entries.map((entry) => [this.#keyOf(entry), entry]));
    for (const [key, outcome] of this.#outcomes) {
      if (wanted.has(key) || !("publication" in outcome)) continue;
      this.#port.withdrawPublication(outcome.publication);
    }
    const before = this.#outcomes;
    this.#outcomes = new Map();
    for (const [key, entry] of wanted) {
      this.#outcomes.set(key, before.get(key) ?? this.#put(entry));
    }
  }

  /** Why an entry is not published; undefined: it is, or was not asked for. */
  refusalOf(entry: HostEntry): string | undefined {
    const outcome = this.#outcomes.get(this.#keyOf(entry));
    return outcome !== undefined && "refusal" in outcome ? outcome.refusal : undefined;
  }

  #put(entry: HostEntry): Outcome {
    const { name, address } = entry;
    try {
      const publication = this.#port.publishHost({
        ...{ name, addresses: [address], reverse: this.#pointsBack(entry) },
        links: "all",
      });
      return { publication };
    } catch (error) {
      if (!(error instanceof DotlocalError)) throw error;
      return { refusal: error.message };
    }
  }

  #pointsBack({ address, reverse }: HostEntry): boolean {
    return reverse && !this.#port.isOwnAddress(address);
  }

  #keyOf(entry: HostEntry): string {
    return `${entry.address} ${entry.name.key} ${this.#pointsBack(entry)}`;
  }
}
