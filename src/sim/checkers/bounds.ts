/**
 * Nothing grows without bound: at rest an engine's own state is no larger at the end than soon after
 * the troubles, and no cache holds more than what is published on its links.
 */

import { after, seconds } from "../../core/time.ts";
import type { SwarmHost } from "../swarm-host.ts";
import type { Checker, SwarmView } from "./checker.ts";

/** When the first measure is taken, after the goodbyes, counted from the beginning of quiet. */
const FIRST_MEASURE_AT = seconds(360);

export function bounds(): Checker {
  const before = new Map<SwarmHost, number>();
  return {
    property: "nothing grows without bound",
    quietBegins(view) {
      view.network.at(after(view.network.now, FIRST_MEASURE_AT), () => {
        for (const host of view.hosts) if (host.isRunning) before.set(host, stateOf(host, view));
      });
    },
    violations: (view) =>
      view.hosts.filter((host) => host.isRunning).flatMap((host) => growthOf(host, before, view)),
  };
}

function growthOf(
  host: SwarmHost,
  before: ReadonlyMap<SwarmHost, number>,
  view: SwarmView,
): string[] {
  const growth: string[] = [];
  const state = stateOf(host, view);
  const earlier = before.get(host) ?? state;
  if (state > earlier) growth.push(`${host.host.name} has grown from ${earlier} to ${state}`);
  const cached = [...host.engine.cached(view.network.now)].length;
  const limit = recordsOnLinksOf(host, view);
  if (cached > limit) growth.push(`${host.host.name} caches ${cached} of ${limit} records`);
  return growth;
}

/** With an NSEC record for every published one. */
function recordsOnLinksOf(host: SwarmHost, { hosts }: SwarmView): number {
  let records = 0;
  for (const { id } of host.host.links()) {
    for (const other of hosts) records += 2 * other.publishedOn(id).length;
  }
  return records;
}

/** Everything that is in the snapshot, but for the counters and the cache. */
function stateOf(host: SwarmHost, { network }: SwarmView): number {
  return leavesOf(host.engine.snapshot(network.now).links);
}

function leavesOf(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  let leaves = 0;
  for (const [key, part] of Object.entries(value)) {
    if (key !== "counters" && key !== "cache") leaves += leavesOf(part);
  }
  return leaves;
}
