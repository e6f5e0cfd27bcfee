/**
 * `dotlocal check`: every problem of configuration and service definition files, a line each; with
 * `--explain` also the records that the definitions will publish under this host's name, and what
 * the mode of LLMNR risks.
 */

import { type Configuration, DEFAULT_CONFIGURATION } from "../config/configuration.ts";
import { parseConfiguration } from "../config/configuration-file.ts";
import { type Diagnostic, formatDiagnostic, hasErrors } from "../config/diagnostic.ts";
import type { HostFacts } from "../config/expand.ts";
import { DotlocalError, EXIT_DONE, EXIT_USAGE } from "../core/errors.ts";
import { findConfigurationFile } from "../runtime/configuration-source.ts";
import {
  type DefinitionReading,
  type DefinitionSource,
  definitionSourceOf,
  listDefinitionSources,
  parseDefinition,
  readDefinitionFile,
} from "../runtime/definition-sources.ts";
import { explainGroup, refusalOfHost } from "../runtime/explanation.ts";
import { readHostFacts } from "../runtime/host-facts.ts";
import { explanationLines } from "./explanation-lines.ts";
import { llmnrRiskLines } from "./llmnr-risk.ts";
import type { ConfigOptions } from "./options.ts";

export interface CheckOptions extends ConfigOptions {
  readonly json?: boolean;
  readonly explain?: boolean;
}

/** What was found in one file. */
interface Finding {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  /** undefined: the file is no definition, or has errors. */
  readonly reading: DefinitionReading | undefined;
}

export function checkCommand(paths: readonly string[], options: CheckOptions): number {
  const installed = readInstalled(options.config, paths.length === 0);
  const facts = readHostFacts(installed.configuration);
  const files = paths.length === 0 ? installed.sources : paths;
  const findings = files.map((file) => check(file, facts));
  const diagnostics = [
    ...(paths.length === 0 ? installed.diagnostics : []),
    ...findings.flatMap((finding) => finding.diagnostics),
  ];
  // What is explained is the result; without, the problems are.
  const output = options.explain ? process.stderr : process.stdout;
  for (const diagnostic of diagnostics) {
    const line = options.json ? JSON.stringify(diagnostic) : formatDiagnostic(diagnostic);
    output.write(`${line}\n`);
  }
  if (options.explain) explain(findings, facts, options);
  if (options.explain && !options.json && paths.length === 0) {
    const lines = llmnrRiskLines(installed.configuration.llmnr.mode);
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return hasErrors(diagnostics) ? EXIT_USAGE : EXIT_DONE;
}

function explain(findings: readonly Finding[], facts: HostFacts, { json }: CheckOptions): void {
  const lines = findings.flatMap(({ file, reading }) =>
    reading === undefined ? [] : explanationLines(file, reading, facts, json === true),
  );
  for (const line of lines) process.stdout.write(`${line}\n`);
}

interface Installed {
  readonly configuration: Configuration;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: readonly DefinitionSource[];
}

/** The configuration that a daemon would read, and every definition in the folders it names. */
function readInstalled(config: string | undefined, isListed: boolean): Installed {
  const file = findConfigurationFile(config);
  const read = file && parseConfiguration(file.text, file.path);
  const configuration = read?.configuration ?? DEFAULT_CONFIGURATION;
  if (!isListed) return { configuration, diagnostics: [], sources: [] };
  const { sources, unreadable } = listDefinitionSources(configuration.services);
  const folders = unreadable.map(({ diagnostic }) => diagnostic);
  return { configuration, diagnostics: [...(read?.diagnostics ?? []), ...folders], sources };
}

/** @param file a path, or a definition that was found in a folder. */
function check(file: string | DefinitionSource, facts: HostFacts): Finding {
  const isNamed = typeof file === "string";
  const path = isNamed ? file : file.paths[0]!;
  const source = isNamed ? definitionSourceOf(file) : file;
  const text = readText(path, isNamed);
  if (source === undefined || (isNamed && source.format === "dotlocal" && !isDefinition(text))) {
    const { diagnostics } = parseConfiguration(text, path);
    return { file: path, diagnostics, reading: undefined };
  }
  const dropIns = source.paths.slice(1).map((dropIn) => readText(dropIn, false));
  const reading = parseDefinition(source, [text, ...dropIns]);
  const diagnostics = [...reading.diagnostics, ...refusals(path, reading, facts)];
  return { file: path, diagnostics, reading: hasErrors(diagnostics) ? undefined : reading };
}

/** What only putting the records together tells. */
function refusals(
  file: string,
  { group, hosts }: DefinitionReading,
  facts: HostFacts,
): readonly Diagnostic[] {
  const refused = (line: number, message: string): Diagnostic => {
    return { file, line, column: 1, severity: "error", message };
  };
  const explained = group && explainGroup(group, facts);
  return [
    ...(explained?.ok === false ? [refused(group!.source.line, explained.error)] : []),
    ...hosts.flatMap((entry) => {
      const reason = refusalOfHost(entry);
      return reason === undefined ? [] : [refused(entry.line, reason)];
    }),
  ];
}

/** A service definition has a name or a type at its top; a configuration file has neither. */
function isDefinition(text: string): boolean {
  if (/^(name|type)\s*:/m.test(text)) return true;
  try {
    const top: unknown = JSON.parse(text);
    return typeof top === "object" && top !== null && ("name" in top || "type" in top);
  } catch {
    return false;
  }
}

/** A file that somebody named must be there; one from a folder may have gone meanwhile. */
function readText(path: string, isNamed: boolean): string {
  const reading = readDefinitionFile(path);
  if (reading.kind === "text") return reading.text;
  if (reading.kind === "unreadable") {
    throw new DotlocalError("UNREADABLE_FILE", formatDiagnostic(reading.diagnostic));
  }
  if (!isNamed) return "";
  throw new DotlocalError("UNREADABLE_FILE", `cannot read ${path}: there is no such file`);
}
