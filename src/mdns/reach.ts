/**
 * On which of a link's two groups, IPv4's and IPv6's, a record is published: on both, or on the one
 * that its owner restricts it to. What does not reach a family is neither probed for, announced,
 * answered nor said goodbye to there.
 */

import type { Family } from "../core/ip-address.ts";
import type { Target } from "./link-context.ts";

export type Reach = "both" | Family;

export function reaches(reach: Reach | undefined, family: Family): boolean {
  return reach === "both" || reach === family;
}

/** Undefined: no group at all. */
export function unionOf(reaches: Iterable<Reach | undefined>): Reach | undefined {
  let union: Reach | undefined;
  for (const reach of reaches) {
    if (reach === undefined || reach === union) continue;
    if (union !== undefined) return "both";
    union = reach;
  }
  return union;
}

/** What of `reach` is not in `taken`; undefined: nothing. */
export function without(reach: Reach, taken: Reach | undefined): Reach | undefined {
  if (taken === undefined) return reach;
  if (taken === "both" || taken === reach) return undefined;
  if (reach !== "both") return reach;
  return taken === "ipv4" ? "ipv6" : "ipv4";
}

export function groupsOf(reach: Reach): Target {
  return reach === "both" ? "groups" : { group: reach };
}

/** The items that go to the same groups, which share messages. */
export function byReach<T extends { readonly reach: Reach | undefined }>(
  items: Iterable<T>,
): ReadonlyMap<Reach, readonly T[]> {
  const parts = new Map<Reach, T[]>();
  for (const item of items) {
    const { reach } = item;
    if (reach === undefined) continue;
    const part = parts.get(reach);
    if (part === undefined) parts.set(reach, [item]);
    else part.push(item);
  }
  return parts;
}
