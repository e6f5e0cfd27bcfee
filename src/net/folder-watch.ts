/**
 * Tells when something in folders may have changed: also in folders that come later, are replaced, or
 * are links.
 *
 * Theory of operation: the kernel watches a folder, not a path. So beside each folder, the nearest
 * folder above it that exists is watched for the one name that leads down; whatever is told there
 * makes the owner look again and call `follow` anew, which opens what has come and opens anew what is
 * another folder now. Where the kernel refuses (no watches left, a file system without them), the
 * owner's rounds are all there is, and `isComplete` says so.
 */

import { type FSWatcher, realpathSync, type Stats, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Folders that are watched at once; the rest is left to the owner's rounds. */
const FOLDERS_MAX = 1024;

/** Names that matter in a folder. */
type Interest = "all" | Set<string>;

interface WatchedFolder {
  /** Tells the folder from another one under the same path. */
  readonly identity: string;
  readonly watcher: FSWatcher;
}

export interface WatchedPaths {
  /** Folders in which everything matters; they need not exist. */
  readonly folders: readonly string[];
  /** Single files that matter; they need not exist. */
  readonly files: readonly string[];
}

export class FolderWatch {
  readonly #onChange: () => void;
  readonly #watched = new Map<string, WatchedFolder>();
  readonly #interests = new Map<string, Interest>();
  #isComplete = true;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether everything that can be watched is. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** From now on these are watched and nothing else. */
  follow({ folders, files }: WatchedPaths): void {
    this.#interests.clear();
    for (const folder of folders) this.#wantFolder(folder);
    for (const file of files) this.#wantFile(file);
    for (const path of [...this.#watched.keys()]) {
      if (!this.#interests.has(path)) this.#close(path);
    }
    this.#isComplete = true;
    for (const path of this.#interests.keys()) this.#open(path);
  }

  close(): void {
    for (const path of [...this.#watched.keys()]) this.#close(path);
    this.#interests.clear();
  }

  #wantFolder(folder: string): void {
    this.#interests.set(folder, "all");
    this.#wantWayTo(folder);
  }

  #wantFile(file: string): void {
    this.#wantWayTo(file);
    const target = targetOf(file);
    if (target !== undefined && target !== file) this.#wantWayTo(target);
  }

  /** The name in the folder above; where that is missing, the way to it. */
  #wantWayTo(path: string): void {
    for (let below = path; below !== dirname(below); below = dirname(below)) {
      const above = dirname(below);
      const interest = this.#interests.get(above);
      if (interest === undefined) this.#interests.set(above, new Set([basename(below)]));
      else if (interest !== "all") interest.add(basename(below));
      if (statusOf(above)?.isDirectory()) return;
    }
  }

  #open(path: string): void {
    const identity = identityOf(path);
    if (this.#watched.get(path)?.identity === identity) return;
    this.#close(path);
    if (identity === undefined) return;
    if (this.#watched.size >= FOLDERS_MAX) {
      this.#isComplete = false;
      return;
    }
    try {
      const watcher = watch(path, { persistent: false }, (_, name) => this.#handle(path, name));
      watcher.on("error", () => this.#handleFailure(path));
      this.#watched.set(path, { identity, watcher });
    } catch {
      this.#isComplete = false;
    }
  }

  #close(path: string): void {
    this.#watched.get(path)?.watcher.close();
    this.#watched.delete(path);
  }

  #handle(path: string, name: string | null): void {
    const interest = this.#interests.get(path);
    if (interest === undefined) return;
    // A folder that is itself removed or moved is told by its own name.
    const concerns = name === null || name === basename(path) || interest === "all";
    if (concerns || interest.has(name)) this.#onChange();
  }

  #handleFailure(path: string): void {
    this.#close(path);
    this.#isComplete = false;
    this.#onChange();
  }
}

function identityOf(path: string): string | undefined {
  const status = statusOf(path);
  return status?.isDirectory() ? `${status.dev}:${status.ino}` : undefined;
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Where links lead to in the end. */
function targetOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
