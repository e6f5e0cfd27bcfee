/**
 * Which files define services and further hosts, and what is in them: this project's own, Avahi's and
 * systemd's, from the folders that the configuration names.
 *
 * Reading never waits (a named pipe is no definition) and never takes more than a definition may have.
 */

import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { type HostEntry, parseAvahiHosts } from "../config/avahi-hosts.ts";
import type { ServicesConfiguration } from "../config/configuration.ts";
import { type Diagnostic, TEXT_SIZE_MAX } from "../config/diagnostic.ts";
import type { ServiceFormat, ServiceGroup } from "../config/service-definition.ts";
import { parseServiceFile, serviceFormatOf } from "../config/service-file.ts";
import {
  type DirectoryListing,
  overrideByPriority,
  parseSystemdServices,
} from "../config/systemd-services.ts";

export type DefinitionFormat = ServiceFormat | "hosts";

/** One definition: a file, and systemd's drop-ins to it. */
export interface DefinitionSource {
  /** Stays the same when a file of another folder takes the place of this one (systemd). */
  readonly key: string;
  readonly format: DefinitionFormat;
  /** The file, then its drop-ins in the order in which they apply. */
  readonly paths: readonly string[];
}

export interface UnreadableFolder {
  readonly folder: string;
  readonly diagnostic: Diagnostic;
}

export interface SourceListing {
  readonly sources: readonly DefinitionSource[];
  readonly unreadable: readonly UnreadableFolder[];
  /** Folders beside those of the configuration whose changes matter: those of drop-ins. */
  readonly dropInFolders: readonly string[];
}

export type FileReading =
  | {
      readonly kind: "text";
      readonly text: string;
      /** Octets; 0 also for a link to /dev/null, which masks a definition of systemd's. */
      readonly size: number;
      /** Milliseconds since 1970. */
      readonly modified: number;
      readonly isDevice: boolean;
    }
  /** Not there, or nothing that could be read. */
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly diagnostic: Diagnostic };

/** What a definition says. */
export interface DefinitionReading {
  /** undefined when there are errors, when it is masked, and for hosts. */
  readonly group: ServiceGroup | undefined;
  readonly hosts: readonly HostEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The name of a file of hosts, wherever it is. */
const HOSTS_FILE = "hosts";

const DROP_INS = ".d";
const DROP_IN_ENDING = ".conf";

/** The most octets that the characters of a definition can have. */
const FILE_SIZE_MAX = 4 * TEXT_SIZE_MAX;

/** Every definition there is; folders that are not there hold none. */
export function listDefinitionSources(services: ServicesConfiguration): SourceListing {
  const lister = new SourceLister();
  const sources = [
    ...services.directories.flatMap((folder) => lister.filesIn(folder, "dotlocal")),
    ...services.avahi.flatMap((folder) => lister.filesIn(folder, "avahi")),
    ...lister.systemdFiles(services.systemd),
    ...services.avahiHosts.map((path) => fileSource(path, "hosts")),
  ];
  const { unreadable, dropInFolders } = lister;
  return { sources, unreadable, dropInFolders };
}

class SourceLister {
  readonly unreadable: UnreadableFolder[] = [];
  readonly dropInFolders: string[] = [];

  filesIn(folder: string, format: ServiceFormat): readonly DefinitionSource[] {
    const { names } = this.#list(folder, (name) => serviceFormatOf(name) === format);
    return names.map((name) => fileSource(join(folder, name), format));
  }

  systemdFiles(folders: readonly string[]): readonly DefinitionSource[] {
    const isDefinition = (name: string): boolean => serviceFormatOf(name) === "systemd";
    const listings = folders.map((folder) => this.#list(folder, () => true));
    const definitions = listings.map(({ directory, names }) => {
      return { directory, names: names.filter(isDefinition) };
    });
    return overrideByPriority(definitions).map((path) => ({
      key: `systemd ${basename(path)}`,
      format: "systemd",
      paths: [path, ...this.#dropIns(basename(path), listings)],
    }));
  }

  #dropIns(name: string, listings: readonly DirectoryListing[]): readonly string[] {
    const folders = listings
      .filter(({ names }) => names.includes(name + DROP_INS))
      .map(({ directory }) => join(directory, name + DROP_INS));
    this.dropInFolders.push(...folders);
    return this.dropInsIn(folders);
  }

  /** In the order in which they apply: that of their names. */
  dropInsIn(folders: readonly string[]): readonly string[] {
    return overrideByPriority(folders.map((folder) => this.#list(folder, isDropIn)));
  }

  #list(directory: string, isWanted: (name: string) => boolean): DirectoryListing {
    try {
      return { directory, names: readdirSync(directory).filter(isWanted).sort() };
    } catch (error) {
      if (!isAbsence(error)) {
        this.unreadable.push({ folder: directory, diagnostic: unreadable(directory, error) });
      }
      return { directory, names: [] };
    }
  }
}

function fileSource(path: string, format: DefinitionFormat): DefinitionSource {
  return { key: path, format, paths: [path] };
}

function isDropIn(name: string): boolean {
  return name.endsWith(DROP_IN_ENDING) && !name.startsWith(".");
}

/** One file that somebody names, with the drop-ins beside it; undefined: it is no definition. */
export function definitionSourceOf(path: string): DefinitionSource | undefined {
  const format = basename(path) === HOSTS_FILE ? "hosts" : serviceFormatOf(path);
  if (format === undefined) return undefined;
  if (format !== "systemd") return fileSource(path, format);
  const folder = path + DROP_INS;
  const dropIns = new SourceLister().dropInsIn([folder]);
  return { key: path, format, paths: [path, ...dropIns] };
}

/** Reads a file of a definition. */
export function readDefinitionFile(path: string): FileReading {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return readDescriptor(descriptor, path);
  } catch (error) {
    return isAbsence(error)
      ? { kind: "absent" }
      : { kind: "unreadable", diagnostic: unreadable(path, error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readDescriptor(descriptor: number, path: string): FileReading {
  const status = fstatSync(descriptor);
  const { mtimeMs: modified } = status;
  if (status.isCharacterDevice()) {
    return { kind: "text", text: "", size: 0, modified, isDevice: true };
  }
  if (!status.isFile()) return { kind: "absent" };
  // One octet more tells a file that is too large, also one that grows meanwhile.
  const buffer = Buffer.alloc(Math.min(status.size, FILE_SIZE_MAX) + 1);
  const size = readSync(descriptor, buffer, 0, buffer.length, 0);
  const octets = buffer.subarray(0, size);
  if (size > FILE_SIZE_MAX) {
    const message = `the file is too large; the limit is ${TEXT_SIZE_MAX} characters`;
    return { kind: "unreadable", diagnostic: problem(path, 1, message) };
  }
  if (!isUtf8(octets)) {
    return { kind: "unreadable", diagnostic: problem(path, oddLine(octets), "not valid UTF-8") };
  }
  return { kind: "text", text: octets.toString("utf8"), size, modified, isDevice: false };
}

/** The first line, from 1, that is not UTF-8. */
function oddLine(octets: Buffer): number {
  let line = 1;
  for (let start = 0; start < octets.length; line++) {
    const end = octets.indexOf(0x0a, start);
    const stop = end < 0 ? octets.length : end;
    if (!isUtf8(octets.subarray(start, stop))) break;
    start = stop + 1;
  }
  return line;
}

/** `texts` are those of `source.paths`, in their order. */
export function parseDefinition(
  source: DefinitionSource,
  texts: readonly string[],
): DefinitionReading {
  const files = source.paths.map((file, index) => ({ file, text: texts[index] ?? "" }));
  const [main, ...dropIns] = files;
  if (main === undefined) return { group: undefined, hosts: [], diagnostics: [] };
  if (source.format === "hosts") {
    const { entries, diagnostics } = parseAvahiHosts(main.text, main.file);
    return { group: undefined, hosts: entries, diagnostics };
  }
  const outcome =
    source.format === "systemd"
      ? parseSystemdServices(main, dropIns)
      : parseServiceFile(main.text, main.file, source.format);
  return { ...outcome, hosts: [] };
}

function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function unreadable(file: string, error: unknown): Diagnostic {
  const { code, message } = error as NodeJS.ErrnoException;
  return problem(file, 0, `cannot be read: ${code ?? message}`);
}

function problem(file: string, line: number, message: string): Diagnostic {
  return { file, line, column: line === 0 ? 0 : 1, severity: "error", message };
}
