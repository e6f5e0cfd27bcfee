/**
 * A problem in a file that a person wrote, with the place where it is: what the command line and
 * the log print as `file:line:column: message`.
 *
 * Readers of files report every problem they find, not only the first.
 */

import { printable } from "../core/text.ts";

export type Severity = "error" | "warning";

export interface Diagnostic {
  /** As the caller named the file; for a command-line option, the option, e.g. `--stub`. */
  readonly file: string;
  /** From 1; 0 where the source has no lines (a command-line option). */
  readonly line: number;
  /** From 1, in characters; 0 where the source has no lines. */
  readonly column: number;
  readonly severity: Severity;
  /** What is wrong and what was expected, in one line, without a final full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A place in a text: both numbers from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where what concerns the whole file is reported. */
export const START: Position = { line: 1, column: 1 };

/**
 * Collects the problems of one file, up to a limit: a file of garbage says so once, not forever.
 */
export class DiagnosticList {
  readonly #file: string;
  readonly #diagnostics: Diagnostic[] = [];
  #hasErrors = false;

  constructor(file: string) {
    this.#file = file;
  }

  get all(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  error(position: Position, message: string, hint?: string): void {
    this.#hasErrors = true;
    this.#add("error", position, message, hint);
  }

  warn(position: Position, message: string, hint?: string): void {
    this.#add("warning", position, message, hint);
  }

  #add(severity: Severity, position: Position, message: string, hint: string | undefined): void {
    if (this.#diagnostics.length > DIAGNOSTICS_MAX) return;
    if (this.#diagnostics.length === DIAGNOSTICS_MAX) {
      message = "too many problems; the rest of them is not shown";
      hint = undefined;
    }
    const { line, column } = position;
    const base = { file: this.#file, line, column, severity, message: printable(message) };
    this.#diagnostics.push(hint === undefined ? base : { ...base, hint: printable(hint) });
  }
}

/** How many problems of one file are reported. */
const DIAGNOSTICS_MAX = 100;

/** Characters in a file. */
export const TEXT_SIZE_MAX = 1_048_576;

/** Whether the text is larger than any file of ours has reason to be; reports it then. */
export function isTooLarge(text: string, diagnostics: DiagnosticList): boolean {
  if (text.length <= TEXT_SIZE_MAX) return false;
  const message = `the file is too large; the limit is ${TEXT_SIZE_MAX} characters`;
  diagnostics.error(START, message);
  return true;
}

/** In order of place, so that the reader can go through the file once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * `file:line:column: message`, with `warning:` before the message of a warning; hint at the end.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, hint } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const label = severity === "warning" ? "warning: " : "";
  return `${place}: ${label}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** Finds the line and column of an offset in a text. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  positionAt(offset: number): Position {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.max(offset - this.#starts[low]!, 0) + 1 };
  }
}

/** Characters of a wrong value that a message repeats. */
const QUOTED_MAX = 60;

/** Text for a message: in quotes, on one line, with an end. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text.slice(0, QUOTED_MAX));
  return text.length > QUOTED_MAX ? `${quoted.slice(0, -1)}..."` : quoted;
}
