/**
 * Tells when one of the files that name the system's servers has changed, however that is done:
 * written, renamed over, linked elsewhere, made where it was not.
 *
 * They are also looked at now and then, since a file system may not tell, and a link may lead to where
 * nothing is yet.
 */

import { lstatSync, realpathSync } from "node:fs";
import { FolderWatch } from "./folder-watch.ts";
import { untilRound } from "./round.ts";
import { readText } from "./upstream-discovery.ts";

/** Milliseconds for a change to be complete. */
const SETTLE_TIME = 100;

/** Milliseconds between looks where not all that may happen is told. */
const BLIND_INTERVAL = 10_000;

export class ResolverFilesWatch {
  readonly #paths: readonly string[];
  readonly #onChange: () => void;
  readonly #watch = new FolderWatch(() => this.#settle());
  #timer: NodeJS.Timeout | undefined;
  #seen: string;
  #settling: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(paths: readonly string[], onChange: () => void) {
    this.#paths = paths;
    this.#onChange = onChange;
    this.#seen = this.#look();
    // Not before what the process was started for is under way.
    setImmediate(() => this.#compare()).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
    this.#watch.close();
  }

  #look(): string {
    return JSON.stringify(this.#paths.map((path) => [realPath(path), readText(path)]));
  }

  #compare(): void {
    if (this.#isClosed) return;
    this.#follow();
    const seen = this.#look();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#onChange();
  }

  /** Watches what the paths lead to now, and plans the next look. */
  #follow(): void {
    this.#watch.follow({ folders: [], files: this.#paths });
    const isTold = this.#watch.isComplete && !this.#paths.some(leadsNowhere);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#compare(), isTold ? untilRound() : BLIND_INTERVAL);
    this.#timer.unref();
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

/** A link to what there is not, or not yet. */
function leadsNowhere(path: string): boolean {
  return realPath(path) === undefined && isThere(path);
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
