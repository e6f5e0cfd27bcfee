/** The choice of where the interfaces are read from. */

import { existsSync } from "node:fs";
import type { InterfaceSource } from "./link-monitor.ts";
import { libc } from "./native/libc.ts";
import { OsInterfaces } from "./os-interfaces.ts";
import { Rtnetlink } from "./rtnetlink.ts";
import { SYSFS_DIRECTORY, SysfsLinks } from "./sysfs-links.ts";

export type InterfaceSourceKind = "auto" | "rtnetlink" | "sysfs" | "os";

/**
 * `auto` is rtnetlink where koffi loads on Linux and the system allows it, then /sys and /proc on
 * Linux, then `os.networkInterfaces()`.
 * @throws Error when rtnetlink is asked for by name and cannot be had.
 */
export function openInterfaceSource(kind: InterfaceSourceKind = "auto"): InterfaceSource {
  if (kind === "rtnetlink") return requireRtnetlink();
  if (kind === "sysfs") return new SysfsLinks();
  if (kind === "os" || process.platform !== "linux") return new OsInterfaces();
  try {
    return requireRtnetlink();
  } catch {
    return existsSync(SYSFS_DIRECTORY) ? new SysfsLinks() : new OsInterfaces();
  }
}

function requireRtnetlink(): Rtnetlink {
  const native = libc();
  if (native === undefined) throw new Error("rtnetlink needs Linux and koffi");
  return new Rtnetlink(native);
}
