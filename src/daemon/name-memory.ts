/** The label that this host had to take, kept over restarts in the state directory. */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "host-label";

export class NameMemory {
  readonly #directory: string;
  readonly #onFailure: (error: Error) => void;

  constructor(directory: string, onFailure: (error: Error) => void) {
    this.#directory = directory;
    this.#onFailure = onFailure;
  }

  /** undefined when nothing is remembered or nothing can be read. */
  read(): string | undefined {
    try {
      return readFileSync(join(this.#directory, FILE), "utf8").trim() || undefined;
    } catch {
      return undefined;
    }
  }

  /** Remembers a label, or forgets it; written whole or not at all. */
  write(label: string | undefined): void {
    const path = join(this.#directory, FILE);
    try {
      if (label === undefined) {
        rmSync(path, { force: true });
        return;
      }
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(`${path}.new`, `${label}\n`);
      renameSync(`${path}.new`, path);
    } catch (error) {
      this.#onFailure(error as Error);
    }
  }
}
