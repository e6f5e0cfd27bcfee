/**
 * The daemon's log: JSON lines for machines, plain lines for people, with the journal's priorities
 * when systemd reads them (sd-daemon(3)).
 */

import { type DestinationStream, type Logger, pino } from "pino";
import type { LogFormat, LogLevel } from "../config/configuration.ts";

export type { Logger } from "pino";

interface Entry {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly err?: { readonly stack?: string };
}

const RED = "\u001b[31m";
const YELLOW = "\u001b[33m";
const DIM = "\u001b[2m";
const RESET = "\u001b[0m";

/** `auto` is plain lines; JSON is for those who ask. */
export function openLog(level: LogLevel, format: LogFormat): Logger {
  const options = { level, base: null };
  if (format === "json") return pino(options, pino.destination({ fd: 2, sync: true }));
  return pino(options, plainLines());
}

/** Takes pino's JSON lines and writes one plain line for each to standard error. */
function plainLines(): DestinationStream {
  const isJournal = process.env["JOURNAL_STREAM"] !== undefined;
  const hasColor = process.stderr.isTTY === true && process.env["NO_COLOR"] === undefined;
  const format = isJournal ? journalLine : hasColor ? coloredLine : plainLine;
  return {
    write(json: string) {
      process.stderr.write(`${format(JSON.parse(json) as Entry)}\n`);
    },
  };
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
  return `${clockTime(entry)} ${levelWord(entry)}${text(entry)}`;
}

function coloredLine(entry: Entry): string {
  const color = entry.level >= 50 ? RED : entry.level >= 40 ? YELLOW : "";
  const reset = color === "" ? "" : RESET;
  return `${DIM}${clockTime(entry)}${RESET} ${color}${levelWord(entry)}${text(entry)}${reset}`;
}

function text({ msg, err }: Entry): string {
  return err?.stack === undefined ? msg : `${msg}\n${err.stack}`;
}

function levelWord({ level }: Entry): string {
  if (level >= 50) return "error: ";
  if (level >= 40) return "warning: ";
  return "";
}

function clockTime({ time }: Entry): string {
  return new Date(time).toISOString().slice(11, 19);
}
