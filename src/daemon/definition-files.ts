/**
 * The definitions as they are to be published: of each file its last valid version.
 *
 * A file that is being written is not believed before it has been left alone for a moment: half of a
 * definition may well be valid, and an empty file would be a mask or an error. What was valid stays
 * while its file cannot be read or is wrong; it goes when the file is gone.
 */

import { dirname } from "node:path";
import type { HostEntry } from "../config/avahi-hosts.ts";
import type { ServicesConfiguration } from "../config/configuration.ts";
import { type Diagnostic, hasErrors } from "../config/diagnostic.ts";
import type { ServiceGroup } from "../config/service-definition.ts";
import {
  type DefinitionFormat,
  type DefinitionSource,
  type FileReading,
  listDefinitionSources,
  parseDefinition,
  readDefinitionFile,
} from "../runtime/definition-sources.ts";

/** Milliseconds after its last change when a file is taken to be whole. */
export const SETTLE_TIME = 150;

/** Likewise for an empty file: truncated, it is most likely about to be written. */
export const EMPTY_SETTLE_TIME = 1500;

export interface Definition {
  readonly key: string;
  readonly file: string;
  readonly format: DefinitionFormat;
  /** The last valid version; undefined: there never was one, or it is masked. */
  readonly group: ServiceGroup | undefined;
  readonly hosts: readonly HostEntry[];
  /** Of the file as it is now. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Held {
  readonly paths: readonly string[];
  /** What `definition` was read from; undefined: the files could not be read. */
  readonly texts: readonly string[] | undefined;
  readonly definition: Definition;
  /** When it was first found gone. */
  readonly goneSince?: number;
}

export interface Scan {
  /** Milliseconds after which files that are being written should be looked at; undefined: none is. */
  readonly again: number | undefined;
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/** `settled`: files that are being written are left for later. `now`: they are read as they are. */
export type Patience = "settled" | "now";

type TextReading = Extract<FileReading, { kind: "text" }>;

export class DefinitionFiles {
  #held = new Map<string, Held>();
  #folderDiagnostics: readonly Diagnostic[] = [];

  get definitions(): readonly Definition[] {
    return Array.from(this.#held.values(), ({ definition }) => definition);
  }

  /** Every problem of the files as they are now. */
  get diagnostics(): readonly Diagnostic[] {
    const ofFiles = this.definitions.flatMap(({ diagnostics }) => diagnostics);
    return [...this.#folderDiagnostics, ...ofFiles];
  }

  /** Looks at everything; `clock` is in milliseconds since 1970, as files have it. */
  scan(services: ServicesConfiguration, patience: Patience, clock: number): Scan {
    const { sources, unreadable, dropInFolders } = listDefinitionSources(services);
    const pass = new ScanPass(this.#held, patience, clock);
    pass.keepLost(new Set(unreadable.map(({ folder }) => folder)));
    this.#held = pass.run(sources);
    this.#folderDiagnostics = unreadable.map(({ diagnostic }) => diagnostic);
    const { directories, avahi, systemd, avahiHosts } = services;
    return {
      again: pass.again,
      folders: [...directories, ...avahi, ...systemd, ...dropInFolders],
      files: sources.flatMap(({ paths }) => paths).concat(avahiHosts),
    };
  }
}

/** One look at all files, beside what was held before. */
class ScanPass {
  again: number | undefined;
  readonly #before: ReadonlyMap<string, Held>;
  readonly #patience: Patience;
  readonly #clock: number;
  readonly #held = new Map<string, Held>();

  constructor(before: ReadonlyMap<string, Held>, patience: Patience, clock: number) {
    this.#before = before;
    this.#patience = patience;
    this.#clock = clock;
  }

  /** What is in a folder that cannot be read is not gone. */
  keepLost(folders: ReadonlySet<string>): void {
    for (const [key, held] of this.#before) {
      if (folders.has(dirname(held.paths[0]!))) this.#held.set(key, held);
    }
  }

  run(sources: readonly DefinitionSource[]): Map<string, Held> {
    const readings = sources
      .map((source) => ({ source, readings: source.paths.map(readDefinitionFile) }))
      .filter(({ readings: [main] }) => main!.kind !== "absent");
    const present = new Set(readings.map(({ source }) => source.key));
    const isSomethingGone = this.#keepGone(present);
    for (const { source, readings: ofSource } of readings) {
      const before = this.#before.get(source.key);
      // A file that was renamed is the one that is gone: its name is not to be claimed twice.
      const held =
        before === undefined && isSomethingGone ? undefined : this.#take(source, ofSource, before);
      if (held !== undefined) this.#held.set(source.key, held);
    }
    return this.#held;
  }

  /** An editor may remove a file before it writes the new one. Returns whether it may be so. */
  #keepGone(present: ReadonlySet<string>): boolean {
    let isSomethingGone = false;
    for (const [key, held] of this.#before) {
      if (present.has(key) || this.#held.has(key) || this.#patience === "now") continue;
      const goneSince = held.goneSince ?? this.#clock;
      const wait = SETTLE_TIME - (this.#clock - goneSince);
      if (wait <= 0) continue;
      this.#wait(wait);
      this.#held.set(key, { ...held, goneSince });
      isSomethingGone = true;
    }
    return isSomethingGone;
  }

  /** undefined: it is too early to say. */
  #take(
    source: DefinitionSource,
    readings: readonly FileReading[],
    before: Held | undefined,
  ): Held | undefined {
    const failures = readings.flatMap((reading) =>
      reading.kind === "unreadable" ? [reading.diagnostic] : [],
    );
    if (failures.length > 0) return unread(source, before, failures);
    const present = readings.filter((reading) => reading.kind === "text");
    const paths = source.paths.filter((_, index) => readings[index]!.kind === "text");
    const texts = present.map(({ text }) => text);
    if (before?.texts !== undefined && sameTexts(before, { paths, texts })) {
      return { paths, texts, definition: before.definition };
    }
    if (this.#patience === "settled" && this.#mustWait(present)) return before;
    return parsed({ ...source, paths }, texts, before);
  }

  #mustWait(readings: readonly TextReading[]): boolean {
    const wait = Math.max(...readings.map((reading) => this.#waitFor(reading)));
    if (wait > 0) this.#wait(wait);
    return wait > 0;
  }

  /** A clock that was set back makes nothing wait. */
  #waitFor({ size, modified, isDevice }: TextReading): number {
    const age = this.#clock - modified;
    if (isDevice || age < 0) return 0;
    return Math.ceil((size === 0 ? EMPTY_SETTLE_TIME : SETTLE_TIME) - age);
  }

  #wait(wait: number): void {
    this.again = Math.min(this.again ?? wait, wait);
  }
}

function sameTexts(
  before: Held,
  { paths, texts }: { readonly paths: readonly string[]; readonly texts: readonly string[] },
): boolean {
  return (
    before.paths.length === paths.length &&
    before.paths.every((path, index) => path === paths[index]) &&
    before.texts!.every((text, index) => text === texts[index])
  );
}

function unread(
  { key, format, paths }: DefinitionSource,
  before: Held | undefined,
  diagnostics: readonly Diagnostic[],
): Held {
  const { group, hosts = [] } = before?.definition ?? {};
  const definition = { key, file: paths[0]!, format, group, hosts, diagnostics };
  return { paths, texts: undefined, definition };
}

function parsed(
  source: DefinitionSource,
  texts: readonly string[],
  before: Held | undefined,
): Held {
  const { key, format, paths } = source;
  const { group, hosts, diagnostics } = parseDefinition(source, texts);
  const isValid = !hasErrors(diagnostics);
  const definition: Definition = {
    ...{ key, file: paths[0]!, format, hosts, diagnostics },
    group: isValid ? group : before?.definition.group,
  };
  return { paths, texts, definition };
}
