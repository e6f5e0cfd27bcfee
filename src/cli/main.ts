/**
 * The command `dotlocal`: runs what `program.ts` describes, and ends with its exit status. Each
 * subcommand's work is loaded only when it runs.
 */

import { CommanderError } from "commander";
import { DotlocalError, EXIT_DONE, EXIT_FAULT, EXIT_USAGE } from "../core/errors.ts";
import { createProgram } from "./program.ts";

/** Runs a command line, the executable and the script before it; gives its exit status. */
export async function main(words: readonly string[]): Promise<number> {
  // A reader that has enough of us (`dotlocal browse | head`) is no error.
  process.stdout.on("error", () => process.exit(EXIT_DONE));
  try {
    await createProgram(words[2]).parseAsync(words);
    return Number(process.exitCode ?? EXIT_DONE);
  } catch (error) {
    return statusOf(error);
  }
}

/** Ends the process once everything written is out; output to a pipe is never cut short. */
export function end(status: number): void {
  process.exitCode = status;
  process.stdout.write("", () => process.stderr.write("", () => process.exit(status)));
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
  if (error instanceof DotlocalError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitStatus;
  }
  process.stderr.write(`a fault of dotlocal: ${(error as Error).stack ?? String(error)}\n`);
  return EXIT_FAULT;
}
