/** What instance names may say of this host (`%h` and systemd's specifiers), as far as it is known. */

import { readFileSync } from "node:fs";
import { arch, release } from "node:os";
import type { Configuration } from "../config/configuration.ts";
import type { HostFacts } from "../config/expand.ts";
import { originalLabel } from "../host/host-name.ts";
import { hostSettings } from "./host-settings.ts";
import { readSystemFacts } from "./system-facts.ts";

/** Facts that stay the same while a process runs. */
export type LastingFacts = Omit<HostFacts, "hostLabel">;

const OS_RELEASE_FILES = ["/etc/os-release", "/usr/lib/os-release"];

/** Node's words for architectures where systemd's are others. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "x86-64",
  ia32: "x86",
  mipsel: "mips-le",
  ppc64: "ppc64-le",
};

/** With the label that this host has unless another host has it too. */
export function readHostFacts(configuration: Configuration): HostFacts {
  const settings = hostSettings(configuration, readSystemFacts());
  return { ...readLastingFacts(), hostLabel: originalLabel(settings) };
}

export function readLastingFacts(): LastingFacts {
  const os = readOsRelease();
  return {
    architecture: ARCHITECTURES[arch()] ?? arch(),
    bootId: readFirstLine("/proc/sys/kernel/random/boot_id")?.replaceAll("-", ""),
    buildId: os.get("BUILD_ID"),
    machineId: readFirstLine("/etc/machine-id"),
    osId: os.get("ID") ?? "linux",
    kernelRelease: release(),
    osVersionId: os.get("VERSION_ID"),
    osVariantId: os.get("VARIANT_ID"),
  };
}

/** os-release(5): assignments as a shell would read them. */
function readOsRelease(): ReadonlyMap<string, string> {
  const text = OS_RELEASE_FILES.map(readText).find((read) => read !== undefined) ?? "";
  const assignments = text.matchAll(/^([A-Z_0-9]+)=(["']?)(.*)\2\s*$/gm);
  return new Map(Array.from(assignments, ([, key, , value]) => [key!, value!]));
}

function readFirstLine(file: string): string | undefined {
  return readText(file)?.split("\n", 1)[0]?.trim() || undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // What is not known is left out of names.
    return undefined;
  }
}
