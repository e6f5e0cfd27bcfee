/**
 * The names that this host and its services had to take, kept over restarts in the state directory:
 * a name once won is claimed again, and not the one that was lost.
 */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LABEL_FILE = "host-label";
const INSTANCES_FILE = "instance-names.json";

export class NameMemory {
  readonly #directory: string;
  readonly #onFailure: (error: Error) => void;
  readonly #instances: Map<string, string>;

  constructor(directory: string, onFailure: (error: Error) => void) {
    this.#directory = directory;
    this.#onFailure = onFailure;
    this.#instances = readInstances(this.#read(INSTANCES_FILE));
  }

  /** The host's label; undefined when nothing is remembered or nothing can be read. */
  get label(): string | undefined {
    return this.#read(LABEL_FILE)?.trim() || undefined;
  }

  /** Original names of services to the instance names they have. */
  get instances(): ReadonlyMap<string, string> {
    return this.#instances;
  }

  /** undefined: the host has its original label. */
  rememberLabel(label: string | undefined): void {
    this.#write(LABEL_FILE, label === undefined ? undefined : `${label}\n`);
  }

  /** undefined: the service has its original name. */
  rememberInstance(original: string, instance: string | undefined): void {
    if (instance === undefined) this.#instances.delete(original);
    else this.#instances.set(original, instance);
    const all = Object.fromEntries(this.#instances);
    const text = this.#instances.size === 0 ? undefined : `${JSON.stringify(all, null, 2)}\n`;
    this.#write(INSTANCES_FILE, text);
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.#directory, file), "utf8");
    } catch {
      return undefined;
    }
  }

  /** Written whole or not at all; undefined removes the file. */
  #write(file: string, text: string | undefined): void {
    const path = join(this.#directory, file);
    try {
      if (text === undefined) {
        rmSync(path, { force: true });
        return;
      }
      mkdirSync(this.#directory, { recursive: true });
      rmSync(`${path}.new`, { force: true });
      // Nothing is written through a link that somebody has put there.
      writeFileSync(`${path}.new`, text, { flag: "wx" });
      renameSync(`${path}.new`, path);
    } catch (error) {
      this.#onFailure(error as Error);
    }
  }
}

/** A file that was damaged remembers nothing. */
function readInstances(text: string | undefined): Map<string, string> {
  const entries = Object.entries(parseObject(text ?? "{}"));
  return new Map(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function parseObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
