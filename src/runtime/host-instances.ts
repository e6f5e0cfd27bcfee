/** Look-ups of service instances as promises, each with its abort signal. */

import { DotlocalError } from "../core/errors.ts";
import type { Instant } from "../core/time.ts";
import type { InstanceLookupId, InstanceOutcome } from "../dnssd/types.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { HostEvent } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";

interface Pending {
  resolve(outcome: InstanceOutcome): void;
  reject(error: DotlocalError): void;
}

export class HostInstances {
  readonly #driver: Driver<HostEvent, HostEngine>;
  readonly #pending = new Map<InstanceLookupId, Pending>();

  constructor(driver: Driver<HostEvent, HostEngine>) {
    this.#driver = driver;
  }

  /** Rejects with ABORTED when the signal is, and with what the engine refuses the look-up for. */
  run(
    start: (engine: HostEngine, now: Instant) => InstanceLookupId,
    signal: AbortSignal | undefined,
  ): Promise<InstanceOutcome> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw aborted(signal);
      this.#driver.run((engine, now) => {
        const id = start(engine, now);
        const abort = (): void => this.#abort(id, signal);
        signal?.addEventListener("abort", abort, { once: true });
        const end = (): void => signal?.removeEventListener("abort", abort);
        this.#pending.set(id, {
          resolve: (outcome) => {
            end();
            resolve(outcome);
          },
          reject: (error) => {
            end();
            reject(error);
          },
        });
      });
    });
  }

  handleDone(id: InstanceLookupId, outcome: InstanceOutcome): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.resolve(outcome);
  }

  close(): void {
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      pending.reject(new DotlocalError("ABORTED", "closed while the look-up was under way"));
    }
  }

  #abort(id: InstanceLookupId, signal: AbortSignal | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#driver.run((engine, now) => engine.cancelInstanceLookup(id, now));
    pending?.reject(aborted(signal));
  }
}

function aborted(signal: AbortSignal | undefined): DotlocalError {
  return new DotlocalError("ABORTED", "the look-up was aborted", { cause: signal?.reason });
}
