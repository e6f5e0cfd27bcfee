/**
 * Text on its way to a reader in pieces: the first goes at once, those that follow within a moment go
 * together, since each writing costs more than what is written.
 */

/** Milliseconds: too short for anybody to notice. */
const PACE = 20;

export class PacedText {
  readonly #write: (text: string) => void;
  #pending = "";
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Characters that have not been written. */
  get size(): number {
    return this.#pending.length;
  }

  add(text: string): void {
    if (this.#pending === "") this.#plan();
    this.#pending += text;
  }

  /** Writes what is pending now. */
  flush(): void {
    if (this.#pending === "") return;
    const text = this.#pending;
    this.#pending = "";
    this.#writtenAt = performance.now();
    this.#write(text);
  }

  #plan(): void {
    const isSoon = performance.now() - this.#writtenAt < PACE;
    if (isSoon) setTimeout(() => this.flush(), PACE);
    else setImmediate(() => this.flush());
  }
}
