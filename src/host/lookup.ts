/**
 * Look-ups under way: their ids, their number, where each goes (`routing.ts`), and the counters. How
 * one is carried out is in `address-lookup.ts`, `reverse-lookup.ts` and `record-lookup.ts`.
 */

import { Counters } from "../core/counters.ts";
import { DotlocalError } from "../core/errors.ts";
import { after, type Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { reverseName } from "../wire/reverse.ts";
import { Absences } from "./absences.ts";
import { AddressLookup, ownAddresses } from "./address-lookup.ts";
import { LOOKUPS_MAX } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import { Inquiries } from "./inquiry.ts";
import {
  chosenLinkCount,
  type Finish,
  type Lookup,
  type LookupContext,
  type TimeLimit,
} from "./lookup-context.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { ownRecords, RecordLookup } from "./record-lookup.ts";
import { namesIn } from "./reverse-lookup.ts";
import { type Route, routeOf } from "./routing.ts";
import type {
  AddressLookupSpec,
  LookupId,
  LookupOutcome,
  LookupsSnapshot,
  Protocol,
  RecordLookupSpec,
  ReverseLookupSpec,
} from "./types.ts";

type AnyLookupSpec = AddressLookupSpec | ReverseLookupSpec | RecordLookupSpec;

/** How a kind of look-up is answered. */
interface Ways {
  /** By this host itself, for a name of its own; undefined: the look-up finds out. */
  readonly own: () => LookupOutcome | undefined;
  readonly ask: (finish: Finish, route: Route) => Lookup;
}

export class Lookups {
  readonly #context: LookupContext;
  readonly #active = new Map<LookupId, Lookup>();
  readonly #counters = new Counters<"started" | "cancelled" | LookupOutcome["kind"]>();
  #lastId = 0;

  constructor(host: HostContext, own: OwnAnswers) {
    this.#context = { host, inquiries: new Inquiries(host), absences: new Absences(), own };
  }

  addresses(spec: AddressLookupSpec, now: Instant): LookupId {
    const limit = this.#limitOf(spec, now);
    return this.#start(spec.name, spec, now, {
      own: () => ownAddresses(this.#context, spec),
      ask: (finish) => new AddressLookup(this.#context, spec, limit, finish),
    });
  }

  names(spec: ReverseLookupSpec, now: Instant): LookupId {
    const limit = this.#limitOf(spec, now);
    const name = reverseName(spec.address);
    const question = { ...spec, name, type: RecordType.PTR };
    return this.#start(name, spec, now, {
      own: () => ({ kind: "names", names: this.#context.own.names(spec.address) }),
      ask: (finish) =>
        new RecordLookup(this.#context, question, "links", limit, (outcome) =>
          finish(namesIn(outcome)),
        ),
    });
  }

  records(spec: RecordLookupSpec, now: Instant): LookupId {
    const limit = this.#limitOf(spec, now);
    return this.#start(spec.name, spec, now, {
      own: () => ownRecords(this.#context, spec),
      ask: (finish, { kind }) =>
        new RecordLookup(
          this.#context,
          spec,
          kind === "local" ? "this-host" : "links",
          limit,
          finish,
        ),
    });
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

  /** Links came, went or changed: who was silent may answer now. */
  handleChange(): void {
    this.#context.absences.clear();
  }

  snapshot(): LookupsSnapshot {
    return {
      active: this.#active.size,
      absentNames: this.#context.absences.size,
      counters: this.#counters.snapshot(),
    };
  }

  #start(name: Name, spec: AnyLookupSpec, now: Instant, ways: Ways): LookupId {
    if (this.#active.size >= LOOKUPS_MAX) {
      throw new DotlocalError("LIMIT_REACHED", `${LOOKUPS_MAX} look-ups are under way already`);
    }
    const id = ++this.#lastId as LookupId;
    this.#counters.add("started");
    const route = routeOf(name, this.#context.own);
    const unasked = this.#outcomeUnasked(route, spec, ways);
    if (unasked !== undefined) {
      this.#finish(id, unasked);
      return id;
    }
    const lookup = ways.ask((outcome) => this.#finish(id, outcome), route);
    this.#active.set(id, lookup);
    lookup.begin(now);
    return id;
  }

  #finish(lookup: LookupId, outcome: LookupOutcome): void {
    this.#active.delete(lookup);
    this.#counters.add(outcome.kind);
    this.#context.host.emit({ kind: "lookup-done", lookup, outcome });
  }

  /** The outcome where nobody has to be asked, or nobody can be. */
  #outcomeUnasked(route: Route, spec: AnyLookupSpec, ways: Ways): LookupOutcome | undefined {
    if (route.kind === "local") return ways.own();
    if (route.kind !== "ask") return route;
    const protocols = spec.protocol === undefined ? route.protocols : [spec.protocol];
    if (protocols.some((protocol) => this.#isAtWork(protocol, spec))) return undefined;
    return { kind: "unavailable", protocols };
  }

  #isAtWork(protocol: Protocol, { links }: AnyLookupSpec): boolean {
    const { host } = this.#context;
    if (protocol !== "mdns" || host.settings.mdnsMode === "off") return false;
    return chosenLinkCount(host, links) > 0;
  }

  #limitOf({ timeout }: AnyLookupSpec, now: Instant): TimeLimit {
    const { lookupTimeout } = this.#context.host.settings;
    const time = timeout ?? lookupTimeout;
    return { at: after(now, time), extent: time < lookupTimeout ? "short" : "full" };
  }
}
