/** Lines of a streamed response: those that come in one turn of the event loop are one chunk of it. */

import type { ServerResponse } from "node:http";

export class LineWriter {
  readonly #response: ServerResponse;
  #pending = "";

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Octets, about, that the reader has not taken. */
  get backlog(): number {
    return this.#response.writableLength + this.#pending.length;
  }

  add(line: string): void {
    if (this.#pending === "") setImmediate(() => this.flush());
    this.#pending += `${line}\n`;
  }

  flush(): void {
    if (this.#pending === "" || this.#response.destroyed) return;
    this.#response.write(this.#pending);
    this.#pending = "";
  }

  /** Resolves once the reader has taken everything, or has gone. */
  drained(): Promise<void> {
    this.flush();
    if (!this.#response.writableNeedDrain || this.#response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off("drain", done);
        this.#response.off("close", done);
        resolve();
      };
      this.#response.once("drain", done);
      this.#response.once("close", done);
    });
  }
}
