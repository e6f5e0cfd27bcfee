/** Lines of a streamed response, several in one chunk where they come fast. */

import type { ServerResponse } from "node:http";
import { PacedText } from "../../runtime/paced-text.ts";

export class LineWriter {
  readonly #response: ServerResponse;
  readonly #lines: PacedText;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#lines = new PacedText((text) => {
      if (!response.destroyed) response.write(text);
    });
  }

  /** Octets, about, that the reader has not taken. */
  get backlog(): number {
    return this.#response.writableLength + this.#lines.size;
  }

  add(line: string): void {
    this.#lines.add(`${line}\n`);
  }

  flush(): void {
    this.#lines.flush();
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
