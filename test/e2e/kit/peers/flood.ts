/** Floods a link with packets from many addresses (flood.py beside this file). */

import { join } from "node:path";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

/** What is sent, as flood.py takes it: e.g. `["probes", "alpha.local", "20000"]`. */
export type FloodKind =
  | readonly ["names", count: string]
  | readonly ["probes" | "truncated", name: string, count: string]
  | readonly ["instances", type: string, count: string]
  | readonly ["services", type: string, instances: string, count: string]
  | readonly ["busy"];

const SCRIPT = join(import.meta.dirname, "flood.py");
const TIMEOUT = 120_000;

/** From 198.18.16.0 on, so that hosts of 198.18.0.0/15 have them on their link. */
const FIRST_SOURCE = "198.18.16.0";

/** Sends the whole flood, `rate` packets a second; returns how many it was. */
export async function flood(host: Host, rate: number, kind: FloodKind): Promise<number> {
  const args = [SCRIPT, host.link.name, FIRST_SOURCE, String(rate), ...kind];
  return JSON.parse(await host.output("/usr/bin/python3", args, { timeout: TIMEOUT })).packets;
}

/** Goes on until it is stopped. */
export function startBusyLink(host: Host, rate: number): RunningProcess {
  const args = [SCRIPT, host.link.name, FIRST_SOURCE, String(rate), "busy"];
  return host.spawn("/usr/bin/python3", args);
}
