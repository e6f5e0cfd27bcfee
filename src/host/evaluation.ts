/**
 * When a look-up looks at what has come in: once an instant, however many records an input brought,
 * and at the instants that it asks for.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import type { HostContext, Task } from "./host-context.ts";

export class Evaluation {
  readonly #context: HostContext;
  readonly #evaluate: (now: Instant) => void;
  #deadline: Deadline<Task> | undefined;
  #ended: "no" | "yes" = "no";

  constructor(context: HostContext, evaluate: (now: Instant) => void) {
    this.#context = context;
    this.#evaluate = evaluate;
  }

  /** Has it evaluated at `at`, unless it is to be sooner. */
  at(at: Instant): void {
    if (this.#ended === "yes") return;
    if (this.#deadline !== undefined && this.#deadline.at <= at) return;
    this.#context.cancel(this.#deadline);
    this.#deadline = this.#context.schedule(at, { run: (now) => this.#run(now) });
  }

  end(): void {
    this.#ended = "yes";
    this.#context.cancel(this.#deadline);
  }

  #run(now: Instant): void {
    this.#deadline = undefined;
    this.#evaluate(now);
  }
}
