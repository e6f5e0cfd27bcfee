/** Groups of this host by name. */

import { readFileSync } from "node:fs";

/** The number of a group in /etc/group; undefined when there is none of that name. */
export function groupId(name: string): number | undefined {
  try {
    const line = readFileSync("/etc/group", "utf8")
      .split("\n")
      .find((entry) => entry.startsWith(`${name}:`));
    return line === undefined ? undefined : Number(line.split(":")[2]);
  } catch {
    return undefined;
  }
}
