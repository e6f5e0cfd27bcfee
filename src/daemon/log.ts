/**
 * The daemon's log: JSON lines for machines, plain lines for people, with the journal's priorities
 * when systemd reads them (sd-daemon(3)).
 */

import type { LogFormat, LogLevel } from "../config/configuration.ts";

/** What besides its words belongs to a line. */
export interface LogDetails {
  readonly err?: unknown;
  /** Told by JSON lines alone. */
  readonly status?: unknown;
}

export interface LogMethod {
  (message: string): void;
  (details: LogDetails, message: string): void;
}

export interface Logger {
  /** The least that is told. */
  level: string;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
}

interface Entry {
  readonly level: number;
  readonly message: string;
  readonly err: unknown;
}

/** As pino numbers them. */
const LEVELS: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
};

const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";

/** `auto` is plain lines; JSON is for those who ask, and its writer is loaded for them alone. */
export async function openLog(level: LogLevel, format: LogFormat): Promise<Logger> {
  if (format !== "json") return new PlainLog(level);
  const { pino } = await import("pino");
  const log: Logger = pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
  return log;
}

/** Writes one plain line for each message to standard error. */
class PlainLog implements Logger {
  level: string;
  readonly debug = this.#at("debug");
  readonly info = this.#at("info");
  readonly warn = this.#at("warn");
  readonly error = this.#at("error");
  readonly fatal = this.#at("fatal");
  readonly #format = lineFormat();

  constructor(level: LogLevel) {
    this.level = level;
  }

  #at(name: string): LogMethod {
    const level = LEVELS[name]!;
    return (first: LogDetails | string, second?: string) => {
      if (level < (LEVELS[this.level] ?? Number.POSITIVE_INFINITY)) return;
      const message = typeof first === "string" ? first : (second ?? "");
      const err = typeof first === "string" ? undefined : first.err;
      process.stderr.write(`${this.#format({ level, message, err })}\n`);
    };
  }
}

function lineFormat(): (entry: Entry) => string {
  if (process.env["JOURNAL_STREAM"] !== undefined) return journalLine;
  const hasColor = process.stderr.isTTY === true && process.env["NO_COLOR"] === undefined;
  return hasColor ? coloredLine : plainLine;
}

/** The journal adds time and name itself. */
function journalLine(entry: Entry): string {
  const priority = entry.level >= 50 ? 3 : entry.level >= 40 ? 4 : entry.level >= 30 ? 6 : 7;
  return text(entry)
    .split("\n")
    .map((line) => `<${priority}>${line}`)
    .join("\n");
}

function plainLine(entry: Entry): string {
  return `${clockTime()} ${levelWord(entry)}${text(entry)}`;
}

function coloredLine(entry: Entry): string {
  const color = entry.level >= 50 ? RED : entry.level >= 40 ? YELLOW : "";
  const reset = color === "" ? "" : RESET;
  return `${DIM}${clockTime()}${RESET} ${color}${levelWord(entry)}${text(entry)}${reset}`;
}

function text({ message, err }: Entry): string {
  return err instanceof Error ? `${message}\n${err.stack}` : message;
}

function levelWord({ level }: Entry): string {
  if (level >= 50) return "error: ";
  if (level >= 40) return "warning: ";
  return "";
}

function clockTime(): string {
  return new Date().toISOString().slice(11, 19);
}
