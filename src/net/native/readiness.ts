/**
 * Tells when a descriptor has become readable, straight from the event loop: Node reads nothing of
 * its own from it and makes no object for it, and kinds of descriptors that Node knows nothing of
 * can be watched.
 *
 * Theory of operation: koffi has the event loop watch the descriptor (`koffi.node.poll`) and calls
 * back from within it. To Node that is no callback of its own, after which it would run the promises
 * and ticks that are due, or report an exception. Both are had by a turn of the event loop, asked
 * for only where there is need, since it costs a good part of what handling a datagram does.
 */

import type { Libc, Poll } from "./libc.ts";

/** Nothing was left to promises and ticks: nobody outside was told anything. */
export type Quiet = "quiet";

export class Readiness {
  readonly #poll: Poll;
  readonly #onReadable: () => Quiet | undefined;
  #isClosed = false;

  /**
   * `onReadable` may leave some of what there is to read to the next call, which then follows by
   * itself. It reads in vain after an error of the descriptor, which its read meets and clears.
   */
  constructor(libc: Libc, descriptor: number, onReadable: () => Quiet | undefined) {
    this.#onReadable = onReadable;
    this.#poll = libc.poll(descriptor, (status) => this.#handle(status));
  }

  unref(): void {
    this.#poll.unref();
  }

  /** The descriptor is closed by its owner, after this. */
  close(): void {
    this.#isClosed = true;
    this.#poll.close();
  }

  #handle(status: number): void {
    try {
      if (this.#onReadable() !== "quiet") setImmediate(() => {});
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
    // After an error libuv watches no more.
    if (status < 0 && !this.#isClosed) this.#poll.start((next) => this.#handle(next));
  }
}
