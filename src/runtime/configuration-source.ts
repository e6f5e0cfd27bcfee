/**
 * Where the configuration comes from: the file that is looked up, and the options put over it.
 *
 * Most hosts have no file, so what reads one is loaded only when there is one: a command starts
 * sooner without it.
 */

import { readFileSync } from "node:fs";
import { type Configuration, DEFAULT_CONFIGURATION } from "../config/configuration.ts";
import { type Diagnostic, formatDiagnostic, hasErrors } from "../config/diagnostic.ts";
import { applyOverrides, type Overrides } from "../config/overrides.ts";
import { DotlocalError } from "../core/errors.ts";

export const SYSTEM_CONFIGURATION_FILE = "/etc/dotlocal/dotlocal.yaml";

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** The file it was read from; undefined: there is none, and the defaults hold. */
  readonly file: string | undefined;
  readonly warnings: readonly Diagnostic[];
}

/** `configuration` is undefined where there is none to be made of the file. */
interface ReadConfiguration {
  readonly configuration: Configuration | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Of a host without a file. */
const NOTHING_READ: ReadConfiguration = {
  configuration: DEFAULT_CONFIGURATION,
  diagnostics: [],
};

/**
 * Reads `file`, else `$DOTLOCAL_CONFIG`, else the system's file where there is one.
 * @throws DotlocalError INVALID_FILE with a line a problem, or UNREADABLE_FILE.
 */
export async function loadConfiguration(
  file: string | undefined,
  overrides: Overrides,
): Promise<LoadedConfiguration> {
  const found = findConfigurationFile(file);
  if (found === undefined) return completeConfiguration(undefined, NOTHING_READ, overrides);
  const { parseConfiguration } = await import("../config/configuration-file.ts");
  return completeConfiguration(found.path, parseConfiguration(found.text, found.path), overrides);
}

/** What was read from `path`, with the options put over it. Throws INVALID_FILE. */
function completeConfiguration(
  path: string | undefined,
  read: ReadConfiguration,
  overrides: Overrides,
): LoadedConfiguration {
  refuseErrors(read.diagnostics);
  const overridden = applyOverrides(read.configuration ?? DEFAULT_CONFIGURATION, overrides);
  refuseErrors(overridden.diagnostics);
  return {
    configuration: overridden.configuration ?? DEFAULT_CONFIGURATION,
    file: path,
    warnings: [...read.diagnostics, ...overridden.diagnostics],
  };
}

/** The file and its text; undefined when none was named and the system has none. */
export function findConfigurationFile(
  file: string | undefined,
): { path: string; text: string } | undefined {
  const named = file ?? process.env["DOTLOCAL_CONFIG"];
  const path = named === undefined || named === "" ? SYSTEM_CONFIGURATION_FILE : named;
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (path === SYSTEM_CONFIGURATION_FILE && code === "ENOENT") return undefined;
    throw unreadable(path, error as Error);
  }
}

function unreadable(path: string, cause: Error): DotlocalError {
  return new DotlocalError("UNREADABLE_FILE", `cannot read ${path}: ${cause.message}`, { cause });
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  if (!hasErrors(diagnostics)) return;
  throw new DotlocalError("INVALID_FILE", diagnostics.map(formatDiagnostic).join("\n"));
}
