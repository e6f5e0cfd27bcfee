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
import { LOOKUPS_MAX, SINGLE_LABEL_WAIT } from "./constants.ts";
import type { HostContext } from "./host-context.ts";
import { Inquiries } from "./inquiry.ts";
import { addressTypes, LlmnrLookup, type LlmnrQuestion } from "./llmnr-lookup.ts";
import {
  chosenLinkCount,
  type Finish,
  type Lookup,
  type LookupContext,
  type TimeLimit,
} from "./lookup-context.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { RankedLookup } from "./ranked-lookup.ts";
import { ownRecords, RecordLookup } from "./record-lookup.ts";
import { namesIn } from "./reverse-lookup.ts";
import { type Route, routeOf } from "./routing.ts";
import type {
  AddressLookupSpec,
  LookupId,
  LookupOutcome,
  LookupsSnapshot,
  Protocol,
  ProtocolMode,
  RecordLookupSpec,
  ReverseLookupSpec,
} from "./types.ts";

type AnyLookupSpec = AddressLookupSpec | ReverseLookupSpec | RecordLookupSpec;

/** How a kind of look-up is answered. */
interface Ways {
  /** By this host itself, for a name of its own; undefined: the look-up finds out. */
  readonly own: () => LookupOutcome | undefined;
  readonly ask: (finish: Finish, route: Route, limit: TimeLimit) => Lookup;
  readonly llmnr: (finish: Finish, limit: TimeLimit) => Lookup;
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
    const { name, links } = spec;
    const types = addressTypes(spec.family);
    const question = { name, types, links, wanted: "addresses" } as const;
    return this.#start(name, spec, now, {
      own: () => ownAddresses(this.#context, spec),
      ask: (finish, _, limit) => new AddressLookup(this.#context, spec, limit, finish),
      llmnr: (finish, limit) => this.#askByLlmnr(question, finish, limit),
    });
  }

  names(spec: ReverseLookupSpec, now: Instant): LookupId {
    const name = reverseName(spec.address);
    const question = { ...spec, name, type: RecordType.PTR };
    return this.#start(name, spec, now, {
      own: () => ({ kind: "names", names: this.#context.own.names(spec.address) }),
      ask: (finish, _, limit) =>
        new RecordLookup(this.#context, question, "links", limit, (outcome) =>
          finish(namesIn(outcome)),
        ),
      llmnr: (finish, limit) =>
        this.#askByLlmnr(
          { name, types: [RecordType.PTR], links: spec.links, wanted: "records" },
          (outcome) => finish(namesIn(outcome)),
          limit,
        ),
    });
  }

  records(spec: RecordLookupSpec, now: Instant): LookupId {
    const { name, type, links } = spec;
    const question = { name, types: [type], links, wanted: "records" } as const;
    return this.#start(name, spec, now, {
      own: () => ownRecords(this.#context, spec),
      llmnr: (finish, limit) => this.#askByLlmnr(question, finish, limit),
      ask: (finish, { kind }, limit) =>
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
    const lookup = this.#lookupBy(route, name, spec, ways, now, (outcome) =>
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

  /** The outcome where nobody has to be asked, or nobody can be. */
  #outcomeUnasked(route: Route, spec: AnyLookupSpec, ways: Ways): LookupOutcome | undefined {
    if (route.kind === "local") return ways.own();
    if (route.kind !== "ask") return route;
    const protocols = spec.protocol === undefined ? route.protocols : [spec.protocol];
    if (protocols.some((protocol) => this.#isAtWork(protocol, spec))) return undefined;
    return { kind: "unavailable", protocols };
  }

  /** By the one protocol that is at work, or by several together. */
  #lookupBy(
    route: Route,
    name: Name,
    spec: AnyLookupSpec,
    ways: Ways,
    now: Instant,
    finish: Finish,
  ): Lookup {
    const limit = this.#limitOf(spec, now);
    const protocols = this.#protocolsFor(route, name, spec);
    const asks = (protocol: Protocol, extent: TimeLimit) => (done: Finish) =>
      protocol === "llmnr" ? ways.llmnr(done, extent) : ways.ask(done, route, extent);
    const [first, ...others] = protocols;
    if (first === undefined || others.length === 0) return asks(first ?? "mdns", limit)(finish);
    const shared = this.#sharedLimit(name, limit, now);
    const entrants = protocols.map((protocol) => asks(protocol, shared));
    return new RankedLookup(this.#context.host, entrants, finish);
  }

  /** Those at work, in the order in which their answers count. */
  #protocolsFor(route: Route, name: Name, spec: AnyLookupSpec): readonly Protocol[] {
    if (route.kind !== "ask") return [];
    if (spec.protocol !== undefined) return [spec.protocol];
    const { singleLabel } = this.#context.host.settings;
    const order = name.labelCount === 1 ? singleLabel : route.protocols;
    return order.filter((protocol) => this.#isAtWork(protocol, spec));
  }

  /** A single label that nobody has is not waited for as a name in `local` is. */
  #sharedLimit(name: Name, limit: TimeLimit, now: Instant): TimeLimit {
    const at = after(now, SINGLE_LABEL_WAIT);
    return name.labelCount === 1 && at < limit.at ? { at, extent: "short" } : limit;
  }

  #askByLlmnr(question: LlmnrQuestion, finish: Finish, limit: TimeLimit): Lookup {
    return new LlmnrLookup(this.#context.host, question, limit, finish);
  }

  #isAtWork(protocol: Protocol, { links }: AnyLookupSpec): boolean {
    const { host } = this.#context;
    if (protocol === "unicast" || this.#modeOf(protocol) === "off") return false;
    return chosenLinkCount(host, links) > 0;
  }

  #modeOf(protocol: "mdns" | "llmnr"): ProtocolMode {
    const { mdnsMode, llmnrMode } = this.#context.host.settings;
    return protocol === "mdns" ? mdnsMode : llmnrMode;
  }

  #limitOf({ timeout }: AnyLookupSpec, now: Instant): TimeLimit {
    const { lookupTimeout } = this.#context.host.settings;
    const time = timeout ?? lookupTimeout;
    return { at: after(now, time), extent: time < lookupTimeout ? "short" : "full" };
  }
}
