/**
 * How much is under way for clients, in all and for each, so that none keeps the others out. The
 * programs of this host share its loopback address: together they may have everything.
 */

import { type IpAddress, isLoopback } from "../../core/ip-address.ts";

export interface ClientCountsOptions {
  readonly countMax: number;
  readonly countOfClientMax: number;
}

export class ClientCounts {
  readonly #options: ClientCountsOptions;
  readonly #counts = new Map<IpAddress, number>();
  #count = 0;

  constructor(options: ClientCountsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** False: one too many. True: counted until it is released. */
  admit(client: IpAddress): boolean {
    const { countMax, countOfClientMax } = this.#options;
    const ofClient = this.#counts.get(client) ?? 0;
    const ofClientMax = isLoopback(client) ? countMax : countOfClientMax;
    if (this.#count >= countMax || ofClient >= ofClientMax) return false;
    this.#count++;
    this.#counts.set(client, ofClient + 1);
    return true;
  }

  release(client: IpAddress): void {
    this.#count--;
    const left = this.#counts.get(client)! - 1;
    if (left === 0) this.#counts.delete(client);
    else this.#counts.set(client, left);
  }
}
