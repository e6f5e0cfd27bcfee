/**
 * Nothing grows without bound: at rest an engine's own state is no larger at the end than soon after
 * the troubles, and no cache holds more records than were sent on its links and may be kept.
 */

import type { LinkId } from "../../core/link.ts";
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
    violations(view) {
      const limits = heldOnLinks(view);
      return view.hosts
        .filter((host) => host.isRunning)
        .flatMap((host) => [...growthOf(host, before, view), ...excessOf(host, limits, view)]);
    },
  };
}

function growthOf(
  host: SwarmHost,
  before: ReadonlyMap<SwarmHost, number>,
  view: SwarmView,
): string[] {
  const state = stateOf(host, view);
  const earlier = before.get(host) ?? state;
  return state > earlier ? [`${host.host.name} has grown from ${earlier} to ${state}`] : [];
}

function excessOf(
  host: SwarmHost,
  limits: ReadonlyMap<LinkId, number>,
  { network }: SwarmView,
): string[] {
  const cached = [...host.engine.cached(network.now)].length;
  const limit = host.host.links().reduce((sum, { id }) => sum + limits.get(id)!, 0);
  return cached > limit ? [`${host.host.name} caches ${cached} of ${limit} records`] : [];
}

function heldOnLinks({ network, sent }: SwarmView): ReadonlyMap<LinkId, number> {
  return new Map(network.links.map(({ id }) => [id, sent.countHeld(id, network.now)]));
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
