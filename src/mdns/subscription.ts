/** One query of a client, as a subscriber of the question that it shares with others. */

import type { CacheEntry } from "./cache-entry.ts";
import type { QueryId, QuerySpec } from "./types.ts";

export class Subscription {
  readonly id: QueryId;
  readonly mode: QuerySpec["mode"];
  /** Whether it has been told that its question went out. */
  wasAsked = false;
  /** Whether it has last been told that there is no such record. */
  isDenied = false;
  /** Records doubted, or over, when it began: it is told of them when they are received again. */
  readonly #withheld: Set<CacheEntry>;

  constructor(id: QueryId, mode: QuerySpec["mode"], withheld: Iterable<CacheEntry>) {
    this.id = id;
    this.mode = mode;
    this.#withheld = new Set(withheld);
  }

  withholds(entry: CacheEntry): boolean {
    return this.#withheld.has(entry);
  }

  /** Ends the withholding of a record; false when it was not withheld. */
  release(entry: CacheEntry): boolean {
    return this.#withheld.delete(entry);
  }
}
