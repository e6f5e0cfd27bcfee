/** Who has a name on a LAN: asked from a host that has no part in it, and watched on the wire. */

import { setTimeout } from "node:timers/promises";
import type { Capture } from "./capture.ts";
import { type Daemon, dotlocal } from "./daemon.ts";
import type { Host } from "./lan.ts";
import { addressesFor, isFrom } from "./messages.ts";

/** Within this time every host that answers for a name at all has done so. Milliseconds. */
const ANSWER_TIME = 500;

/** Asks from `asker`; returns those of `hosts` that give addresses under the name. */
export async function ownersOf(
  name: string,
  { capture, asker, hosts }: { capture: Capture; asker: Host; hosts: readonly Host[] },
): Promise<readonly Host[]> {
  const askedAt = Date.now() / 1000;
  await dotlocal(asker, "resolve", "--standalone", name);
  await setTimeout(ANSWER_TIME);
  const answers = await capture.packets(
    (packet) => packet.at >= askedAt && addressesFor(name, packet).length > 0,
  );
  return hosts.filter((host) => answers.some((packet) => isFrom(host, packet)));
}

/** What the daemon says of its names: one entry a link. */
export async function namesOf(daemon: Daemon): Promise<readonly NameStatus[]> {
  return (await statusOf(daemon)).host.names;
}

/** The part of a name in `status --json` that the suites read. */
export interface NameStatus {
  readonly linkName: string;
  readonly label: string;
  readonly state: string;
  readonly takenBy?: string;
}

/** The part of `status --json` that the suites read. */
export interface Status {
  readonly warnings: readonly string[];
  readonly host: { readonly names: readonly NameStatus[] };
  readonly process: {
    readonly pid: number;
    readonly memory: { readonly resident: number; readonly heap: number };
  };
}

export async function statusOf(daemon: Daemon): Promise<Status> {
  return JSON.parse((await daemon.command("status", "--json")).stdout);
}

/** The lines of its log that tell of a rename. */
export function renamesOf({ process }: Daemon): readonly string[] {
  return process.lines.filter((line) => line.includes("renamed "));
}
