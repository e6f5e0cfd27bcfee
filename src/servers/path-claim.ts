/**
 * Holding the well-known path of a Unix socket that another program may want as well.
 *
 * Theory of operation: the path is taken when it is absent, or when nobody listens behind it any
 * more. The socket is bound under a name of its own and then linked to the path, so that nobody
 * else's socket is ever replaced, not even in a race. Another program that puts its own socket there
 * has it, and we wait until it goes; so has one that has removed ours and is yet to bind. The path's
 * folder is watched; a program that goes without a word is seen by looking every `LOOK_INTERVAL`
 * while the path is taken.
 */

import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { FolderWatch } from "../net/folder-watch.ts";
import { untilRound } from "../net/round.ts";
import { isAnswered, listenWithMode } from "./unix-listener.ts";

/** Milliseconds between looks at a path that is not ours. */
const LOOK_INTERVAL = 2_000;

/**
 * Milliseconds for which a path that was ours is left alone: who took it away may be about to bind a
 * socket there, or to listen on it, and would not start if we were sooner.
 */
const YIELD_TIME = 1_000;

/** Everybody may connect: these protocols look names up and change nothing. */
const SOCKET_MODE = 0o666;
const FOLDER_MODE = 0o755;

/** A connection waits for this long in the kernel's queue while the process is busy. */
const BACKLOG = 512;

/** <linux/net.h>: __SO_ACCEPTCON, the flag in /proc/net/unix of a socket that listens. */
const LISTENING_FLAG = 0x10000;

export type ClaimState =
  | { readonly state: "idle" }
  /** The path is ours. */
  | { readonly state: "held" }
  /** Another program has it. */
  | { readonly state: "taken" }
  /** The system does not let us have it; not tried again until `open` is called. */
  | { readonly state: "refused"; readonly error: NodeJS.ErrnoException };

export interface PathClaimOptions {
  readonly path: string;
  /**
   * Whose the path's folder is when we make it, where there is such a user: systemd-resolved does not
   * start where it is anybody else's.
   */
  readonly folderOwner?: string;
  readonly onConnection: (socket: Socket) => void;
  /** Called when the state has changed. */
  readonly onChange?: (state: ClaimState) => void;
  /** Milliseconds. */
  readonly lookInterval?: number;
}

/** What is bound to the path now. */
interface Binding {
  readonly server: Server;
  /** The name that the socket was bound under. */
  readonly boundPath: string;
  readonly identity: string;
}

export class PathClaim {
  readonly #options: PathClaimOptions;
  readonly #watch = new FolderWatch(() => void this.look());
  #isOpen = false;
  #state: ClaimState = { state: "idle" };
  /** As `performance.now` has it. */
  #yieldsUntil = 0;
  #binding: Binding | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: PathClaimOptions) {
    this.#options = options;
  }

  get path(): string {
    return this.#options.path;
  }

  get state(): ClaimState {
    return this.#state;
  }

  /** Takes the path if it is free, and keeps looking. */
  open(): Promise<void> {
    this.#isOpen = true;
    return this.#lookOnce();
  }

  /** Looks whether the path is still ours, or free again. */
  look(): Promise<void> {
    return this.#state.state === "refused" ? Promise.resolve() : this.#lookOnce();
  }

  /** Gives the path up. Connections that were accepted are not touched. */
  async close(): Promise<void> {
    this.#isOpen = false;
    clearTimeout(this.#timer);
    this.#watch.close();
    await this.#looking;
    if (this.#binding !== undefined && this.#isOurs(lookAt(this.path))) removeIfAllowed(this.path);
    this.#unbind();
    this.#enter({ state: "idle" });
  }

  #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      this.#planLook();
    });
    return this.#looking;
  }

  #planLook(): void {
    clearTimeout(this.#timer);
    if (!this.#isOpen) return;
    this.#watch.follow({ folders: [], files: [this.path] });
    const isTold = this.#state.state === "held" && this.#watch.isComplete;
    const wait = this.#options.lookInterval ?? (isTold ? untilRound() : LOOK_INTERVAL);
    this.#timer = setTimeout(() => void this.look(), wait).unref();
  }

  async #look(): Promise<void> {
    try {
      const found = lookAt(this.path);
      if (this.#isOurs(found)) return;
      if (this.#state.state === "held") this.#yieldsUntil = performance.now() + YIELD_TIME;
      this.#unbind();
      if (await this.#isTaken(found)) this.#enter({ state: "taken" });
      else await this.#take(found);
    } catch (error) {
      this.#unbind();
      this.#enter({ state: "refused", error: error as NodeJS.ErrnoException });
    }
  }

  async #isTaken(found: Stats | undefined): Promise<boolean> {
    if (performance.now() < this.#yieldsUntil) return true;
    return found !== undefined && (await isHeld(this.path, found));
  }

  /** Puts a socket of ours at the path, in the place of the stale one that was found there. */
  async #take(stale: Stats | undefined): Promise<void> {
    this.#makeFolder();
    const binding = await bind(`${this.path}.${process.pid}`, this.#options.onConnection);
    this.#binding = binding;
    const found = lookAt(this.path);
    if (found !== undefined && stale !== undefined && identityOf(found) === identityOf(stale)) {
      unlinkSync(this.path);
    }
    try {
      linkSync(binding.boundPath, this.path);
      this.#enter({ state: "held" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      this.#unbind();
      this.#enter({ state: "taken" });
    } finally {
      rmSync(binding.boundPath, { force: true });
    }
  }

  #makeFolder(): void {
    const folder = dirname(this.path);
    const { folderOwner } = this.#options;
    const made = mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const isRoot = process.getuid?.() === 0;
    const owner = folderOwner === undefined || !isRoot ? undefined : accountOf(folderOwner);
    if (made !== undefined && owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  }

  #isOurs(found: Stats | undefined): boolean {
    return found !== undefined && identityOf(found) === this.#binding?.identity;
  }

  #unbind(): void {
    this.#binding?.server.close();
    this.#binding = undefined;
  }

  #enter(state: ClaimState): void {
    const isNew = state.state !== this.#state.state;
    this.#state = state;
    if (isNew) this.#options.onChange?.(state);
  }
}

async function bind(path: string, onConnection: (socket: Socket) => void): Promise<Binding> {
  rmSync(path, { force: true });
  const server = createServer(onConnection);
  await listenWithMode(server, { path, backlog: BACKLOG }, SOCKET_MODE);
  // Where connections cannot be accepted (too many descriptors), others may be later.
  server.on("error", () => {});
  return { server, boundPath: path, identity: identityOf(lookAt(path)!) };
}

/** A process that has given up root leaves a stale socket behind, which the next owner replaces. */
function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}

/** A user's numbers in /etc/passwd; undefined when there is none of that name. */
function accountOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.startsWith(`${user}:`));
    const [, , uid, gid] = line?.split(":") ?? [];
    return uid === undefined || gid === undefined
      ? undefined
      : { uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}

function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** The same for two names of the same file, and for no other file that exists. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

/** Whether what is at the path is somebody's: what is no socket always is. */
async function isHeld(path: string, found: Stats): Promise<boolean> {
  return !found.isSocket() || isListedAsListening(path) || (await isAnswered(path));
}

/**
 * Asks the kernel's list first: connecting would start a daemon that systemd starts on demand. The
 * list lacks sockets of other network namespaces.
 */
function isListedAsListening(path: string): boolean {
  try {
    return readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .some((line) => {
        if (!line.endsWith(` ${path}`)) return false;
        const flags = Number.parseInt(line.trim().split(/\s+/)[3]!, 16);
        return (flags & LISTENING_FLAG) !== 0;
      });
  } catch {
    return false;
  }
}
