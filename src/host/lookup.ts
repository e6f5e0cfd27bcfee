/**
 * Look-ups under way: their ids, their number, the search list, and the counters. Where one goes is
 * in `lookup-router.ts` and `routing.ts`; how it is carried out in `lookup-ways.ts`.
 */

import { Counters } from "../core/counters.ts";
import { DotlocalError } from "../core/errors.ts";
import { after, between, type Instant, ORIGIN } from "../core/time.ts";
import { searchCandidates } from "../unicast/search-list.ts";
import type { Name } from "../wire/name.ts";
import { reverseName } from "../wire/reverse.ts";
import { AliasLookup, type Departure } from "./alias-lookup.ts";
import { LOOKUPS_MAX } from "./constants.ts";
import type { Finish, Lookup, LookupContext, StepOutcome } from "./lookup-context.ts";
import type { Limits, LookupRouter } from "./lookup-router.ts";
import { addressWays, type LookupWays, nameWays, recordWays } from "./lookup-ways.ts";
import type { Route } from "./routing.ts";
import { SearchLookup } from "./search-lookup.ts";
import type {
  AddressLookupSpec,
  LookupId,
  LookupOutcome,
  LookupsSnapshot,
  NameExtent,
  Protocol,
  RecordLookupSpec,
  ReverseLookupSpec,
} from "./types.ts";

interface Wanted extends Limits {
  readonly extent?: NameExtent;
}

/** How the look-up is answered for a name, the one asked for or one that it may stand for. */
type WaysOf = (name: Name) => LookupWays;

type Done = (outcome: LookupOutcome) => void;
type Enter = (name: Name, finish: Finish, now: Instant) => Lookup;

export class Lookups {
  readonly #context: LookupContext;
  readonly #router: LookupRouter;
  readonly #active = new Map<LookupId, Lookup>();
  readonly #counters = new Counters<"started" | "cancelled" | LookupOutcome["kind"]>();
  #lastId = 0;

  constructor(context: LookupContext, router: LookupRouter) {
    this.#context = context;
    this.#router = router;
  }

  addresses(spec: AddressLookupSpec, now: Instant): LookupId {
    return this.#start(spec.name, spec, now, (name) =>
      addressWays(this.#context, { ...spec, name }),
    );
  }

  names(spec: ReverseLookupSpec, now: Instant): LookupId {
    return this.#start(reverseName(spec.address), spec, now, (name) =>
      nameWays(this.#context, spec, name),
    );
  }

  records(spec: RecordLookupSpec, now: Instant): LookupId {
    return this.#start(spec.name, spec, now, (name) =>
      recordWays(this.#context, { ...spec, name }),
    );
  }

  cancel(id: LookupId, now: Instant): void {
    const lookup = this.#active.get(id);
    if (lookup === undefined) return;
    this.#active.delete(id);
    this.#counters.add("cancelled");
    lookup.cancel(now);
  }

  /** Ends all that wait for a protocol that is switched off now. */
  handleSwitchedOff(protocol: Protocol, now: Instant): void {
    for (const [id, lookup] of this.#active) {
      lookup.cancel(now);
      this.#finish(id, { kind: "unavailable", protocols: [protocol] });
    }
  }

  snapshot(): LookupsSnapshot {
    return {
      active: this.#active.size,
      absentNames: this.#context.absences.size,
      counters: this.#counters.snapshot(),
    };
  }

  #start(name: Name, wanted: Wanted, now: Instant, waysOf: WaysOf): LookupId {
    if (this.#active.size >= LOOKUPS_MAX) {
      throw new DotlocalError("LIMIT_REACHED", `${LOOKUPS_MAX} look-ups are under way already`);
    }
    const id = ++this.#lastId as LookupId;
    this.#counters.add("started");
    const lookup = this.#lookupOf(name, wanted, now, waysOf, (outcome) =>
      this.#finish(id, outcome),
    );
    this.#active.set(id, lookup);
    lookup.begin(now);
    return id;
  }

  #finish(lookup: LookupId, outcome: LookupOutcome): void {
    this.#active.delete(lookup);
    this.#counters.add(outcome.kind);
    this.#context.host.emit({ kind: "lookup-done", lookup, outcome });
  }

  #lookupOf(name: Name, wanted: Wanted, now: Instant, waysOf: WaysOf, finish: Done): Lookup {
    const route = this.#router.routeOf(name, wanted.type);
    const names = this.#candidates(name, route, wanted);
    const ask: Enter = (asked, done, at) =>
      this.#router.lookup(asked, wanted, waysOf(asked), at, done);
    const enter = (candidate: Name, done: Done, at: Instant) =>
      this.#following(candidate, wanted, waysOf, ask, at, done);
    const search = (done: Done) =>
      new SearchLookup({ names, enter, schedule: (step) => this.#schedule(step) }, done);
    if (!isBareLabel(name, route)) {
      return names.length > 1 ? search(finish) : enter(name, finish, now);
    }
    // Name servers are asked for what a bare label may stand for, and never for the label itself: that
    // would tell them of the link, and have them answer for it.
    const unicast = () => (names.length > 0 ? search : undefined);
    const askBare: Enter = (_, done, at) =>
      this.#router.lookup(name, wanted, { ...waysOf(name), unicast }, at, done);
    return this.#following(name, wanted, waysOf, askBare, now, finish);
  }

  /** With what an alias leads to beyond the protocol that told it, in the time that is left. */
  #following(
    name: Name,
    wanted: Wanted,
    waysOf: WaysOf,
    askFirst: Enter,
    now: Instant,
    finish: Done,
  ): Lookup {
    const enter: Enter = (asked, done, at) =>
      asked === name
        ? askFirst(asked, done, at)
        : this.#router.lookup(
            asked,
            limitsLeft(wanted, now, at),
            this.#waysOfTarget(asked, wanted, waysOf),
            at,
            done,
          );
    const rules = {
      enter,
      schedule: (step: (now: Instant) => void) => this.#schedule(step),
      departureOf: (step: StepOutcome) => departureOf(step, wanted),
      joined,
      ended,
      endless: (): LookupOutcome => ({ kind: "no-data" }),
    };
    return new AliasLookup<StepOutcome, LookupOutcome>(name, rules, finish);
  }

  /** A bare label that an alias leads to is the link's: it stands for no others. */
  #waysOfTarget(name: Name, { type }: Wanted, waysOf: WaysOf): LookupWays {
    const isBare = isBareLabel(name, this.#router.routeOf(name, type));
    return isBare ? { ...waysOf(name), unicast: () => undefined } : waysOf(name);
  }

  #schedule(run: (now: Instant) => void): void {
    this.#context.host.schedule(ORIGIN, { run });
  }

  /** The names that it may stand for, in order; a bare label does not stand for itself. */
  #candidates(name: Name, route: Route, { extent, protocol }: Wanted): readonly Name[] {
    const isForServers = protocol === undefined || protocol === "unicast";
    if (extent !== "searched" || !isForServers || !isSearchable(name, route)) return [];
    const { search } = this.#context.host.settings.resolver;
    return searchCandidates(name, false, { ...search, asksSingleLabel: false });
  }
}

function isBareLabel({ labelCount }: Name, route: Route): boolean {
  return labelCount === 1 && route.kind === "ask" && route.protocols.length > 1;
}

/** Names that are known for what they are, or that only the link can have, stand for no others. */
function isSearchable(name: Name, route: Route): boolean {
  if (isBareLabel(name, route)) return true;
  return route.kind === "ask" && route.protocols.join() === "unicast";
}

function limitsLeft(wanted: Wanted, begunAt: Instant, now: Instant): Wanted {
  const { timeout } = wanted;
  return timeout === undefined
    ? wanted
    : { ...wanted, timeout: between(now, after(begunAt, timeout)) };
}

/** Who asks one protocol alone is not led to another. */
function departureOf(step: StepOutcome, { protocol }: Wanted): Departure | undefined {
  if (step.kind !== "alias" || protocol !== undefined) return undefined;
  return { target: step.target, aliasCount: step.aliases.length };
}

function joined(head: StepOutcome, rest: LookupOutcome): LookupOutcome {
  if (head.kind !== "alias" || rest.kind !== "records") return rest;
  return { kind: "records", records: [...head.aliases, ...rest.records] };
}

function ended(step: StepOutcome): LookupOutcome {
  return step.kind === "alias" ? { kind: "no-data" } : step;
}
