/**
 * Events on their way to one reader, as an async iterator. A reader that falls too far behind gets an
 * error instead of events with a gap.
 */

import { BoundedQueue } from "../core/bounded.ts";
import { DotlocalError } from "../core/errors.ts";

/** Events that wait for a slow reader. */
const BACKLOG_MAX = 131_072;

export class EventBuffer<Event> implements AsyncIterableIterator<Event> {
  readonly #backlog = new BoundedQueue<Event>(BACKLOG_MAX);
  readonly #onEnd: () => void;
  #isEnded = false;
  #error: DotlocalError | undefined;
  #wake: (() => void) | undefined;
  #forgetSignal: () => void = () => {};

  /** `onEnd` is called once, whoever ends it. */
  constructor(onEnd: () => void = () => {}) {
    this.#onEnd = onEnd;
  }

  push(event: Event): void {
    if (this.#isEnded) return;
    if (!this.#backlog.push(event)) {
      const message = `over ${BACKLOG_MAX} events wait: the reader is too slow`;
      this.end(new DotlocalError("LIMIT_REACHED", message));
      return;
    }
    this.#wake?.();
  }

  /** What waits is still read; then comes the error, or the end. */
  end(error?: DotlocalError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#forgetSignal();
    this.#wake?.();
    this.#onEnd();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    for (;;) {
      const value = this.#backlog.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#error !== undefined) throw this.#takeError();
      if (this.#isEnded) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the buffer with the signal; at once when it is aborted already. */
  endWith(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    if (signal.aborted) this.end();
    else {
      const abort = (): void => this.end();
      signal.addEventListener("abort", abort, { once: true });
      this.#forgetSignal = () => signal.removeEventListener("abort", abort);
    }
  }

  #takeError(): DotlocalError {
    const error = this.#error!;
    this.#error = undefined;
    return error;
  }
}
