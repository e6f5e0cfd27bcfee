/**
 * A directory that nobody has to open or close: each question goes to the running daemon where there
 * is one, else to an engine in this process that starts with the first question.
 *
 * That engine does not keep the process alive; a question under way does.
 */

import { DotlocalError } from "../core/errors.ts";
import type {
  AddressQuery,
  AddressResult,
  Directory,
  NameQuery,
  NameResult,
  RecordQuery,
  RecordResult,
} from "../runtime/directory.ts";
import { DaemonConnection } from "./daemon-connection.ts";
import type { DirectoryOptions } from "./open-directory.ts";
import { findControlSocket } from "./socket-path.ts";
import { openStandalone } from "./standalone.ts";

/** The part of a directory that finds names. */
export type NameDirectory = Pick<Directory, "lookupAddresses" | "lookupNames" | "lookupRecords">;

type Question<Result> = (directory: NameDirectory) => Promise<Result>;

/** The longest a timer can be set to. */
const HOLD_INTERVAL = 0x7fff_ffff;

const shared = new Map<string, LazyDirectory>();

/** The same directory for the same options. */
export function lazyDirectory(options: DirectoryOptions = {}): NameDirectory {
  const { socket, standalone, configurationFile } = options;
  const key = JSON.stringify([socket, standalone, configurationFile]);
  const known = shared.get(key);
  if (known !== undefined) return known;
  const directory = new LazyDirectory(options);
  shared.set(key, directory);
  return directory;
}

class LazyDirectory implements NameDirectory {
  readonly #options: DirectoryOptions;
  #engine: Promise<NameDirectory> | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult> {
    return this.#ask((directory) => directory.lookupAddresses(query, signal));
  }

  lookupNames(query: NameQuery, signal?: AbortSignal): Promise<NameResult> {
    return this.#ask((directory) => directory.lookupNames(query, signal));
  }

  lookupRecords(query: RecordQuery, signal?: AbortSignal): Promise<RecordResult> {
    return this.#ask((directory) => directory.lookupRecords(query, signal));
  }

  async #ask<Result>(question: Question<Result>): Promise<Result> {
    const hold = setInterval(() => {}, HOLD_INTERVAL);
    try {
      return await (this.#options.standalone === true
        ? this.#askEngine(question)
        : this.#askDaemon(question));
    } finally {
      clearInterval(hold);
    }
  }

  async #askDaemon<Result>(question: Question<Result>): Promise<Result> {
    const { socket } = this.#options;
    try {
      return await question(new DaemonConnection(findControlSocket(socket)));
    } catch (error) {
      if (socket !== undefined || !isWithoutDaemon(error)) throw error;
      return this.#askEngine(question);
    }
  }

  async #askEngine<Result>(question: Question<Result>): Promise<Result> {
    const { configurationFile } = this.#options;
    this.#engine ??= openStandalone({ configurationFile, unref: true });
    try {
      return await question(await this.#engine);
    } catch (error) {
      // Without a link there was no engine; the next question finds out whether there is one.
      if (error instanceof DotlocalError && error.code === "NO_LINK") this.#engine = undefined;
      throw error;
    }
  }
}

function isWithoutDaemon(error: unknown): boolean {
  return (
    error instanceof DotlocalError && (error.code === "NO_DAEMON" || error.code === "NOT_PERMITTED")
  );
}
