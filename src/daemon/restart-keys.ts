/** Which keys of the configuration a running daemon cannot follow. */

import type { Configuration } from "../config/configuration.ts";

/** Read once: where files are, whose the process is, where it writes its log. */
const KEYS: Readonly<Record<string, (configuration: Configuration) => unknown>> = {
  user: ({ user }) => user,
  "control.socket": ({ control }) => control.socket,
  stateDirectory: ({ stateDirectory }) => stateDirectory,
  "log.format": ({ log }) => log.format,
};

/** Those that differ, as they are written in the file. */
export function keysThatWaitForRestart(before: Configuration, after: Configuration): string[] {
  return Object.entries(KEYS)
    .filter(([, read]) => read(before) !== read(after))
    .map(([key]) => key);
}
