/** Aborts its signal when nothing has happened for some time. */

export class QuietTimer {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** @param time in milliseconds. */
  constructor(time: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), time);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has happened. */
  restart(): void {
    this.#timer.refresh();
  }
}
