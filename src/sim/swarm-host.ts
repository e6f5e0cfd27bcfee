/**
 * A host of a swarm: its host name and services on every link it is on, its queries, and what a
 * person or a network does to it. It renames as the layer above an engine does.
 */

import type { LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { HOST_TTL, OTHER_TTL } from "../mdns/constants.ts";
import type { MdnsEvent, PublishedRecord, QueryId, RegistrationId } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { CreateMdnsEngine, MdnsEnginePort } from "./mdns-engine-port.ts";
import type { SimulatedNetwork } from "./network.ts";
import { nextName, renameRecords } from "./rename.ts";
import type { Process, SimulatedHost } from "./simulated-host.ts";

const textEncoder = new TextEncoder();

/** Ports of services; any will do. */
const SERVICE_PORT = 631;

export interface SwarmQuery {
  readonly name: Name;
  readonly type: number;
  readonly id: QueryId;
}

interface Publication {
  records: readonly PublishedRecord[];
  readonly ids: Map<LinkId, RegistrationId>;
}

/** A service to publish: a type such as `_ipp._tcp.local.` and the instance's first label. */
export interface SwarmService {
  readonly type: Name;
  readonly instance: string;
}

export class SwarmHost {
  readonly host: SimulatedHost;
  /** Every name it has ever tried to have, by key. */
  readonly wanted = new Set<string>();
  readonly #network: SimulatedNetwork;
  readonly #createEngine: CreateMdnsEngine;
  readonly #hostName: Name;
  readonly #services: readonly SwarmService[];
  readonly #questions: readonly Omit<SwarmQuery, "id">[];
  readonly #onEvent: (host: SwarmHost, event: MdnsEvent) => void;
  readonly #publications: Publication[] = [];
  #queries: SwarmQuery[] = [];
  #process: Process<MdnsEnginePort> | undefined;

  constructor(options: {
    readonly host: SimulatedHost;
    readonly network: SimulatedNetwork;
    readonly createEngine: CreateMdnsEngine;
    readonly hostName: Name;
    readonly services: readonly SwarmService[];
    readonly questions: readonly Omit<SwarmQuery, "id">[];
    readonly onEvent: (host: SwarmHost, event: MdnsEvent) => void;
  }) {
    this.host = options.host;
    this.#network = options.network;
    this.#createEngine = options.createEngine;
    this.#hostName = options.hostName;
    this.#services = options.services;
    this.#questions = options.questions;
    this.#onEvent = options.onEvent;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && this.host.state === "awake";
  }

  get queries(): readonly SwarmQuery[] {
    return this.#queries;
  }

  /** The engine of a running host. */
  get engine(): MdnsEnginePort {
    return this.#process!.engine;
  }

  start(): void {
    if (this.#process !== undefined) return;
    const engine = this.#createEngine({ random: this.#network.forkRandom(), settings: {} });
    this.#process = this.#network.start(this.host, engine, {
      listener: (event) => this.#handleEvent(event),
    });
    this.#publications.push({ records: this.#hostRecords(this.#hostName), ids: new Map() });
    for (const service of this.#services) {
      const records = this.#serviceRecords(service, this.#hostName);
      this.#publications.push({ records, ids: new Map() });
    }
    this.registerOnNewLinks();
    for (const question of this.#questions) this.ask(question);
  }

  ask(question: Omit<SwarmQuery, "id">): SwarmQuery {
    const id = this.#network.command(this.#process!, (asked, now) =>
      asked.startQuery({ ...question, links: "all", mode: "continuous" }, now),
    );
    const query = { ...question, id };
    this.#queries.push(query);
    return query;
  }

  stopAsking(query: SwarmQuery): void {
    this.#network.command(this.#process!, (asked, now) => asked.stopQuery(query.id, now));
    this.#queries = this.#queries.filter((other) => other !== query);
  }

  crash(): void {
    if (this.#process === undefined) return;
    this.#network.kill(this.#process);
    this.#process = undefined;
    this.#publications.length = 0;
    this.#queries = [];
  }

  /** Says goodbye, then ends. */
  stop(): void {
    if (this.#process === undefined) return;
    this.#network.command(this.#process, (engine, now) => engine.shutdown(now));
    this.crash();
  }

  /** Withdraws its last service; returns the shared record that is said goodbye to. */
  withdrawService(): PublishedRecord | undefined {
    if (this.#process === undefined || this.#publications.length < 2) return undefined;
    const { ids, records } = this.#publications.pop()!;
    this.#network.command(this.#process, (engine, now) => {
      for (const id of ids.values()) engine.withdraw(id, now);
    });
    return records.find((record) => record.ownership === "shared");
  }

  /** New TXT data for its services. */
  updateServices(random: Random): void {
    const revision = textEncoder.encode(`revision=${random.integer(0, 999)}`);
    for (const publication of this.#publications) {
      this.#publish(
        publication,
        publication.records.map((record) =>
          record.data.kind === "TXT"
            ? { ...record, data: { kind: "TXT", strings: [revision] } }
            : record,
        ),
      );
    }
  }

  /** After a change of addresses or links: what is published follows. */
  registerOnNewLinks(): void {
    if (this.#process === undefined) return;
    for (const { records, ids } of this.#publications) {
      for (const record of records) this.wanted.add(record.name.key);
      this.#network.command(this.#process, (engine, now) => {
        for (const { id: link } of this.host.links()) {
          const known = ids.get(link);
          if (known !== undefined && engine.registrationState(known) !== undefined) continue;
          ids.set(link, engine.register(link, { records }, now));
        }
      });
    }
  }

  updateAddresses(): void {
    const [publication] = this.#publications;
    const name = publication?.records[0]?.name;
    if (publication === undefined || name === undefined) return;
    this.registerOnNewLinks();
    this.#publish(publication, this.#hostRecords(name));
  }

  /** The names it has now, or tries to have, as the only one. */
  uniqueNames(): Name[] {
    return this.#publications.flatMap(({ records }) =>
      records.filter((record) => record.ownership === "unique").map((record) => record.name),
    );
  }

  /** What it has made its own on the link and answers for. */
  publishedOn(link: LinkId): PublishedRecord[] {
    if (!this.isRunning) return [];
    return this.#publications.flatMap(({ records, ids }) => {
      const id = ids.get(link);
      const state = id === undefined ? undefined : this.engine.registrationState(id);
      return state?.state === "registered" ? records : [];
    });
  }

  #handleEvent(event: MdnsEvent): void {
    this.#onEvent(this, event);
    if (event.kind !== "conflicted") return;
    const found = nextName(event.name);
    this.wanted.add(found.key);
    for (const publication of this.#publications) {
      const records = renameRecords(publication.records, event.name, found);
      const isChanged = records.some((record, index) => {
        const before = publication.records[index]!;
        return record.name !== before.name || record.data !== before.data;
      });
      if (isChanged) this.#publish(publication, records);
    }
  }

  #publish(publication: Publication, records: readonly PublishedRecord[]): void {
    publication.records = records;
    for (const record of records) this.wanted.add(record.name.key);
    this.#network.command(this.#process!, (engine, now) => {
      for (const id of publication.ids.values()) engine.update(id, { records }, now);
    });
  }

  #hostRecords(name: Name): PublishedRecord[] {
    const own = this.host.interfaces.flatMap(({ addresses }) => addresses);
    return own.map(({ family, address }) => {
      const kind = family === "ipv4" ? "A" : "AAAA";
      return {
        name,
        type: RecordType[kind],
        ttl: HOST_TTL,
        data: { kind, address },
        ownership: "unique",
        cedable: true,
      };
    });
  }

  #serviceRecords({ type, instance }: SwarmService, target: Name): PublishedRecord[] {
    const name = type.prepend(instance);
    const strings = [textEncoder.encode("revision=0")];
    const srv = { kind: "SRV", priority: 0, weight: 0, port: SERVICE_PORT, target } as const;
    const unique = { name, ownership: "unique", cedable: false } as const;
    return [
      { ...unique, type: RecordType.SRV, ttl: HOST_TTL, data: srv },
      { ...unique, type: RecordType.TXT, ttl: OTHER_TTL, data: { kind: "TXT", strings } },
      {
        name: type,
        type: RecordType.PTR,
        ttl: OTHER_TTL,
        data: { kind: "PTR", name },
        ownership: "shared",
        cedable: false,
      },
    ];
  }
}
