/** `dotlocal check`: every problem of configuration and service definition files, a line each. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_CONFIGURATION, type ServicesConfiguration } from "../config/configuration.ts";
import { parseConfiguration } from "../config/configuration-file.ts";
import { type Diagnostic, formatDiagnostic, hasErrors } from "../config/diagnostic.ts";
import { parseServiceFile, serviceFormatOf } from "../config/service-file.ts";
import { EXIT_DONE, EXIT_USAGE } from "../core/errors.ts";
import { findConfigurationFile, unreadable } from "../runtime/configuration-source.ts";
import type { ConfigOptions } from "./options.ts";

interface CheckOptions extends ConfigOptions {
  readonly json?: boolean;
}

interface File {
  readonly path: string;
  readonly text: string;
}

export function checkCommand(paths: readonly string[], options: CheckOptions): number {
  const diagnostics =
    paths.length === 0
      ? checkInstalled(options.config)
      : paths.flatMap((path) => checkFile(readFile(path)));
  for (const diagnostic of diagnostics) {
    const line = options.json ? JSON.stringify(diagnostic) : formatDiagnostic(diagnostic);
    process.stdout.write(`${line}\n`);
  }
  return hasErrors(diagnostics) ? EXIT_USAGE : EXIT_DONE;
}

/** The configuration that a daemon would read, and every definition in the folders it names. */
function checkInstalled(config: string | undefined): readonly Diagnostic[] {
  const file = findConfigurationFile(config);
  if (file === undefined) return checkFolders(DEFAULT_CONFIGURATION.services);
  const { configuration, diagnostics } = parseConfiguration(file.text, file.path);
  return [...diagnostics, ...checkFolders((configuration ?? DEFAULT_CONFIGURATION).services)];
}

function checkFolders(services: ServicesConfiguration): readonly Diagnostic[] {
  return [...services.directories, ...services.avahi, ...services.systemd]
    .flatMap(filesIn)
    .filter((path) => serviceFormatOf(path) !== undefined)
    .flatMap((path) => checkFile(readFile(path)));
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    // A folder that is not there holds nothing: most hosts lack most of them.
    return [];
  }
}

function checkFile({ path, text }: File): readonly Diagnostic[] {
  const format = serviceFormatOf(path);
  if (format === undefined || (format === "dotlocal" && !isServiceDefinition(text))) {
    return parseConfiguration(text, path).diagnostics;
  }
  return parseServiceFile(text, path, format).diagnostics;
}

/** A service definition has a name or a type at its top; a configuration file has neither. */
function isServiceDefinition(text: string): boolean {
  if (/^(name|type)\s*:/m.test(text)) return true;
  try {
    const top: unknown = JSON.parse(text);
    return typeof top === "object" && top !== null && ("name" in top || "type" in top);
  } catch {
    return false;
  }
}

function readFile(path: string): File {
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch (error) {
    throw unreadable(path, error as Error);
  }
}
