/** Options that several commands share, and what they mean. */

import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../config/duration.ts";

export interface SocketOptions {
  readonly socket?: string;
}

export interface ConfigOptions {
  readonly config?: string;
}

export interface LinkOptions {
  readonly interface?: readonly string[];
  readonly "4"?: boolean;
  readonly "6"?: boolean;
}

export interface LookupOptions extends SocketOptions, ConfigOptions, LinkOptions {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly standalone?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect);
}

/** A duration in milliseconds; a bare number is milliseconds too. */
function readDuration(text: string): number {
  const read = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}ms` : text);
  if (!read.ok) throw new InvalidArgumentError(read.error);
  return read.value;
}

export function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(readDuration);
}

/** A whole number of 16 bits. */
export function numberOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
    throw new InvalidArgumentError("expected a number from 0 to 65535");
  });
}

export function addSocketOption(command: Command): Command {
  return command.option("--socket <path>", "control socket of the daemon");
}

export function addConfigOption(command: Command): Command {
  return command.option("-c, --config <file>", "configuration file");
}

export function addLinkOptions(command: Command): Command {
  return command
    .addOption(
      repeatable("-i, --interface <pattern>", "only interfaces like this (glob, repeatable)"),
    )
    .addOption(new Option("-4", "IPv4 only").conflicts("6"))
    .addOption(new Option("-6", "IPv6 only").conflicts("4"));
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--json", "one JSON object a line, for programs")
    .option("--no-color", "no colours")
    .option("-v, --verbose", "say more on standard error");
}

/** What every command that asks the link has. */
export function addLookupOptions(command: Command): Command {
  addOutputOptions(addLinkOptions(addConfigOption(addSocketOption(command))));
  return command
    .addOption(
      new Option("--timeout <duration>", "give up after, e.g. 800ms or 3s").argParser(readDuration),
    )
    .option("--standalone", "do not use a running daemon");
}
