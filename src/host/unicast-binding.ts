/**
 * The unicast resolver as the parts of `host` use it: who asks owns the transaction and is told what
 * comes of it. Events are handed out by `drain`, never in the middle of a command.
 */

import type { Instant } from "../core/time.ts";
import type { DnsEngine } from "../unicast/engine.ts";
import type { DnsEvent, ResolveSpec, TransactionId } from "../unicast/types.ts";

export interface UnicastOwner {
  handleUnicast(event: DnsEvent, now: Instant): void;
}

export class UnicastBinding {
  readonly #engine: DnsEngine;
  readonly #owners = new Map<TransactionId, UnicastOwner>();

  constructor(engine: DnsEngine) {
    this.#engine = engine;
  }

  resolve(spec: ResolveSpec, owner: UnicastOwner, now: Instant): TransactionId {
    const id = this.#engine.resolve(spec, now);
    this.#owners.set(id, owner);
    return id;
  }

  cancel(id: TransactionId): void {
    this.#owners.delete(id);
    this.#engine.cancel(id);
  }

  drain(now: Instant): void {
    for (let event = this.#engine.pollEvent(); event; event = this.#engine.pollEvent()) {
      const owner = this.#owners.get(event.id);
      this.#owners.delete(event.id);
      owner?.handleUnicast(event, now);
    }
  }
}
