/**
 * The LLMNR engine as the parts of `host` use it: who asks owns the id and is told what comes of it;
 * what the engine says of names becomes an event of the host; and this host's label and aliases are
 * kept published on every link (RFC 4795 §2.3).
 *
 * A name that is lost by LLMNR is silent on that link until it is free again, and never renamed: the
 * host is called what Multicast DNS calls it there.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { LlmnrEngine } from "../llmnr/engine.ts";
import type {
  HostedData,
  HostedName,
  LlmnrEvent,
  LlmnrLookupId,
  LlmnrLookupSpec,
} from "../llmnr/types.ts";
import type { PublishedRecord } from "../mdns/types.ts";
import { Name } from "../wire/name.ts";
import { hostRecords } from "./host-records.ts";
import type { HostEvent, HostSettings } from "./types.ts";

export type LlmnrOutcome = Extract<LlmnrEvent, { readonly lookup: LlmnrLookupId }>;

export interface LlmnrOwner {
  handleLlmnr(outcome: LlmnrOutcome, now: Instant): void;
}

/** What the binding needs of the composed engine. */
export interface LlmnrSurroundings {
  readonly settings: HostSettings;
  readonly links: ReadonlyMap<LinkId, Link>;
  labelOn(link: LinkId): string;
  emit(event: HostEvent): void;
}

export class LlmnrBinding {
  readonly #engine: LlmnrEngine;
  readonly #surroundings: LlmnrSurroundings;
  readonly #owners = new Map<LlmnrLookupId, LlmnrOwner>();

  constructor(engine: LlmnrEngine, surroundings: LlmnrSurroundings) {
    this.#engine = engine;
    this.#surroundings = surroundings;
  }

  /** Links, addresses, settings or this host's label may have changed. */
  refresh(now: Instant): void {
    for (const link of this.#surroundings.links.values()) {
      this.#engine.publish(link.id, this.#namesOn(link), now);
    }
  }

  lookup(spec: LlmnrLookupSpec, owner: LlmnrOwner, now: Instant): LlmnrLookupId {
    const id = this.#engine.lookup(spec, now);
    this.#owners.set(id, owner);
    return id;
  }

  sentinel(name: Name, owner: LlmnrOwner, now: Instant): LlmnrLookupId {
    const id = this.#engine.sentinel(name, now);
    this.#owners.set(id, owner);
    return id;
  }

  cancel(id: LlmnrLookupId, now: Instant): void {
    this.#owners.delete(id);
    this.#engine.cancelLookup(id, now);
  }

  distrust(link: LinkId, address: IpAddress, until: Instant): void {
    this.#engine.distrust(link, address, until);
  }

  /** Hands every event to its owner, or on to the host's user. */
  drain(now: Instant): void {
    for (let event = this.#engine.pollEvent(); event; event = this.#engine.pollEvent()) {
      if ("lookup" in event) {
        const owner = this.#owners.get(event.lookup);
        this.#owners.delete(event.lookup);
        owner?.handleLlmnr(event, now);
      } else {
        this.#surroundings.emit({ kind: "llmnr", event });
      }
    }
  }

  #namesOn(link: Link): HostedName[] {
    const { settings } = this.#surroundings;
    if (settings.llmnrMode !== "full" || !settings.publish.addresses) return [];
    const label = this.#surroundings.labelOn(link.id);
    const labels = [label, ...settings.aliases];
    const records = hostRecords(Name.of(label), link, settings);
    const own = records.filter(({ name }) => name.labelCount === 1);
    const reverse = records.filter(({ name }) => name.labelCount > 1);
    return [
      ...labels.map((one) => hostedName(Name.of(one), own, "unique")),
      ...reverse.map((record) => hostedName(record.name, [record], "known-unique")),
    ];
  }
}

/** Nobody can hold the reverse name of an address that is this host's. */
function hostedName(
  name: Name,
  records: readonly PublishedRecord[],
  ownership: HostedName["ownership"],
): HostedName {
  const data: HostedData[] = records.map(({ type, data }) => ({ type, data }));
  return { name, records: data, ownership };
}
