/**
 * A look-up that goes on where an alias leads from one protocol to another (RFC 1034 §3.6.2): from
 * name servers to a name on the link or of this host, and from the link to a name of name servers.
 *
 * Theory of operation: a protocol follows the aliases between names of its own, and ends at one that
 * leads away. The name it leads to is looked up afresh, by whoever answers for it. None is looked up
 * twice, and at most `ALIASES_MAX` aliases are followed: loops across protocols end.
 */

import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { ALIASES_MAX } from "./constants.ts";
import type { Lookup } from "./lookup-context.ts";

/** What ends at an alias, and where that leads. */
export interface Departure {
  readonly target: Name;
  /** Aliases that led there. */
  readonly aliasCount: number;
}

export interface AliasRules<Step, Outcome> {
  /** Makes the look-up of the name asked for, or of one that an alias leads to. */
  readonly enter: (name: Name, finish: (step: Step) => void, now: Instant) => Lookup;
  /** Runs a step when the present input has been handled. */
  readonly schedule: (step: (now: Instant) => void) => void;
  /** Undefined: it is the outcome, or may not be followed. */
  readonly departureOf: (step: Step) => Departure | undefined;
  /** What ends at the alias `head`, with what was found where it leads. */
  readonly joined: (head: Step, rest: Outcome) => Outcome;
  /** Where no further alias is followed. */
  readonly ended: (step: Step) => Outcome;
  /** Where aliases go in circles or too far. */
  readonly endless: () => Outcome;
}

export class AliasLookup<Step, Outcome> implements Lookup {
  readonly #name: Name;
  readonly #rules: AliasRules<Step, Outcome>;
  readonly #finish: (outcome: Outcome) => void;
  readonly #seen: string[] = [];
  /** What ended at an alias so far. */
  readonly #heads: Step[] = [];
  #aliasCount = 0;
  #current: Lookup | undefined;
  #phase: "under-way" | "over" = "under-way";

  constructor(name: Name, rules: AliasRules<Step, Outcome>, finish: (outcome: Outcome) => void) {
    this.#name = name;
    this.#rules = rules;
    this.#finish = finish;
  }

  begin(now: Instant): void {
    this.#enter(this.#name, now);
  }

  cancel(now: Instant): void {
    this.#phase = "over";
    this.#current?.cancel(now);
    this.#current = undefined;
  }

  #enter(name: Name, now: Instant): void {
    if (this.#phase === "over") return;
    this.#seen.push(name.key);
    this.#current = this.#rules.enter(name, (step) => this.#handleStep(step), now);
    this.#current.begin(now);
  }

  #handleStep(step: Step): void {
    this.#current = undefined;
    const departure = this.#rules.departureOf(step);
    if (departure === undefined) this.#end(this.#rules.ended(step));
    else this.#follow(step, departure);
  }

  #follow(step: Step, { target, aliasCount }: Departure): void {
    this.#heads.push(step);
    this.#aliasCount += aliasCount;
    if (this.#aliasCount > ALIASES_MAX || this.#seen.includes(target.key)) {
      this.#phase = "over";
      this.#finish(this.#rules.endless());
    } else this.#rules.schedule((now) => this.#enter(target, now));
  }

  #end(last: Outcome): void {
    this.#phase = "over";
    const { joined } = this.#rules;
    this.#finish(this.#heads.reduceRight((rest, head) => joined(head, rest), last));
  }
}

/** The records of the chain of CNAMEs from the name, in order, and where it ends. */
export function chainFrom(
  name: Name,
  records: readonly ResourceRecord[],
): { readonly end: Name; readonly aliases: readonly ResourceRecord[] } {
  const aliases: ResourceRecord[] = [];
  let end = name;
  for (;;) {
    const alias = records.find(
      ({ name: owner, data }) => data.kind === "CNAME" && owner.equals(end),
    );
    if (alias?.data.kind !== "CNAME" || aliases.includes(alias)) return { end, aliases };
    aliases.push(alias);
    end = alias.data.name;
  }
}
