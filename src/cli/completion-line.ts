/**
 * What is being typed, taken apart: the command as far as it is known, and what the word under the
 * cursor may be.
 */

import type { Argument, Command, Option } from "commander";

export type Place =
  /** The word is, or may become, an option or a subcommand, or else an argument. */
  | { readonly kind: "word"; readonly command: Command; readonly argument: Argument | undefined }
  /** The word is the value of an option. */
  | { readonly kind: "value"; readonly command: Command; readonly option: Option };

/** `words`: those between the program's name and the word under the cursor. */
export function placeOf(program: Command, words: readonly string[]): Place {
  let command = program;
  let awaited: Option | undefined;
  let argumentCount = 0;
  for (const word of words) {
    if (awaited !== undefined) {
      awaited = undefined;
    } else if (word.startsWith("-") && word !== "-") {
      awaited = word.includes("=") ? undefined : valuedOption(command, word);
    } else {
      const subcommand = command.commands.find((candidate) => candidate.name() === word);
      if (subcommand !== undefined && argumentCount === 0) command = subcommand;
      else argumentCount++;
    }
  }
  if (awaited !== undefined) return { kind: "value", command, option: awaited };
  return { kind: "word", command, argument: argumentAt(command, argumentCount) };
}

/** `undefined` where the option takes no value. */
function valuedOption(command: Command, word: string): Option | undefined {
  const option = command.options.find(({ long, short }) => long === word || short === word);
  return option !== undefined && (option.required || option.optional) ? option : undefined;
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}
