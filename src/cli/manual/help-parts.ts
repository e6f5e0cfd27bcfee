/** What `--help` of a command says, taken apart for the manual. */

import type { EventEmitter } from "node:events";
import type { Command, Option } from "commander";

export interface HelpParts {
  /** The command with the commands above it, e.g. `dotlocal cache flush`. */
  readonly path: string;
  readonly description: string;
  /** e.g. `dotlocal resolve [options] <name|address...>`. */
  readonly usage: string;
  readonly terms: readonly HelpTerm[];
  /** Paragraphs after the options. */
  readonly notes: readonly string[];
  /** Lines. */
  readonly examples: string | undefined;
}

export interface HelpTerm {
  readonly term: string;
  readonly meaning: string;
}

export function helpParts(command: Command): HelpParts {
  const after = textAfter(command);
  const [notes = "", examples] = after.split(/^Examples:\n/m);
  const [exampleLines, ...rest] = examples?.split(/\n\n/) ?? [];
  return {
    path: pathOf(command),
    description: command.description(),
    usage: `${pathOf(command)} ${command.usage()}`,
    terms: [...argumentTerms(command), ...optionTerms(command)],
    notes: [notes, ...rest].map((text) => text.trim()).filter((text) => text !== ""),
    examples: exampleLines?.replace(/^ {2}/gm, "").trimEnd(),
  };
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function argumentTerms(command: Command): HelpTerm[] {
  return command.registeredArguments
    .filter(({ description }) => description !== "")
    .map((argument) => ({ term: argument.name(), meaning: sentence(argument.description) }));
}

function optionTerms(command: Command): HelpTerm[] {
  return command.options.map((option) => ({ term: option.flags, meaning: meaningOf(option) }));
}

function meaningOf(option: Option): string {
  const { description, defaultValue, defaultValueDescription } = option;
  const shown = defaultValueDescription ?? (option.negate ? undefined : defaultValue);
  return sentence(shown === undefined ? description : `${description}; default: ${shown}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The text that `addHelpText("after")` put there. */
function textAfter(command: Command): string {
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  const emitter = command as unknown as EventEmitter;
  emitter.emit("afterHelp", { error: false, command, write });
  return text.trim();
}
