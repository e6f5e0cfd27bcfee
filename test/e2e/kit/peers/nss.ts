/**
 * Look-ups by the C library, as every ordinary program makes them: a `hosts:` line of nsswitch.conf,
 * and the unpacked modules `mdns*` (which ask Avahi's socket) and `resolve` (which asks
 * systemd-resolved's).
 */

import type { Host } from "../lan.ts";
import { peersLibraryPath } from "../paths.ts";
import type { RunResult } from "../process.ts";

/** E.g. `getent(host, "files mdns4_minimal [NOTFOUND=return] dns", "hosts", "printer.local")`. */
export function getent(
  host: Host,
  hostsLine: string,
  ...args: readonly string[]
): Promise<RunResult> {
  return runWithNss(host, hostsLine, "getent", args);
}

/** Runs any program with the `hosts:` line, e.g. `ping`. */
export function runWithNss(
  host: Host,
  hostsLine: string,
  command: string,
  args: readonly string[],
): Promise<RunResult> {
  const others = ["passwd: files", "group: files", "services: files", "protocols: files"];
  host.writeFile("/etc/nsswitch.conf", `${[...others, `hosts: ${hostsLine}`].join("\n")}\n`);
  return host.run(command, args, { env: { LD_LIBRARY_PATH: peersLibraryPath } });
}
