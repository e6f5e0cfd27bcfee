/** Everything that `dotlocal status` shows, put together from the engine, the sockets and the host. */

import { type Holder, holderName } from "../net/port-holders.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import { readHostLoad, readProcessLoad } from "./process-load.ts";

export interface StatusParts
  extends Omit<DaemonStatus, "warnings" | "process" | "system" | "portHolders"> {
  /** What had to be left out, each with its remedy. */
  readonly leftOut: readonly string[];
  readonly isPortShared: boolean;
  readonly portHolders: readonly Holder[];
}

export function daemonStatus(parts: StatusParts): DaemonStatus {
  const { leftOut, isPortShared, ...rest } = parts;
  return {
    ...rest,
    warnings: warningsOf(parts),
    process: readProcessLoad(),
    system: readHostLoad(),
  };
}

function warningsOf({ leftOut, isPortShared, portHolders, host }: StatusParts): string[] {
  const warnings: string[] = [];
  if (host.links.length === 0) warnings.push("no usable link: waiting for one");
  for (const { label, takenBy, linkName } of host.names) {
    if (takenBy === undefined) continue;
    warnings.push(
      `${host.originalLabel}.local belongs to ${takenBy} on ${linkName}: here it is ${label}.local`,
    );
  }
  for (const { address, linkName } of host.poisoners) {
    warnings.push(
      `${address} on ${linkName} answers for names that nobody has: its LLMNR answers are ignored`,
    );
  }
  for (const { name: linkName, names } of host.llmnr.links) {
    for (const known of names) {
      if (known.state !== "conflicted") continue;
      warnings.push(
        `${known.name} is not answered for by LLMNR on ${linkName}: ${known.rival} has it`,
      );
    }
  }
  if (isPortShared) {
    warnings.push(
      `${holderNames(portHolders)} holds UDP port 5353 too: no unicast answers are asked for`,
    );
  }
  return [...warnings, ...leftOut];
}

/** What `systemctl status` shows: names with their links, and how many definitions are published. */
export function summaryLine(
  names: readonly { readonly name: string; readonly linkName: string }[],
  published: number,
): string {
  const linksOf = new Map<string, string[]>();
  for (const { name, linkName } of names) {
    linksOf.set(name, [...(linksOf.get(name) ?? []), linkName]);
  }
  const places = Array.from(linksOf, ([name, links]) => `${name} on ${links.join(", ")}`);
  const host = places.length === 0 ? "no usable link: waiting for one" : places.join("; ");
  return `${host}; ${published} ${published === 1 ? "definition" : "definitions"} published`;
}

export function holderNames(holders: readonly Holder[]): string {
  if (holders.length === 0) return "another process";
  return holders.map(holderName).join(", ");
}
