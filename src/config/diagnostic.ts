/**
 * A problem in a file that a person wrote, with the place where it is: what the command line and the
 * log print as `file:line:column: message`.
 *
 * Readers of files report every problem they find, not only the first.
 */

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

/** Collects the problems of one file, up to a limit: a file of garbage says so once, not forever. */
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
    const base = { file: this.#file, line, column, severity, message };
    this.#diagnostics.push(hint === undefined ? base : { ...base, hint });
  }
}

/** How many problems of one file are reported. */
export const DIAGNOSTICS_MAX = 100;

/** In order of place, so that the reader can go through the file once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** `file:line:column: message`, with `warning:` before the message of a warning; hint at the end. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, severity, message, hint } = diagnostic;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const label = severity === "warning" ? "warning: " : "";
  return `${place}: ${label}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
