/**
 * `dotlocal completion`: prints a shell's script; and the hidden `dotlocal complete`, which the
 * scripts ask for what can stand where the cursor is.
 */

import type { Command } from "commander";
import { DotlocalError, EXIT_DONE } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import { type Candidate, completionCandidates } from "./completion-candidates.ts";
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from "./completion-scripts.ts";
import { bashReply, typedLine } from "./shell-words.ts";

/** @throws DotlocalError INVALID_ARGUMENT. */
export function completionCommand(shell: string): number {
  process.stdout.write(COMPLETION_SCRIPTS[shellOf(shell)]);
  return EXIT_DONE;
}

/**
 * A line a candidate. bash gives the line up to the cursor and its own word under it; the others give
 * the words, of which the last is the one under the cursor.
 */
export async function completeCommand(
  program: Command,
  shellName: string,
  given: readonly string[],
): Promise<number> {
  const shell = shellOf(shellName);
  for (const line of shell === "bash"
    ? await bashLines(program, given)
    : await wordLines(program, shell, given)) {
    process.stdout.write(`${line}\n`);
  }
  return EXIT_DONE;
}

async function bashLines(
  program: Command,
  [line = "", current = ""]: readonly string[],
): Promise<readonly string[]> {
  const { words, word } = typedLine(line);
  const candidates = await completionCandidates(program, words.slice(1), word);
  return safe(candidates).map(({ text }) => bashReply(text, word, current));
}

async function wordLines(
  program: Command,
  shell: Exclude<Shell, "bash">,
  given: readonly string[],
): Promise<readonly string[]> {
  const candidates = await completionCandidates(program, given.slice(0, -1), given.at(-1) ?? "");
  return safe(candidates).map(({ text, description }) =>
    shell === "fish"
      ? `${text}\t${description}`
      : `${text.replaceAll(":", "\\:")}${description === "" ? "" : `:${description}`}`,
  );
}

/** Names from the network that a terminal should not see are not offered. */
function safe(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates
    .filter(({ text }) => printable(text) === text)
    .map(({ text, description }) => ({ text, description: printable(description) }));
}

function shellOf(name: string): Shell {
  const shell = SHELLS.find((known) => known === name);
  if (shell !== undefined) return shell;
  throw new DotlocalError("INVALID_ARGUMENT", `expected ${SHELLS.join(", ")}, not "${name}"`);
}
