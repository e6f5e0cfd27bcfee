/** Questions to the engine as promises, each with its abort signal. */

import { DotlocalError } from "../core/errors.ts";
import type { Instant } from "../core/time.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { HostEvent } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";

interface Pending<Answer> {
  resolve(answer: Answer): void;
  reject(error: DotlocalError): void;
}

export class PendingAnswers<Id, Answer> {
  readonly #driver: Driver<HostEvent, HostEngine>;
  readonly #cancel: (engine: HostEngine, id: Id, now: Instant) => void;
  readonly #pending = new Map<Id, Pending<Answer>>();

  constructor(
    driver: Driver<HostEvent, HostEngine>,
    cancel: (engine: HostEngine, id: Id, now: Instant) => void,
  ) {
    this.#driver = driver;
    this.#cancel = cancel;
  }

  /** Rejects with ABORTED when the signal is, and with what the engine refuses the question for. */
  run(
    start: (engine: HostEngine, now: Instant) => Id,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw aborted(signal);
      // Events are handed out once the command is done, so none comes before it is waited for.
      this.#driver.run((engine, now) => {
        const id = start(engine, now);
        const abort = (): void => this.#abort(id, signal);
        signal?.addEventListener("abort", abort, { once: true });
        const end = (): void => signal?.removeEventListener("abort", abort);
        this.#pending.set(id, {
          resolve: (answer) => {
            end();
            resolve(answer);
          },
          reject: (error) => {
            end();
            reject(error);
          },
        });
      });
    });
  }

  /** The engine's word that a question has its answer. */
  handleDone(id: Id, answer: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.resolve(answer);
  }

  /** Ends every question under way. */
  close(): void {
    for (const [id, pending] of this.#pending) {
      this.#pending.delete(id);
      pending.reject(new DotlocalError("ABORTED", "closed while the look-up was under way"));
    }
  }

  #abort(id: Id, signal: AbortSignal | undefined): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#driver.run((engine, now) => this.#cancel(engine, id, now));
    pending?.reject(aborted(signal));
  }
}

function aborted(signal: AbortSignal | undefined): DotlocalError {
  return new DotlocalError("ABORTED", "the look-up was aborted", { cause: signal?.reason });
}
