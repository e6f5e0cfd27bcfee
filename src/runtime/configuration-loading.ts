/** The configuration at once, for the daemon, which reads it again while it runs. */

import { parseConfiguration } from "../config/configuration-file.ts";
import type { Overrides } from "../config/overrides.ts";
import {
  completeConfiguration,
  findConfigurationFile,
  type LoadedConfiguration,
  NOTHING_READ,
} from "./configuration-source.ts";

/** As `loadConfiguration`, without waiting. Throws the same errors. */
export function loadConfigurationNow(
  file: string | undefined,
  overrides: Overrides,
): LoadedConfiguration {
  const found = findConfigurationFile(file);
  const read = found === undefined ? NOTHING_READ : parseConfiguration(found.text, found.path);
  return completeConfiguration(found?.path, read, overrides);
}
