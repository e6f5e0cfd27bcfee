/**
 * Tells when one of the files that name the system's servers has changed, however that is done:
 * written, renamed over, linked elsewhere, made where it was not.
 *
 * Their directories are watched, since a renamed file is another file; and they are looked at now and
 * then, since a directory may not be there yet and a file system may not tell.
 */

import { existsSync, type FSWatcher, realpathSync, watch } from "node:fs";
import { dirname } from "node:path";
import { readText } from "./upstream-discovery.ts";

/** Milliseconds for a change to be complete. */
const SETTLE_TIME = 100;

/** Milliseconds between looks where nothing was told. */
const LOOK_INTERVAL = 10_000;

export class ResolverFilesWatch {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #interval: NodeJS.Timeout;
  #seen: string;
  #settling: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#seen = this.#look();
    this.#watchDirectories();
    this.#interval = setInterval(() => this.#compare(), LOOK_INTERVAL);
    this.#interval.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#interval);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #look(): string {
    return JSON.stringify(this.#paths.map((path) => [realPath(path), readText(path)]));
  }

  #compare(): void {
    if (this.#isClosed) return;
    this.#watchDirectories();
    const seen = this.#look();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#onChange();
  }

  /** The directories of the files and of what they are links to. */
  #watchDirectories(): void {
    const wanted = new Set(
      this.#paths.flatMap((path) => [dirname(path), dirname(realPath(path) ?? path)]),
    );
    for (const [directory, watcher] of this.#watchers) {
      // A directory that was removed is another one when it is made again.
      if (wanted.has(directory) && existsSync(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    for (const directory of wanted) if (!this.#watchers.has(directory)) this.#watch(directory);
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#settle());
      watcher.on("error", () => this.#unwatch(directory));
      this.#watchers.set(directory, watcher);
    } catch {
      // Not there yet; a later look finds it.
    }
  }

  #unwatch(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }

  #settle(): void {
    if (this.#settling !== undefined) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#compare();
    }, SETTLE_TIME);
    this.#settling.unref();
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
