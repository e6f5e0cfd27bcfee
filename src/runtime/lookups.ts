/** Look-ups of the engine as promises, each with its abort signal. */

import { DotlocalError } from "../core/errors.ts";
import type { Instant } from "../core/time.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { HostEvent, LookupId, LookupOutcome } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";

/** Starts a look-up in the engine. */
export type StartLookup = (engine: HostEngine, now: Instant) => LookupId;

interface Pending {
  resolve(outcome: LookupOutcome): void;
  reject(error: DotlocalError): void;
}

export class Lookups {
  readonly #driver: Driver<HostEvent, HostEngine>;
  readonly #pending = new Map<LookupId, Pending>();
  /** Outcomes of look-ups that ended before they were waited for: within their own start. */
  readonly #early = new Map<LookupId, LookupOutcome>();

  constructor(driver: Driver<HostEvent, HostEngine>) {
    this.#driver = driver;
  }

  /** Rejects with ABORTED when the signal is, and with what the engine refuses the look-up for. */
  async run(start: StartLookup, signal: AbortSignal | undefined): Promise<LookupOutcome> {
    if (signal?.aborted) throw aborted(signal);
    const id = this.#driver.run(start);
    const early = this.#early.get(id);
    if (early !== undefined) {
      this.#early.delete(id);
      return early;
    }
    const abort = (): void => this.#abort(id, signal);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await new Promise<LookupOutcome>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The engine's word that a look-up has ended. */
  handleDone(id: LookupId, outcome: LookupOutcome): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) {
      this.#early.set(id, outcome);
      return;
    }
    this.#pending.delete(id);
    pending.resolve(outcome);
  }

  /** Ends every look-up under way. */
  close(): void {
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      pending.reject(new DotlocalError("ABORTED", "closed while the look-up was under way"));
    }
  }

  #abort(id: LookupId, signal: AbortSignal | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#driver.run((engine, now) => engine.cancelLookup(id, now));
    pending?.reject(aborted(signal));
  }
}

function aborted(signal: AbortSignal | undefined): DotlocalError {
  return new DotlocalError("ABORTED", "the look-up was aborted", { cause: signal?.reason });
}
