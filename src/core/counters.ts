/**
 * Named counters: what an engine has sent, received, discarded and held back, for `status` and the
 * metrics. The set of names is fixed by the code, never by the network.
 */

export class Counters<Name extends string> {
  readonly #values = new Map<Name, number>();

  add(name: Name, count = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + count);
  }

  value(name: Name): number {
    return this.#values.get(name) ?? 0;
  }

  /** A copy, in the order in which the names were first counted. */
  snapshot(): Record<string, number> {
    return Object.fromEntries(this.#values);
  }
}
