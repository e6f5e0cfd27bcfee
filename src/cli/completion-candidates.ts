/**
 * What can stand where the cursor is: subcommands, options, and values that this host and the running
 * daemon know. A daemon that does not answer at once is done without.
 */

import { networkInterfaces } from "node:os";
import type { Argument, Command, Option } from "commander";
import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import type { CachedEntry } from "../runtime/host-cache.ts";
import { RecordType } from "../wire/constants.ts";
import { placeOf } from "./completion-line.ts";
import { wellKnownTypes } from "./service-type-names.ts";

export interface Candidate {
  readonly text: string;
  /** In a few words; "" where there is nothing to say. */
  readonly description: string;
}

/** Milliseconds that a person waits for the daemon's names. */
const DAEMON_TIMEOUT = 400;

/** What an option's value or an argument is, by its name. */
const VALUES: Readonly<Record<string, (words: Words) => Promise<Candidate[]> | Candidate[]>> = {
  interface: interfaceNames,
  link: interfaceNames,
  logLevel: () => plain("trace", "debug", "info", "warn", "error", "fatal", "silent"),
  logFormat: () => plain("pretty", "json"),
  llmnr: () => plain("full", "resolve", "off"),
  recordType: () => plain(...Object.keys(RecordType)),
  serviceType: serviceTypes,
  name: namesAndInstances,
  shell: () => plain("bash", "zsh", "fish"),
};

interface Words {
  readonly socket: string | undefined;
}

/** `words`: those before the word under the cursor; `word`: what is typed of it. */
export async function completionCandidates(
  program: Command,
  words: readonly string[],
  word: string,
): Promise<readonly Candidate[]> {
  const place = placeOf(program, words);
  const known: Words = { socket: valueAfter(words, "--socket") };
  if (place.kind === "value") return matching(await valuesOf(optionKind(place), known), word);
  const { command, argument } = place;
  if (word.startsWith("-")) return matching(optionsOf(command), word);
  const values =
    argument === undefined ? [] : await valuesOf(argumentKind(command, argument), known);
  return matching([...subcommandsOf(command), ...values], word);
}

async function valuesOf(kind: string | undefined, words: Words): Promise<readonly Candidate[]> {
  const values = kind === undefined ? undefined : VALUES[kind];
  return values === undefined ? [] : values(words);
}

function optionKind({ command, option }: { command: Command; option: Option }): string {
  if (option.long === "--type") return "recordType";
  if (option.long === "--name") return "name";
  if (option.long === "--host" && command.name() === "publish") return "name";
  return option.attributeName();
}

function argumentKind(command: Command, argument: Argument): string | undefined {
  switch (`${command.name()} ${argument.name()}`) {
    case "resolve name|address":
    case "reconfirm name":
      return "name";
    case "browse type":
    case "publish type":
      return "serviceType";
    case "completion shell":
      return "shell";
    default:
      return undefined;
  }
}

function subcommandsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((subcommand) => ({ text: subcommand.name(), description: subcommand.description() }));
}

function optionsOf(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ text: long ?? short ?? "", description }));
}

function interfaceNames(): Candidate[] {
  return plain(...Object.keys(networkInterfaces()));
}

async function serviceTypes(words: Words): Promise<Candidate[]> {
  const known = wellKnownTypes().map(([name, description]) => {
    return { text: `_${name}._tcp`, description };
  });
  const heard = (await cachedEntries(words))
    .filter(({ type }) => type === "PTR")
    .map(({ name }) => /^(?:.*\.)?(_[^.]+\._(?:tcp|udp))\.local\.?$/.exec(name)?.[1])
    .filter((type) => type !== undefined && type !== "_dns-sd._udp");
  return [...known, ...plain(...new Set(heard as string[]))];
}

/** Hosts and service instances that the daemon has heard of. */
async function namesAndInstances(words: Words): Promise<Candidate[]> {
  const entries = await cachedEntries(words);
  const hosts = entries.filter(({ type }) => type === "A" || type === "AAAA");
  const instances = entries.filter(({ type }) => type === "SRV");
  return [
    ...described(hosts, ({ data }) => data),
    ...described(instances, ({ data }) => `at ${data.split(" ").at(-1)}`),
  ];
}

function described(
  entries: readonly CachedEntry[],
  describe: (entry: CachedEntry) => string,
): Candidate[] {
  const byName = new Map(entries.map((entry) => [entry.name, describe(entry)]));
  return Array.from(byName, ([text, description]) => ({ text, description }));
}

async function cachedEntries({ socket }: Words): Promise<readonly CachedEntry[]> {
  const daemon = new DaemonConnection(findControlSocket(socket));
  try {
    const signal = AbortSignal.timeout(DAEMON_TIMEOUT);
    const answer = await daemon.call<{ records: readonly CachedEntry[] }>({
      ...{ method: "GET", path: "/v1/cache", signal },
    });
    return answer.records;
  } catch {
    // What cannot be had is not offered; nobody wants an error while typing.
    return [];
  }
}

function valueAfter(words: readonly string[], option: string): string | undefined {
  const at = words.lastIndexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

function plain(...texts: readonly string[]): Candidate[] {
  return texts.map((text) => ({ text, description: "" }));
}

function matching(candidates: readonly Candidate[], word: string): readonly Candidate[] {
  const start = word.toLowerCase();
  const seen = new Set<string>();
  return candidates.filter(({ text }) => {
    if (!text.toLowerCase().startsWith(start) || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
