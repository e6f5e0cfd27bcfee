/**
 * Which names a name that a person wrote may stand for: with the domains of the search list behind
 * it, in the order of resolv.conf(5) (RFC 1034 §3.1 leaves it to the resolver, RFC 1536 §6 warns of
 * asking too much).
 */

import { Name } from "../wire/name.ts";

export interface SearchSettings {
  /** In order; the root as one of them is the name as it stands. */
  readonly domains: readonly Name[];
  /** With at least as many dots the name as it stands comes first. */
  readonly ndots: number;
  /** Whether a name of one label is asked for as it stands. */
  readonly asksSingleLabel: boolean;
}

/** The names to ask for, in order, each once. `isAbsolute`: it was written with a dot at its end. */
export function searchCandidates(
  name: Name,
  isAbsolute: boolean,
  settings: SearchSettings,
): readonly Name[] {
  if (isAbsolute || name.isRoot) return [name];
  const found = settings.domains.flatMap((domain) => below(name, domain));
  const dots = name.labelCount - 1;
  const itself = dots > 0 || settings.asksSingleLabel ? [name] : [];
  const ordered = dots >= settings.ndots ? [...itself, ...found] : [...found, ...itself];
  const isFirst = (candidate: Name, at: number) =>
    ordered.findIndex((other) => other.equals(candidate)) === at;
  return ordered.filter(isFirst);
}

/** Nothing where the two together pass the limits of a name. */
function below(name: Name, domain: Name): readonly Name[] {
  try {
    return [Name.of(...name.labels, ...domain.labels)];
  } catch {
    return [];
  }
}

export type SearchOutcome = "found" | "no-data" | "no-name" | "failed";

/**
 * What the outcomes so far mean, as glibc has it: the first answer ends the search; a name that
 * exists without such records counts for more than one that does not exist; a failure is told only
 * where nothing better came.
 */
export function searchResult(outcomes: readonly SearchOutcome[]): SearchOutcome {
  for (const outcome of ["found", "no-data", "failed"] as const) {
    if (outcomes.includes(outcome)) return outcome;
  }
  return "no-name";
}
