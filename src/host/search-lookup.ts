/**
 * A look-up of a name that a person wrote short: the names that it may stand for (search list of
 * resolv.conf(5), `unicast/search-list.ts`), one after the other until one is found.
 */

import type { Instant } from "../core/time.ts";
import { type SearchOutcome, searchResult } from "../unicast/search-list.ts";
import type { Name } from "../wire/name.ts";
import type { Lookup } from "./lookup-context.ts";
import type { LookupOutcome } from "./types.ts";

export interface Search {
  /** In order; at least one. */
  readonly names: readonly Name[];
  /** Makes the look-up of one of them. */
  readonly enter: (name: Name, finish: (outcome: LookupOutcome) => void, now: Instant) => Lookup;
  /** Runs a step when the present input has been handled. */
  readonly schedule: (step: (now: Instant) => void) => void;
}

export class SearchLookup implements Lookup {
  readonly #search: Search;
  readonly #finish: (outcome: LookupOutcome) => void;
  readonly #outcomes: LookupOutcome[] = [];
  #current: Lookup | undefined;
  #phase: "under-way" | "over" = "under-way";

  constructor(search: Search, finish: (outcome: LookupOutcome) => void) {
    this.#search = search;
    this.#finish = finish;
  }

  begin(now: Instant): void {
    this.#next(now);
  }

  cancel(now: Instant): void {
    this.#phase = "over";
    this.#current?.cancel(now);
    this.#current = undefined;
  }

  #next(now: Instant): void {
    if (this.#phase === "over") return;
    const name = this.#search.names[this.#outcomes.length]!;
    this.#current = this.#search.enter(name, (outcome) => this.#handleOutcome(outcome), now);
    this.#current.begin(now);
  }

  #handleOutcome(outcome: LookupOutcome): void {
    this.#current = undefined;
    this.#outcomes.push(outcome);
    const isLast = this.#outcomes.length === this.#search.names.length;
    if (!isLast && !endsSearch(outcome)) this.#search.schedule((now) => this.#next(now));
    else this.#end();
  }

  #end(): void {
    this.#phase = "over";
    const best = searchResult(this.#outcomes.map(searchOutcome));
    this.#finish(this.#outcomes.find((outcome) => searchOutcome(outcome) === best)!);
  }
}

/** As glibc has it: servers that say nothing at all will say nothing of the next name either. */
function endsSearch(outcome: LookupOutcome): boolean {
  if (outcome.kind === "failed") return outcome.reason !== "refused";
  return searchOutcome(outcome) === "found" || outcome.kind === "timed-out";
}

function searchOutcome({ kind }: LookupOutcome): SearchOutcome {
  switch (kind) {
    case "no-data":
      return "no-data";
    case "no-such-name":
    case "refused":
      return "no-name";
    case "failed":
    case "timed-out":
    case "unavailable":
      return "failed";
    default:
      return "found";
  }
}
