/** A port of records under a test's control: what DNS-SD asks of it, and what it is told. */

import { isChosen, type Link, type LinkId } from "../../src/core/link.ts";
import { type Instant, NEVER } from "../../src/core/time.ts";
import { DnssdEngine, type DnssdEngineOptions } from "../../src/dnssd/dnssd-engine.ts";
import type {
  Place,
  PortRecord,
  RecordAnswer,
  RecordPort,
  RecordQueryId,
  RecordQuerySpec,
  RecordSetId,
  RecordSetSpec,
  RecordSetState,
} from "../../src/dnssd/record-port.ts";
import type { DnssdEvent } from "../../src/dnssd/types.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { formatType } from "../../src/wire/type-names.ts";

export const ETH0 = link(2, "eth0");
export const ETH1 = link(3, "eth1");

function link(id: number, name: string): Link {
  return {
    ...{ id: id as LinkId, name, mtu: 1500, addresses: [], families: ["ipv4"], loopback: false },
    ...{ incarnation: 1, sharesPort: false },
  };
}

class FakeRecords implements RecordPort {
  readonly sets = new Map<RecordSetId, RecordSetSpec>();
  readonly queries = new Map<RecordQueryId, RecordQuerySpec>();
  readonly reconfirmed: string[] = [];
  readonly states = new Map<RecordSetId, Map<LinkId, RecordSetState>>();
  #lastId = 0;

  registerSet(spec: RecordSetSpec): RecordSetId {
    const id = ++this.#lastId as RecordSetId;
    this.sets.set(id, spec);
    return id;
  }

  updateSet(id: RecordSetId, spec: RecordSetSpec): void {
    this.sets.set(id, spec);
  }

  withdrawSet(id: RecordSetId): void {
    this.sets.delete(id);
  }

  setStates(id: RecordSetId): ReadonlyMap<LinkId, RecordSetState> {
    return this.states.get(id) ?? new Map();
  }

  startQuery(spec: RecordQuerySpec): RecordQueryId {
    const id = ++this.#lastId as RecordQueryId;
    this.queries.set(id, spec);
    return id;
  }

  stopQuery(id: RecordQueryId): void {
    this.queries.delete(id);
  }

  answers(): readonly RecordAnswer[] {
    return [];
  }

  reconfirm({ name, type }: { readonly name: Name; readonly type: number }): void {
    this.reconfirmed.push(`${name} ${formatType(type)}`);
  }

  /** The one set there is, or the last. */
  get set(): RecordSetId {
    return [...this.sets.keys()].at(-1)!;
  }
}

/** An engine on such a port, with `eth0` and `eth1`. */
export class DnssdKit {
  readonly records = new FakeRecords();
  readonly engine: DnssdEngine;
  now = 0 as Instant;

  constructor(options: Partial<DnssdEngineOptions> = {}) {
    this.engine = new DnssdEngine({ port: this.records, settings: { reclaim: true }, ...options });
    this.engine.handleLinks([ETH0, ETH1], this.now);
  }

  /** The records of a set on a link, as text. */
  published(set: RecordSetId, on: Link = ETH0): string[] {
    const spec = this.records.sets.get(set);
    if (spec === undefined || !isChosen(spec.links, on)) return [];
    const place: Place = { link: on.id, linkName: on.name, hostName: Name.parse("node-1.local") };
    return spec.recordsAt(place).map(recordText);
  }

  registered(set: RecordSetId, on: Link = ETH0): void {
    const states = this.records.states.get(set) ?? new Map<LinkId, RecordSetState>();
    this.records.states.set(set, states.set(on.id, { state: "registered", since: this.now }));
    this.engine.handleRecordEvent({ kind: "set-registered", set, link: on.id }, this.now);
  }

  /** Lets time pass, deadline by deadline. */
  advance(milliseconds: number): void {
    const end = (this.now + milliseconds) as Instant;
    for (let next = this.engine.nextDeadline; next <= end; next = this.engine.nextDeadline) {
      if (next === NEVER) break;
      this.now = Math.max(this.now, next) as Instant;
      this.engine.handleDeadline(this.now);
    }
    this.now = end;
  }

  events(): DnssdEvent[] {
    const events: DnssdEvent[] = [];
    for (let e = this.engine.pollEvent(); e; e = this.engine.pollEvent()) events.push(e);
    return events;
  }
}

function recordText({ name, type, ttl, data, ownership }: PortRecord): string {
  return `${name} ${ttl} ${formatType(type)} ${formatRecordData(data)} ${ownership}`;
}
