/**
 * Has /etc/resolv.conf point at our stub while we run (`resolvConf: manage`), keeps the original, and
 * puts it back: when we stop, or at the next start after we could not.
 *
 * Theory of operation: what is to be restored is written to the state directory, and is on the disk,
 * before the file is touched. A file is replaced by renaming another over it, so nobody ever reads
 * half of one, and a symbolic link is replaced itself: what it leads to is another program's. Where
 * the file cannot be renamed over (a container's bind mount) it is written in place. A file that is no
 * longer ours is somebody else's decision: at a restoration it stays, and while we run it is the new
 * original.
 */

import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DotlocalError } from "../core/errors.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { composeResolvConf, isManagedResolvConf, parseResolvConf } from "./resolv-conf.ts";
import { readText } from "./upstream-discovery.ts";

/** What stood where our file stands. */
type Original =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly text: string; readonly mode: number }
  /** `text` is what the link led to when it was looked at. */
  | { readonly kind: "link"; readonly target: string; readonly text: string | undefined };

/** In the state directory. */
const STATE_FILE = "resolv.conf.original";

const MODE_DEFAULT = 0o644;

/** Rewritings by others that we answer with ours, in a row; beyond that it is theirs. */
const CONTESTS_MAX = 5;

/** Milliseconds after which a contest is forgotten. */
const CONTEST_LIFE = 60_000;

export interface KeeperOptions {
  readonly path?: string;
  readonly stateDirectory: string;
  /** Where our stub listens, on port 53. */
  readonly stub: IpAddress;
}

export class ResolvConfKeeper {
  readonly #path: string;
  readonly #statePath: string;
  readonly #stub: IpAddress;
  #original: Original | undefined;
  #contests: number[] = [];

  constructor({ path = "/etc/resolv.conf", stateDirectory, stub }: KeeperOptions) {
    this.#path = path;
    this.#statePath = join(stateDirectory, STATE_FILE);
    this.#stub = stub;
  }

  /** The text of the original, for its servers, search list and options. */
  get original(): string | undefined {
    if (this.#original === undefined || this.#original.kind === "absent") return undefined;
    if (this.#original.kind === "file") return this.#original.text;
    return readLinked(this.#path, this.#original.target) ?? this.#original.text;
  }

  /**
   * Points the file at the stub. Throws NOT_PERMITTED or SYSTEM; nothing has changed then.
   */
  manage(): void {
    const kept = readState(this.#statePath);
    const isOurs = isManagedResolvConf(readText(this.#path) ?? "");
    // After a crash the file is ours still, and the original is the one that was kept then.
    this.#original = isOurs && kept !== undefined ? kept : look(this.#path);
    if (isOurs && kept === undefined) this.#original = { kind: "absent" };
    try {
      mkdirSync(dirname(this.#statePath), { recursive: true });
      replace(this.#statePath, JSON.stringify(this.#original), 0o600);
      this.#put();
    } catch (cause) {
      throw refusal(this.#path, cause as NodeJS.ErrnoException);
    }
  }

  /**
   * The file has changed. Where somebody else wrote it that is the new original, and ours is put back;
   * where somebody keeps doing so it is left to them. Tells what was done.
   */
  handleChange(now: number): "ours" | "taken-back" | "left" {
    if (this.#original === undefined) return "left";
    if (isManagedResolvConf(readText(this.#path) ?? "")) return "ours";
    this.#contests = [...this.#contests.filter((at) => now - at < CONTEST_LIFE), now];
    if (this.#contests.length > CONTESTS_MAX) {
      this.#original = undefined;
      rmSync(this.#statePath, { force: true });
      return "left";
    }
    this.manage();
    return "taken-back";
  }

  /** Puts the original back, unless the file is somebody else's by now. */
  restore(): void {
    this.#original = undefined;
    restoreResolvConf({ path: this.#path, statePath: this.#statePath });
  }

  #put(): void {
    const text = composeResolvConf(this.#stub, parseResolvConf(this.original ?? ""));
    replace(this.#path, text, MODE_DEFAULT);
  }
}

/**
 * What a start does first, whatever it is configured to: after a crash the original comes back. Tells
 * whether there was anything to restore.
 */
export function recoverResolvConf(stateDirectory: string, path = "/etc/resolv.conf"): boolean {
  return restoreResolvConf({ path, statePath: join(stateDirectory, STATE_FILE) });
}

function restoreResolvConf(places: { path: string; statePath: string }): boolean {
  const { path, statePath } = places;
  const original = readState(statePath);
  if (original === undefined) return false;
  const isOurs = isManagedResolvConf(readText(path) ?? "");
  try {
    if (isOurs) putBack(path, original);
  } catch (cause) {
    throw refusal(path, cause as NodeJS.ErrnoException);
  }
  rmSync(statePath, { force: true });
  return isOurs;
}

function look(path: string): Original {
  try {
    const status = lstatSync(path);
    if (status.isSymbolicLink()) {
      const target = readlinkSync(path);
      return { kind: "link", target, text: readText(path) };
    }
    return { kind: "file", text: readFileSync(path, "utf8"), mode: status.mode & 0o777 };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { kind: "absent" };
    throw refusal(path, error as NodeJS.ErrnoException);
  }
}

function putBack(path: string, original: Original): void {
  switch (original.kind) {
    case "absent":
      rmSync(path, { force: true });
      return;
    case "file":
      replace(path, original.text, original.mode);
      return;
    case "link": {
      const temporary = temporaryBeside(path);
      rmSync(temporary, { force: true });
      symlinkSync(original.target, temporary);
      renameSync(temporary, path);
    }
  }
}

function readLinked(path: string, target: string): string | undefined {
  return readText(target.startsWith("/") ? target : join(dirname(path), target));
}

/** Undefined where nothing is kept, or nothing that makes sense. */
function readState(path: string): Original | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isOriginal(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOriginal(value: unknown): value is Original {
  if (typeof value !== "object" || value === null) return false;
  const { kind, text, mode, target } = value as Record<string, unknown>;
  if (kind === "absent") return true;
  if (kind === "link") return typeof target === "string";
  return kind === "file" && typeof text === "string" && typeof mode === "number";
}

/** Codes of a file that stays where it is: a mount point, or a directory that must not change. */
const IN_PLACE: ReadonlySet<string | undefined> = new Set(["EBUSY", "EXDEV"]);

function replace(path: string, text: string, mode: number): void {
  const temporary = temporaryBeside(path);
  try {
    writeDurably(temporary, text, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!IN_PLACE.has((error as NodeJS.ErrnoException).code)) throw error;
    writeInPlace(path, text);
  }
}

function temporaryBeside(path: string): string {
  return `${path}.dotlocal-new`;
}

function writeDurably(path: string, text: string, mode: number): void {
  rmSync(path, { force: true });
  // A file that somebody puts there in between is not written through.
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  writeAndClose(file, text, mode);
}

function writeInPlace(path: string, text: string): void {
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
  writeAndClose(openSync(path, O_WRONLY | O_TRUNC | O_NOFOLLOW), text, undefined);
}

function writeAndClose(file: number, text: string, mode: number | undefined): void {
  try {
    writeFileSync(file, text);
    if (mode !== undefined) fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const NOT_PERMITTED: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM", "EROFS"]);

function refusal(path: string, cause: NodeJS.ErrnoException): DotlocalError {
  const code = NOT_PERMITTED.has(cause.code) ? "NOT_PERMITTED" : "SYSTEM";
  return new DotlocalError(code, `cannot change ${path}: ${cause.message}`, { cause });
}
