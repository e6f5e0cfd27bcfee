/** Where the configuration comes from: the file that is looked up, and the options put over it. */

import { readFileSync } from "node:fs";
import { type Configuration, DEFAULT_CONFIGURATION } from "../config/configuration.ts";
import { parseConfiguration } from "../config/configuration-file.ts";
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

/**
 * Reads `file`, else `$DOTLOCAL_CONFIG`, else the system's file where there is one.
 * @throws DotlocalError INVALID_FILE with a line a problem, or UNREADABLE_FILE.
 */
export function loadConfiguration(
  file: string | undefined,
  overrides: Overrides,
): LoadedConfiguration {
  const found = findConfigurationFile(file);
  const read =
    found === undefined
      ? { configuration: DEFAULT_CONFIGURATION, diagnostics: [] }
      : parseConfiguration(found.text, found.path);
  refuseErrors(read.diagnostics);
  const overridden = applyOverrides(read.configuration ?? DEFAULT_CONFIGURATION, overrides);
  refuseErrors(overridden.diagnostics);
  return {
    configuration: overridden.configuration ?? DEFAULT_CONFIGURATION,
    file: found?.path,
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

export function unreadable(path: string, cause: Error): DotlocalError {
  return new DotlocalError("UNREADABLE_FILE", `cannot read ${path}: ${cause.message}`, { cause });
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  if (!hasErrors(diagnostics)) return;
  throw new DotlocalError("INVALID_FILE", diagnostics.map(formatDiagnostic).join("\n"));
}
