/**
 * Listening on a Unix socket's path: folders are made, a socket whose owner is gone is replaced, one
 * that somebody answers on is left alone, and the path goes when we close.
 */

import { lchownSync, mkdirSync, statSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { DotlocalError } from "../core/errors.ts";

/** How long a listener that accepts nothing is waited for before its path counts as stale. */
const PROBE_TIMEOUT = 500;

export interface PathOptions {
  readonly path: string;
  /** Permission bits of the socket, e.g. 0o666. */
  readonly mode: number;
  /** Number of the group it is given to, where we may; undefined: the process's own. */
  readonly group?: number | undefined;
}

/** @throws DotlocalError IN_USE when somebody answers there, NOT_PERMITTED, SYSTEM. */
export async function listenOnPath(server: Server, options: PathOptions): Promise<void> {
  const { path, mode, group } = options;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (isSocket(path)) await removeStale(path);
    await listenWithMode(server, { path }, mode);
    if (group !== undefined) giveTo(group, path);
  } catch (error) {
    throw listenError(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Listens on a socket that another process opened and handed over; its path and permissions are that
 * process's.
 * @throws DotlocalError SYSTEM for a descriptor that is no listening socket.
 */
export async function listenOnDescriptor(server: Server, descriptor: number): Promise<void> {
  try {
    await listen(server, () => server.listen({ fd: descriptor }));
  } catch (error) {
    throw listenError(`descriptor ${descriptor}`, error as NodeJS.ErrnoException);
  }
}

/**
 * Listens on a path whose socket has these permission bits from the start. Given to it afterwards, by
 * name, they could be given to another file: the one that whoever may write into the folder has put
 * there in between, and we may be root.
 */
export function listenWithMode(
  server: Server,
  place: { readonly path: string; readonly backlog?: number },
  mode: number,
): Promise<void> {
  return listen(server, () => {
    // The socket is bound before `listen` returns.
    const before = process.umask(0o777 & ~mode);
    try {
      server.listen(place);
    } finally {
      process.umask(before);
    }
  });
}

function listen(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    begin();
  });
}

/**
 * Only root and members of a group can give it anything; without it the user alone has access. No
 * link is followed.
 */
function giveTo(group: number, path: string): void {
  try {
    lchownSync(path, process.getuid!(), group);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  }
}

function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

async function removeStale(path: string): Promise<void> {
  if (await isAnswered(path)) {
    throw new DotlocalError("IN_USE", `another process listens on ${path}`);
  }
  unlinkSync(path);
}

/** Whether somebody accepts connections there. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const timer = setTimeout(() => end(true), PROBE_TIMEOUT);
    const end = (answered: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => end(true));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      end(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
  });
}

function listenError(path: string, error: NodeJS.ErrnoException | DotlocalError): DotlocalError {
  if (error instanceof DotlocalError) return error;
  const refused = error.code === "EACCES" || error.code === "EPERM" || error.code === "EROFS";
  return new DotlocalError(
    refused ? "NOT_PERMITTED" : error.code === "EADDRINUSE" ? "IN_USE" : "SYSTEM",
    `cannot listen on ${path}: ${error.message}`,
    { cause: error },
  );
}
