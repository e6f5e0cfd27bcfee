/**
 * A host or a process of a scenario: an engine with the registrations and queries it was given, by
 * the labels of the statements that made them. Registers again on a link that comes back, as the
 * layer above an engine does.
 */

import type { LinkId } from "../../core/link.ts";
import type { Instant } from "../../core/time.ts";
import type { MdnsEvent, PublishedRecord, QueryId, RegistrationId } from "../../mdns/types.ts";
import type { Name } from "../../wire/name.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import type { CreateMdnsEngine, MdnsEnginePort } from "../mdns-engine-port.ts";
import type { SimulatedNetwork } from "../network.ts";
import { nextName, renameRecords } from "../rename.ts";
import type { Process, SimulatedHost } from "../simulated-host.ts";
import { matchesNumber, matchesRecord } from "./pattern.ts";
import type { Action, EventPattern, HostDeclaration, StatePattern } from "./syntax.ts";

interface Registration {
  readonly links: readonly LinkId[] | "all";
  records: readonly PublishedRecord[];
  readonly ids: Map<LinkId, RegistrationId>;
}

interface Query {
  readonly id: QueryId;
  readonly name: Name;
  readonly type: number;
}

type ActionOf<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

export class Actor {
  readonly declaration: HostDeclaration;
  readonly host: SimulatedHost;
  readonly #network: SimulatedNetwork;
  readonly #createEngine: CreateMdnsEngine;
  readonly #registrations = new Map<string, Registration>();
  readonly #queries = new Map<string, Query>();
  #process: Process<MdnsEnginePort> | undefined;

  constructor(
    declaration: HostDeclaration,
    host: SimulatedHost,
    network: SimulatedNetwork,
    createEngine: CreateMdnsEngine,
  ) {
    this.declaration = declaration;
    this.host = host;
    this.#network = network;
    this.#createEngine = createEngine;
  }

  /** Starts, or starts again, with an engine that knows nothing. */
  start(): void {
    this.crash();
    const random = this.#network.forkRandom();
    const engine = this.#createEngine({ random, settings: this.declaration.settings });
    const { name } = this.declaration;
    this.#process = this.#network.start(this.host, engine, {
      name,
      listener: (event, _, now) => this.#rename(event, now),
    });
  }

  crash(): void {
    if (this.#process !== undefined) this.#network.kill(this.#process);
    this.#process = undefined;
    this.#registrations.clear();
    this.#queries.clear();
  }

  shutdown(): void {
    this.#command((engine, now) => engine.shutdown(now));
  }

  register(label: string, action: ActionOf<"register">): void {
    const links = action.links.length === 0 ? "all" : action.links.map((name) => this.#link(name));
    this.#registrations.set(label, { links, records: action.records, ids: new Map() });
    this.registerOnNewLinks();
  }

  /** Registers on the links where that is wanted and has not been done, or was lost with the link. */
  registerOnNewLinks(): void {
    if (this.#process === undefined) return;
    for (const { links, records, ids } of this.#registrations.values()) {
      for (const { id: link } of this.host.links()) {
        if (links !== "all" && !links.includes(link)) continue;
        const known = ids.get(link);
        this.#command((engine, now) => {
          if (known !== undefined && engine.registrationState(known) !== undefined) return;
          ids.set(link, engine.register(link, { records }, now));
        });
      }
    }
  }

  update({ id, records }: ActionOf<"update">): void {
    const registration = this.#registration(id);
    registration.records = records;
    this.#command((engine, now) => {
      for (const own of registration.ids.values()) engine.update(own, { records }, now);
    });
  }

  withdraw(id: string | undefined): void {
    const registration = this.#registration(id);
    this.#command((engine, now) => {
      for (const own of registration.ids.values()) engine.withdraw(own, now);
    });
    for (const [label, known] of this.#registrations) {
      if (known === registration) this.#registrations.delete(label);
    }
  }

  query(label: string, { name, type, mode, links }: ActionOf<"query">): void {
    const on = links.length === 0 ? "all" : links.map((link) => this.#link(link));
    const id = this.#command((engine, now) =>
      engine.startQuery({ name, type, links: on, mode }, now),
    );
    this.#queries.set(label, { id, name, type });
  }

  stop(id: string | undefined): void {
    const label = id ?? [...this.#queries.keys()].at(-1) ?? "";
    const query = this.#queries.get(label);
    if (query === undefined) throw new Error(`there is no query "${label}"`);
    this.#command((engine, now) => engine.stopQuery(query.id, now));
    this.#queries.delete(label);
  }

  reconfirm({ name, type, data }: ResourceRecord): void {
    this.#command((engine, now) => engine.reconfirm({ name, type, data }, now));
  }

  flush(link: string | undefined): void {
    const id = link === undefined ? undefined : this.#link(link);
    this.#command((engine, now) => engine.flushCache(id, now));
  }

  matchesEvent(pattern: EventPattern, event: MdnsEvent): boolean {
    if (pattern.kind !== event.kind) return false;
    switch (event.kind) {
      case "registered":
        return pattern.name === undefined || this.#registers(event.registration, pattern.name);
      case "conflicted":
        if (pattern.rival !== undefined && pattern.rival !== event.rival.address) return false;
        return pattern.name === undefined || pattern.name.equals(event.name);
      case "ceded":
      case "reclaimed":
        return pattern.name === undefined || pattern.name.equals(event.name);
      case "answer-added":
      case "answer-removed":
        return pattern.record === undefined || matchesRecord(pattern.record, event.answer.record);
      case "negative":
      case "asked":
        return this.#asks(event.query, pattern);
    }
  }

  /** Undefined when the state is as it should be, else what it is. */
  check(state: StatePattern): string | undefined {
    switch (state.kind) {
      case "sees":
        return this.#checkCount(state, this.#answers());
      case "caches":
        return this.#checkCount(state, this.#cached());
      case "registration":
        return this.#checkRegistration(state.id, state.state);
      case "counter": {
        const value = this.#counter(state.counter);
        return matchesNumber(state.value, value) ? undefined : `the counter is ${value}`;
      }
      default:
        return "services are those of DNS-SD hosts";
    }
  }

  #rename(event: MdnsEvent, now: Instant): void {
    if (event.kind !== "conflicted" || !this.declaration.renames) return;
    const { name: lost, registration: id } = event;
    for (const registration of this.#registrations.values()) {
      if (![...registration.ids.values()].includes(id)) continue;
      const records = renameRecords(registration.records, lost, nextName(lost));
      registration.records = records;
      for (const own of registration.ids.values()) {
        this.#process?.engine.update(own, { records }, now);
      }
    }
  }

  #checkCount(
    state: Extract<StatePattern, { kind: "sees" | "caches" }>,
    records: readonly ResourceRecord[],
  ): string | undefined {
    const count = records.filter((record) => matchesRecord(state.record, record)).length;
    if (count >= state.countMin && count <= state.countMax) return undefined;
    return `${state.kind} ${count} such records, of ${records.length}`;
  }

  #checkRegistration(label: string | undefined, wanted: string): string | undefined {
    const { ids } = this.#registration(label);
    const states = this.#command((engine) =>
      [...ids.values()].map((id) => engine.registrationState(id)?.state ?? "unknown"),
    );
    return states.every((state) => state === wanted) ? undefined : `it is ${states.join(", ")}`;
  }

  #answers(): readonly ResourceRecord[] {
    return this.#command((engine, now) =>
      [...this.#queries.values()].flatMap(({ id }) =>
        engine.answers(id, now).map((answer) => answer.record),
      ),
    );
  }

  #cached(): readonly ResourceRecord[] {
    return this.#command((engine, now) => Array.from(engine.cached(now), ({ record }) => record));
  }

  #counter(name: string): number {
    return this.#command((engine, now) => {
      const { counters, links } = engine.snapshot(now);
      return links.reduce((sum, link) => sum + (link.counters[name] ?? 0), counters[name] ?? 0);
    });
  }

  #registers(id: RegistrationId, name: Name): boolean {
    for (const { ids, records } of this.#registrations.values()) {
      if (![...ids.values()].includes(id)) continue;
      return records.some((record) => record.name.equals(name));
    }
    return false;
  }

  #asks(id: QueryId, { name, type }: EventPattern): boolean {
    const query = [...this.#queries.values()].find((known) => known.id === id);
    if (query === undefined) return name === undefined;
    if (name !== undefined && !name.equals(query.name)) return false;
    return type === undefined || type === query.type;
  }

  #registration(label: string | undefined): Registration {
    const known = label ?? [...this.#registrations.keys()].at(-1) ?? "";
    const registration = this.#registrations.get(known);
    if (registration === undefined) throw new Error(`there is no registration "${known}"`);
    return registration;
  }

  #link(name: string): LinkId {
    const link = this.#network.links.find((candidate) => candidate.name === name);
    if (link === undefined) throw new Error(`there is no link "${name}"`);
    return link.id;
  }

  #command<Outcome>(action: (engine: MdnsEnginePort, now: Instant) => Outcome): Outcome {
    if (this.#process === undefined) throw new Error(`${this.declaration.name} is not running`);
    return this.#network.command(this.#process, action);
  }
}
