/**
 * Reads systemd's `*.dnssd` files (systemd.dnssd(5)): one service a file, which drop-ins add to.
 *
 * Each `TxtText=` and `TxtData=` line is a TXT record of its own, an empty assignment takes back
 * what was assigned before, a key that systemd does not know is ignored with a warning.
 */

import {
  DiagnosticList,
  isTooLarge,
  type Position,
  quote,
  START,
  sortDiagnostics,
} from "./diagnostic.ts";
import { type IniAssignment, readIni } from "./ini-file.ts";
import { readTemplate, SYSTEMD_SPECIFIERS } from "./name-template.ts";
import { nearestOf } from "./nearest.ts";
import { parseBase64 } from "./octets.ts";
import type { NameTemplate, ServiceDefinition, TxtEntry } from "./service-definition.ts";
import { SERVICE_DEFAULTS, type ServiceFileOutcome } from "./service-reading.ts";
import {
  checkName,
  checkSubtype,
  checkTxtRecord,
  checkType,
  splitTxtEntry,
} from "./service-rules.ts";
import { splitWords } from "./systemd-words.ts";

/** A file with its text. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads a `*.dnssd` file and its drop-ins, given in the order in which they apply. An empty first
 * text (a link to /dev/null) masks the service: no group, no diagnostics.
 */
export function parseSystemdServices(
  main: SourceText,
  dropIns: readonly SourceText[] = [],
): ServiceFileOutcome {
  if (main.text.trim() === "") return { group: undefined, diagnostics: [] };
  const reader = new ServiceSectionReader();
  const lists = [main, ...dropIns].map((source) => {
    const list = new DiagnosticList(source.file);
    if (!isTooLarge(source.text, list)) {
      for (const assignment of readIni(source.text, list)) reader.assign(assignment, list);
    }
    return list;
  });
  const service = reader.finish(lists[0]!);
  const diagnostics = lists.flatMap((list) => sortDiagnostics(list.all));
  const source = { file: main.file, line: reader.line };
  const isValid = !lists.some((list) => list.hasErrors);
  return {
    group: isValid
      ? { name: reader.name, services: [service], format: "systemd", source }
      : undefined,
    diagnostics,
  };
}

const KEYS = [
  "Name",
  "Type",
  "SubType",
  "Port",
  "Priority",
  "Weight",
  "TxtText",
  "TxtData",
] as const;

type Key = (typeof KEYS)[number];

const UINT16_MAX = 0xffff;

class ServiceSectionReader {
  name: NameTemplate = [];
  line = 1;
  #type = "";
  #subtype = "";
  #port: number | undefined;
  #priority = 0;
  #weight = 0;
  #records: (readonly TxtEntry[])[] = [];

  assign(assignment: IniAssignment, diagnostics: DiagnosticList): void {
    const { section, key, keyPosition } = assignment;
    if (section.startsWith("X-") || (section === "Service" && key.startsWith("X-"))) return;
    const known = KEYS.find((candidate) => candidate === key);
    if (section !== "Service") {
      diagnostics.warn(keyPosition, `the section [${section}] is ignored`, "expected [Service]");
    } else if (known !== undefined) {
      this.#assignKnown(known, assignment, diagnostics);
    } else {
      const nearest = nearestOf(key, KEYS);
      const hint = nearest ? `did you mean ${nearest}?` : `valid here: ${KEYS.join(", ")}`;
      diagnostics.warn(keyPosition, `unknown key ${quote(key)}, ignored`, hint);
    }
  }

  /** What was read; what is missing is reported at the start of the file. */
  finish(diagnostics: DiagnosticList): ServiceDefinition {
    if (this.name.length === 0) diagnostics.error(START, "Name= is missing");
    if (this.#type === "") diagnostics.error(START, "Type= is missing");
    if (this.#port === undefined && !diagnostics.hasErrors) {
      diagnostics.warn(START, "Port= is missing; the service is published with port 0");
    }
    const [txt = [], ...additionalTxtRecords] = this.#records;
    return {
      ...SERVICE_DEFAULTS,
      type: this.#type,
      subtypes: this.#subtype === "" ? [] : [this.#subtype],
      port: this.#port ?? 0,
      txt,
      additionalTxtRecords,
      priority: this.#priority,
      weight: this.#weight,
      line: this.line,
    };
  }

  #assignKnown(key: Key, assignment: IniAssignment, diagnostics: DiagnosticList): void {
    const { value, valuePosition } = assignment;
    switch (key) {
      case "Name":
        this.#assignName(value, valuePosition, diagnostics);
        return;
      case "Type":
        this.#type = value;
        if (value !== "") checkType(value, valuePosition, diagnostics);
        return;
      case "SubType":
        this.#subtype = value;
        if (value !== "") checkSubtype(value, valuePosition, diagnostics);
        return;
      case "Port":
        this.#port = readNumber(assignment, 1, diagnostics);
        return;
      case "Priority":
        this.#priority = readNumber(assignment, 0, diagnostics) ?? 0;
        return;
      case "Weight":
        this.#weight = readNumber(assignment, 0, diagnostics) ?? 0;
        return;
      default:
        this.#assignTxt(key, assignment, diagnostics);
    }
  }

  #assignName(value: string, position: Position, diagnostics: DiagnosticList): void {
    const { template, unknown } = readTemplate(value, SYSTEMD_SPECIFIERS);
    for (const specifier of unknown) {
      const message = `unknown specifier ${specifier} in the name; it stays as it is`;
      diagnostics.warn(position, message, "%H is the host name, %% a per cent sign");
    }
    if (value !== "") checkName(template, position, diagnostics);
    this.name = template;
    this.line = position.line;
  }

  #assignTxt(
    key: "TxtText" | "TxtData",
    { value, valuePosition }: IniAssignment,
    diagnostics: DiagnosticList,
  ): void {
    if (value === "") {
      this.#records = [];
      return;
    }
    const words = splitWords(value);
    if (words === undefined) {
      diagnostics.error(valuePosition, `${key}: a quotation mark is left open`);
      return;
    }
    const entries = words.map((word) => {
      const entry = splitTxtEntry(word);
      return withoutEmptyValue(
        key === "TxtText" ? entry : decodeEntry(entry, valuePosition, diagnostics),
      );
    });
    const placed = entries.map((entry) => ({ entry, position: valuePosition }));
    checkTxtRecord(placed, diagnostics);
    this.#records.push(entries);
  }
}

/** systemd writes `key=` as a key without value. */
function withoutEmptyValue(entry: TxtEntry): TxtEntry {
  return entry.value?.length === 0 ? { key: entry.key, value: undefined } : entry;
}

const textDecoder = new TextDecoder();

function decodeEntry(entry: TxtEntry, position: Position, diagnostics: DiagnosticList): TxtEntry {
  if (entry.value === undefined) return entry;
  const encoded = textDecoder.decode(entry.value);
  const value = parseBase64(encoded);
  if (value !== undefined) return { key: entry.key, value };
  const message = `TxtData: expected base64 with its padding after "=", not ${quote(encoded)}`;
  diagnostics.error(position, message);
  return entry;
}

/** An empty assignment is none. */
function readNumber(
  { key, value, valuePosition }: IniAssignment,
  min: number,
  diagnostics: DiagnosticList,
): number | undefined {
  if (value === "") return undefined;
  const number = /^\d{1,5}$/.test(value) ? Number(value) : -1;
  if (number >= min && number <= UINT16_MAX) return number;
  const expected = `expected a whole number from ${min} to ${UINT16_MAX}`;
  diagnostics.error(valuePosition, `${key}: ${expected}, not ${quote(value)}`);
  return min;
}

/** The files of one directory, by name. */
export interface DirectoryListing {
  readonly directory: string;
  readonly names: readonly string[];
}

/**
 * The paths that count when several directories hold files of one name: the first directory that
 * has it wins. In the order of the names.
 */
export function overrideByPriority(listings: readonly DirectoryListing[]): readonly string[] {
  const paths = new Map<string, string>();
  for (const { directory, names } of listings) {
    for (const name of names) {
      if (!paths.has(name)) paths.set(name, `${directory}/${name}`);
    }
  }
  return [...paths.keys()].sort().map((name) => paths.get(name)!);
}
