/**
 * The sender (RFC 4795 §2.2): look-ups under way, each asking for its types together; reverse look-ups
 * by TCP (§2.4); and the sentinel's questions for names that nobody has.
 *
 * A look-up whose outcome has been told stays under way while it listens for conflicts (§2.7).
 */

import { BoundedMap, BoundedQueue } from "../core/bounded.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { after, type Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import {
  DISPUTE_MEMORY,
  DISPUTES_MAX,
  LOOKUPS_ACTIVE_MAX,
  LOOKUPS_WAITING_MAX,
} from "./constants.ts";
import { Distrust } from "./distrust.ts";
import { isNeighbour, jitter, type LlmnrContext } from "./link-context.ts";
import { ReverseLookup } from "./reverse-lookup.ts";
import { Sentinel } from "./sentinel.ts";
import { TypeLookup, type TypeLookupListener } from "./type-lookup.ts";
import type { LlmnrLookupId, LlmnrLookupSpec, TypeOutcome } from "./types.ts";

/** Something that is asked, whatever the way. */
interface Asking {
  close(now: Instant): void;
  forgetLink(link: LinkId): void;
}

interface Waiting {
  readonly id: LlmnrLookupId;
  readonly begin: (now: Instant) => void;
}

export interface SenderSnapshot {
  readonly active: number;
  readonly waiting: number;
}

export class Sender {
  readonly distrust = new Distrust();
  readonly #context: LlmnrContext;
  readonly #active = new Map<LlmnrLookupId, Set<Asking>>();
  readonly #waiting = new BoundedQueue<Waiting>(LOOKUPS_WAITING_MAX);
  /** Given up before their turn came. */
  readonly #cancelled = new Set<LlmnrLookupId>();
  /** Until when the answers for a name are all awaited, by link-independent name key. */
  readonly #disputes = new BoundedMap<string, Instant>(DISPUTES_MAX);

  constructor(context: LlmnrContext) {
    this.#context = context;
  }

  lookup(id: LlmnrLookupId, spec: LlmnrLookupSpec, now: Instant): void {
    this.#start(
      id,
      (at) => this.#begin(id, spec, at),
      now,
      () => {
        const outcomes = spec.types.map((type) => ({ state: "silent", type }) as const);
        this.#context.emit({ kind: "lookup-done", lookup: id, outcomes });
      },
    );
  }

  /** Asks for a name that nobody has, and tells who answers all the same. */
  sentinel(id: LlmnrLookupId, name: Name, now: Instant): void {
    const done = (responders: readonly { link: LinkId; address: IpAddress }[], at: Instant) => {
      this.#context.emit({ kind: "sentinel-done", lookup: id, responders });
      this.#end(id, at);
    };
    const begin = (at: Instant) => {
      const sentinel = new Sentinel(this.#context, name, done);
      this.#active.set(id, new Set([sentinel]));
      sentinel.begin(at);
    };
    this.#start(id, begin, now, () => done([], now));
  }

  cancel(id: LlmnrLookupId, now: Instant): void {
    const asking = this.#active.get(id);
    if (asking === undefined) {
      if (this.#waiting.size > 0) this.#cancelled.add(id);
      return;
    }
    for (const one of [...asking]) one.close(now);
    this.#end(id, now);
  }

  handleLinkGone(link: LinkId): void {
    for (const asking of this.#active.values()) for (const one of asking) one.forgetLink(link);
  }

  /** Gives up all of them; no outcome follows. */
  shutdown(now: Instant): void {
    while (this.#waiting.shift() !== undefined);
    for (const id of [...this.#active.keys()]) this.cancel(id, now);
  }

  snapshot(): SenderSnapshot {
    return { active: this.#active.size, waiting: this.#waiting.size };
  }

  /** Begins at once, or when others have ended; `refuse` when too many wait already. */
  #start(id: LlmnrLookupId, begin: (now: Instant) => void, now: Instant, refuse: () => void): void {
    if (this.#active.size < LOOKUPS_ACTIVE_MAX) begin(now);
    else if (!this.#waiting.push({ id, begin })) refuse();
  }

  #end(id: LlmnrLookupId, now: Instant): void {
    if (!this.#active.delete(id)) return;
    while (this.#active.size < LOOKUPS_ACTIVE_MAX) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#cancelled.clear();
        return;
      }
      if (!this.#cancelled.delete(next.id)) next.begin(now);
    }
  }

  #begin(id: LlmnrLookupId, spec: LlmnrLookupSpec, now: Instant): void {
    const address = addressOfReverseName(spec.name);
    if (address !== undefined && spec.types.every((type) => type === RecordType.PTR)) {
      this.#beginReverse(id, spec, address, now);
    } else {
      this.#beginMulticast(id, spec, now);
    }
  }

  #beginMulticast(id: LlmnrLookupId, spec: LlmnrLookupSpec, now: Instant): void {
    const links = this.#linksOf(spec);
    const asking = new Set<Asking>();
    this.#active.set(id, asking);
    const outcomes = new Map<number, TypeOutcome>();
    const delay = jitter(this.#context.random);
    const patience = this.#isDisputed(spec.name, now) ? "all" : "first";
    const { distrust } = this;
    for (const type of spec.types) {
      const options = { name: spec.name, type, links, patience, distrust } as const;
      const listener: TypeLookupListener = {
        decided: (outcome) => {
          outcomes.set(type, outcome);
          if (outcomes.size === spec.types.length) this.#tell(id, spec, outcomes);
        },
        disputed: (link, sources, at) => this.#handleDispute(spec.name, link, sources, at),
        closed: (at) => {
          asking.delete(one);
          if (asking.size === 0) this.#end(id, at);
        },
      };
      const one = new TypeLookup(this.#context, options, listener);
      asking.add(one);
      one.begin(delay, now);
    }
  }

  #tell(
    lookup: LlmnrLookupId,
    { types }: LlmnrLookupSpec,
    known: ReadonlyMap<number, TypeOutcome>,
  ): void {
    const outcomes = types.map((type) => known.get(type)!);
    this.#context.emit({ kind: "lookup-done", lookup, outcomes });
  }

  /** RFC 4795 §2.4: the host that has the address is asked, and nobody else. */
  #beginReverse(id: LlmnrLookupId, spec: LlmnrLookupSpec, address: IpAddress, now: Instant): void {
    const links = isLoopback(address)
      ? []
      : this.#linksOf(spec).filter((link) => isNeighbour(link, address));
    const { distrust } = this;
    const options = { name: spec.name, address, links, distrust };
    const lookup = new ReverseLookup(this.#context, options, (outcome, at) => {
      const outcomes = spec.types.map(() => outcome);
      this.#context.emit({ kind: "lookup-done", lookup: id, outcomes });
      this.#end(id, at);
    });
    this.#active.set(id, new Set([lookup]));
    lookup.begin(now);
  }

  #handleDispute(name: Name, link: LinkId, sources: readonly IpAddress[], now: Instant): void {
    const isNews = !this.#isDisputed(name, now);
    this.#disputes.set(name.key, after(now, DISPUTE_MEMORY));
    if (isNews) this.#context.emit({ kind: "answers-differ", link, name, sources });
  }

  #isDisputed(name: Name, now: Instant): boolean {
    return (this.#disputes.peek(name.key) ?? now) > now;
  }

  #linksOf({ links }: LlmnrLookupSpec): Link[] {
    const all = [...this.#context.links.values()].filter(({ loopback }) => !loopback);
    return links === "all" ? all : all.filter(({ id }) => links.includes(id));
  }
}
