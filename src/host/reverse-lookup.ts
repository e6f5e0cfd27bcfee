/**
 * Reverse look-ups (RFC 6762 §4): the names of an address are the PTR records of its reverse name, so
 * one is a record look-up whose outcome is read as names.
 */

import type { StepOutcome } from "./lookup-context.ts";
import type { FoundName, FoundRecord } from "./types.ts";

/** The outcome of asking for PTR records, as names. */
export function namesIn(outcome: StepOutcome): StepOutcome {
  if (outcome.kind !== "records") return outcome;
  const names = outcome.records.flatMap(nameIn);
  return names.length === 0 ? { kind: "no-data" } : { kind: "names", names: distinct(names) };
}

function nameIn({ record, link, ttl, protocol, source }: FoundRecord): FoundName[] {
  const { data } = record;
  return data.kind === "PTR" ? [{ name: data.name, link, ttl, protocol, source }] : [];
}

/** A host on several of our links is told once. */
function distinct(names: readonly FoundName[]): FoundName[] {
  return [
    ...new Map(names.toReversed().map((found) => [found.name.key, found])).values(),
  ].reverse();
}
