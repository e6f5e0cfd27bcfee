/** A D-Bus system bus of a host's own, which Avahi and systemd-resolved need. */

import { existsSync } from "node:fs";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

const SOCKET = "/run/dbus/system_bus_socket";

/** Starts the bus where the host has none yet. */
export async function startDbus(host: Host): Promise<RunningProcess | undefined> {
  if (existsSync(host.namespace.path(SOCKET))) return undefined;
  await host.output("mkdir", ["-p", "/run/dbus"]);
  const bus = host.spawn("dbus-daemon", [
    ...["--system", "--nofork", "--nopidfile", "--nosyslog", "--print-address"],
    `--address=unix:path=${SOCKET}`,
  ]);
  await bus.line(/^unix:path=/);
  return bus;
}
