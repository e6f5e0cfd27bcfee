/**
 * The names that groups had to take, kept over restarts (RFC 6762 §9): each change is told, and what
 * was told comes back at the next start.
 */

import { BoundedMap } from "../core/bounded.ts";
import { REMEMBERED_MAX } from "./constants.ts";

export class InstanceMemory {
  readonly #taken = new BoundedMap<string, string>(REMEMBERED_MAX);
  readonly #onChange: (original: string, instance: string | undefined) => void;

  constructor(
    remembered: ReadonlyMap<string, string>,
    onChange: (original: string, instance: string | undefined) => void,
  ) {
    for (const [original, instance] of remembered) this.#taken.set(original, instance);
    this.#onChange = onChange;
  }

  recall(original: string): string | undefined {
    return this.#taken.peek(original);
  }

  /** `instance` undefined: the group has its original name. */
  note(original: string, instance: string | undefined): void {
    if (this.#taken.peek(original) === instance) return;
    if (instance === undefined) this.#taken.delete(original);
    else this.#taken.set(original, instance);
    this.#onChange(original, instance);
  }
}
