/** What the operating system says of this host, as far as names and settings come from it. */

import { readFileSync } from "node:fs";
import { arch, hostname, networkInterfaces, release, type } from "node:os";
import type { PathFacts } from "../config/default-paths.ts";

export interface SystemFacts {
  readonly hostName: string;
  /** The same on every start and different on every host. */
  readonly seed: string;
  readonly hinfo: { readonly cpu: string; readonly os: string };
}

const MACHINE_ID_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

export function readSystemFacts(): SystemFacts {
  return {
    hostName: hostname(),
    seed: machineId() ?? hardwareAddress() ?? hostname(),
    hinfo: { cpu: arch().toUpperCase(), os: `${type()} ${release()}`.toUpperCase() },
  };
}

export function readPathFacts(): PathFacts {
  return {
    isRoot: process.getuid?.() === 0,
    runtimeDirectory: process.env["RUNTIME_DIRECTORY"],
    stateDirectory: process.env["STATE_DIRECTORY"],
    xdgRuntimeDirectory: process.env["XDG_RUNTIME_DIR"],
    xdgStateHome: process.env["XDG_STATE_HOME"],
    home: process.env["HOME"],
  };
}

function machineId(): string | undefined {
  for (const file of MACHINE_ID_FILES) {
    try {
      const id = readFileSync(file, "utf8").trim();
      if (id !== "") return id;
    } catch {
      // The next file, or the hardware address, serves as well.
    }
  }
  return undefined;
}

function hardwareAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ mac }) => mac)
    .filter((mac) => mac !== "00:00:00:00:00:00")
    .sort()[0];
}
