/**
 * Who serves the library: the running daemon where there is one, else an engine in this process, which
 * all that ask for the same share until the last of them closes it.
 */

import { DotlocalError } from "../core/errors.ts";
import type { Directory } from "../runtime/directory.ts";
import { DaemonConnection } from "./daemon-connection.ts";
import { findControlSocket } from "./socket-path.ts";
import { openStandalone, type StandaloneOptions } from "./standalone.ts";

/** What every class of the library takes. */
export interface DirectoryOptions {
  /** The daemon's control socket; default: looked up. With it, only the daemon will do. */
  readonly socket?: string;
  /** Do not use a running daemon. */
  readonly standalone?: boolean;
  /** Configuration of the engine in this process; default: looked up. */
  readonly configurationFile?: string;
}

/** A directory with the place of whoever asked for it. */
export interface OpenedDirectory {
  readonly directory: Directory;
  close(): Promise<void>;
}

interface Shared {
  readonly directory: Promise<Directory>;
  users: number;
}

const shared = new Map<string, Shared>();

/** @throws DotlocalError NO_DAEMON, NO_LINK, or of the configuration. */
export async function openDirectory(
  options: DirectoryOptions,
  publishes: StandaloneOptions["publishes"],
): Promise<OpenedDirectory> {
  const { socket, standalone = false, configurationFile } = options;
  if (!standalone) {
    const daemon = new DaemonConnection(findControlSocket(socket));
    if (await isRunning(daemon, socket !== undefined)) {
      return { directory: daemon, close: async () => {} };
    }
  }
  return share({ configurationFile, publishes });
}

async function isRunning(daemon: DaemonConnection, isWanted: boolean): Promise<boolean> {
  try {
    await daemon.call({ method: "GET", path: "/v1/registrations" });
    return true;
  } catch (error) {
    if (isWanted || !(error instanceof DotlocalError)) throw error;
    return false;
  }
}

async function share(options: StandaloneOptions): Promise<OpenedDirectory> {
  const key = JSON.stringify(options);
  const entry = shared.get(key) ?? { directory: openStandalone(options), users: 0 };
  shared.set(key, entry);
  entry.users++;
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    entry.users--;
    if (entry.users > 0) return;
    if (shared.get(key) === entry) shared.delete(key);
    await (await entry.directory).close();
  };
  try {
    return { directory: await entry.directory, close };
  } catch (error) {
    // Whoever asks next tries anew: there may be a link by then.
    if (shared.get(key) === entry) shared.delete(key);
    throw error;
  }
}
