/**
 * A host of a scenario whose protocol is DNS-SD: the composed engine, under the host's name, with the
 * groups, browses and look-ups it was given, by the labels of the statements that gave them.
 */

import type { LinkFilter, LinkId } from "../../core/link.ts";
import { type Instant, seconds } from "../../core/time.ts";
import type { RecordEvent, RecordQueryId } from "../../dnssd/record-port.ts";
import type {
  BrowseId,
  DnssdEvent,
  InstanceLookupId,
  Resolution,
  ServiceId,
  ServiceInstance,
  WatchId,
} from "../../dnssd/types.ts";
import { HostEngine } from "../../host/host-engine.ts";
import type { HostEvent, PublicationId } from "../../host/types.ts";
import { Name } from "../../wire/name.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { Process, SimulatedHost } from "../simulated-host.ts";
import { matchesNumber, matchesRecord, matchesResolution } from "./pattern.ts";
import type { Action, EventPattern, HostDeclaration, StatePattern } from "./syntax.ts";

type ActionOf<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

type Published =
  | { readonly kind: "service"; readonly id: ServiceId }
  | { readonly kind: "records"; readonly id: PublicationId };

type Asked =
  | { readonly kind: "browse"; readonly id: BrowseId; readonly isResolving: boolean }
  | { readonly kind: "watch"; readonly id: WatchId }
  | { readonly kind: "look-up"; readonly id: InstanceLookupId }
  | { readonly kind: "query"; readonly id: RecordQueryId };

/** An instance that is kept resolved, and what it is at, by link. */
interface Watch {
  readonly name: Name;
  /** The browse that found it. */
  readonly origin: { readonly browse: BrowseId; readonly found: ServiceInstance } | undefined;
  readonly resolutions: Map<LinkId, Resolution>;
}

const LOOKUP_TIMEOUT = seconds(3);

export class DnssdActor {
  readonly declaration: HostDeclaration;
  readonly host: SimulatedHost;
  readonly #network: SimulatedNetwork;
  readonly #published = new Map<string, Published>();
  readonly #asked = new Map<string, Asked>();
  readonly #watches = new Map<WatchId, Watch>();
  #process: Process<HostEngine> | undefined;

  constructor(declaration: HostDeclaration, host: SimulatedHost, network: SimulatedNetwork) {
    this.declaration = declaration;
    this.host = host;
    this.#network = network;
  }

  start(): void {
    this.crash();
    const { name, settings: mdns, browseDomains } = this.declaration;
    const engine = new HostEngine({
      random: this.#network.forkRandom(),
      settings: { hostname: this.host.name, browseDomains },
      mdns,
    });
    this.#process = this.#network.start(this.host, engine, {
      name,
      listener: (event, running, now) => this.#listen(event, running, now),
    });
  }

  crash(): void {
    if (this.#process !== undefined) this.#network.kill(this.#process);
    this.#process = undefined;
    this.#published.clear();
    this.#asked.clear();
    this.#watches.clear();
  }

  shutdown(): void {
    this.#command((engine, now) => engine.shutdown(now));
  }

  publish(label: string, { group }: ActionOf<"publish">): void {
    const id = this.#command((engine, now) => engine.publishService(group, now));
    this.#published.set(label, { kind: "service", id });
  }

  republish({ id: label, group }: ActionOf<"republish">): void {
    const id = this.#service(label);
    this.#command((engine, now) => engine.updateService(id, group, now));
  }

  register(label: string, { records, links }: ActionOf<"register">): void {
    const spec = { records, links: filterOf(links) };
    const id = this.#command((engine, now) => engine.publishRecords(spec, now));
    this.#published.set(label, { kind: "records", id });
  }

  /** The engine itself follows the links. */
  registerOnNewLinks(): void {}

  update(): never {
    throw new Error("a DNS-SD host updates services");
  }

  withdraw(label: string | undefined): void {
    const [key, known] = entryOf(this.#published, label, "published");
    this.#command((engine, now) => {
      if (known.kind === "service") engine.withdrawService(known.id, now);
      else engine.withdrawPublication(known.id, now);
    });
    this.#published.delete(key);
  }

  browse(label: string, { type, isResolving, links }: ActionOf<"browse">): void {
    const spec = { type, domain: Name.LOCAL, links: filterOf(links) };
    this.#command((engine, now) => {
      this.#asked.set(label, { kind: "browse", id: engine.browse(spec, now), isResolving });
    });
  }

  watch(label: string, name: Name): void {
    this.#command((engine, now) => {
      const id = this.#startWatch(engine, name, "all", now);
      this.#asked.set(label, { kind: "watch", id });
    });
  }

  lookUp(label: string, name: Name): void {
    const spec = { name, links: "all", timeout: LOOKUP_TIMEOUT } as const;
    const id = this.#command((engine, now) => engine.lookupInstance(spec, now));
    this.#asked.set(label, { kind: "look-up", id });
  }

  query(label: string, { name, type, links }: ActionOf<"query">): void {
    const spec = { name, type, links: filterOf(links) };
    const id = this.#command((engine, now) => engine.startQuery(spec, now));
    this.#asked.set(label, { kind: "query", id });
  }

  stop(label: string | undefined): void {
    const [key, asked] = entryOf(this.#asked, label, "asked");
    this.#command((engine, now) => stopAsking(engine, asked, now));
    this.#asked.delete(key);
  }

  reconfirm({ name, type, data }: ResourceRecord): void {
    this.#command((engine, now) => engine.reconfirm({ name, type, data }, now));
  }

  flush(link: string | undefined): void {
    const id = this.host.links().find(({ name }) => name === link)?.id;
    this.#command((engine, now) => engine.flushCache(id, now));
  }

  matchesEvent(pattern: EventPattern, event: unknown): boolean {
    const known = event as HostEvent;
    switch (known.kind) {
      case "service":
        return pattern.kind === known.event.kind && this.#matchesService(pattern, known.event);
      case "record":
        return pattern.kind === known.event.kind && matchesRecordEvent(pattern, known.event);
      case "name-registered":
        return matchesName(pattern, "registered", Name.LOCAL.prepend(known.label));
      case "publication-registered":
        return matchesName(pattern, "registered", known.name);
      case "publication-conflicted":
        return matchesName(pattern, "conflicted", known.name);
      default:
        return false;
    }
  }

  /** Undefined when the state is as it should be, else what it is. */
  check(state: StatePattern): string | undefined {
    switch (state.kind) {
      case "lists": {
        const listed = this.#listed().filter(({ name }) => state.name?.equals(name) ?? true);
        return countFault(state, listed.length, "instances are listed");
      }
      case "sees":
      case "caches": {
        const records = state.kind === "sees" ? this.#answers() : this.#cached();
        const found = records.filter((record) => matchesRecord(state.record, record));
        return countFault(state, found.length, "such records");
      }
      case "resolves":
        return this.#checkResolution(state);
      case "calls": {
        const instance = this.#snapshot(state.id)?.instance;
        return instance === state.instance ? undefined : `it is called ${instance}`;
      }
      case "registration": {
        const states = (this.#snapshot(state.id)?.links ?? []).map((link) => link.state);
        const isAsWanted = states.every((known) => known === state.state);
        return isAsWanted ? undefined : `it is ${states.join(", ")}`;
      }
      case "counter": {
        const value = this.#counter(state.counter);
        return matchesNumber(state.value, value) ? undefined : `the counter is ${value}`;
      }
    }
  }

  #listen(event: HostEvent, engine: HostEngine, now: Instant): void {
    if (event.kind !== "service") return;
    const told = event.event;
    if (told.kind === "instance-added") this.#resolve(told.browse, told.instance, engine, now);
    else if (told.kind === "instance-removed") this.#leave(told.browse, told.instance, engine, now);
    else if (told.kind === "instance-resolved") {
      this.#watches.get(told.watch)?.resolutions.set(told.resolution.link, told.resolution);
    } else if (told.kind === "instance-unresolved") {
      this.#watches.get(told.watch)?.resolutions.delete(told.link);
    }
  }

  #resolve(id: BrowseId, found: ServiceInstance, engine: HostEngine, now: Instant): void {
    const asked = [...this.#asked.values()].find(
      ({ kind, id: own }) => kind === "browse" && own === id,
    );
    if (asked?.kind !== "browse" || !asked.isResolving) return;
    this.#startWatch(engine, found.name, ({ id: link }) => link === found.link, now, {
      browse: id,
      found,
    });
  }

  #leave(id: BrowseId, gone: ServiceInstance, engine: HostEngine, now: Instant): void {
    for (const [watch, { origin }] of this.#watches) {
      if (origin?.browse !== id || origin.found.link !== gone.link) continue;
      if (!origin.found.name.equals(gone.name)) continue;
      engine.stopWatch(watch, now);
      this.#watches.delete(watch);
    }
  }

  #startWatch(
    engine: HostEngine,
    name: Name,
    links: LinkFilter,
    now: Instant,
    origin?: Watch["origin"],
  ): WatchId {
    const id = engine.watchInstance({ name, links }, now);
    this.#watches.set(id, { name, origin, resolutions: new Map() });
    return id;
  }

  #matchesService(pattern: EventPattern, event: DnssdEvent): boolean {
    const { name, rival, service } = pattern;
    const { instance, to, outcome, resolution } = service!;
    switch (event.kind) {
      case "service-registered":
        return instance === undefined || instance === event.instance;
      case "service-renamed":
        if (rival !== undefined && rival !== event.rival?.address) return false;
        if (instance !== undefined && instance !== event.from) return false;
        return to === undefined || to === event.to;
      case "service-reclaimed":
        return instance === undefined || instance === event.to;
      case "instance-added":
      case "instance-removed":
        return name === undefined || name.equals(event.instance.name);
      case "instance-resolved":
        if (name !== undefined && !name.equals(event.resolution.name)) return false;
        return matchesResolution(resolution, event.resolution);
      case "instance-unresolved":
        return name === undefined || name.equals(this.#watches.get(event.watch)?.name ?? Name.ROOT);
      case "instance-lookup-done": {
        if (outcome !== undefined && outcome !== event.outcome.kind) return false;
        if (event.outcome.kind !== "resolved") return true;
        return event.outcome.resolutions.some((one) => matchesResolution(resolution, one));
      }
      case "remember-instance":
        return false;
    }
  }

  #checkResolution(state: Extract<StatePattern, { kind: "resolves" }>): string | undefined {
    const resolutions = [...this.#watches.values()]
      .filter(({ name }) => name.equals(state.name))
      .flatMap((watch) => [...watch.resolutions.values()]);
    if (state.isAbsent) return resolutions.length === 0 ? undefined : "it is resolved";
    if (resolutions.some((one) => matchesResolution(state.resolution, one))) return undefined;
    const found = resolutions.map(({ host, port, addresses }) => `${host}:${port} ${addresses}`);
    return found.length === 0 ? "it is not resolved" : `it is at ${found.join("; ")}`;
  }

  #listed(): readonly ServiceInstance[] {
    return this.#command((engine) =>
      [...this.#asked.values()].flatMap((asked) =>
        asked.kind === "browse" ? engine.instances(asked.id) : [],
      ),
    );
  }

  #answers(): readonly ResourceRecord[] {
    return this.#command((engine, now) =>
      [...this.#asked.values()].flatMap((asked) =>
        asked.kind === "query" ? engine.answers(asked.id, now).map(({ record }) => record) : [],
      ),
    );
  }

  #cached(): readonly ResourceRecord[] {
    return this.#command((engine, now) => Array.from(engine.cached(now), ({ record }) => record));
  }

  #counter(name: string): number {
    const { mdns, services } = this.#command((engine, now) => engine.snapshot(now));
    const all = [mdns.counters, services.counters, ...mdns.links.map(({ counters }) => counters)];
    return all.reduce((sum, counters) => sum + (counters[name] ?? 0), 0);
  }

  #snapshot(label: string | undefined): ReturnType<HostEngine["serviceSnapshot"]> {
    const id = this.#service(label);
    return this.#command((engine) => engine.serviceSnapshot(id));
  }

  #service(label: string | undefined): ServiceId {
    const [key, known] = entryOf(this.#published, label, "published");
    if (known.kind !== "service") throw new Error(`"${key}" is no service`);
    return known.id;
  }

  #command<Outcome>(action: (engine: HostEngine, now: Instant) => Outcome): Outcome {
    if (this.#process === undefined) throw new Error(`${this.declaration.name} is not running`);
    return this.#network.command(this.#process, action);
  }
}

function filterOf(links: readonly string[]): LinkFilter {
  return links.length === 0 ? "all" : ({ name }) => links.includes(name);
}

/** What the label names; without one the latest. */
function entryOf<Entry>(
  entries: ReadonlyMap<string, Entry>,
  label: string | undefined,
  what: string,
): [string, Entry] {
  const key = label ?? [...entries.keys()].at(-1) ?? "";
  const entry = entries.get(key);
  if (entry === undefined) throw new Error(`nothing is ${what} as "${key}"`);
  return [key, entry];
}

function stopAsking(engine: HostEngine, asked: Asked, now: Instant): void {
  switch (asked.kind) {
    case "browse":
      engine.stopBrowse(asked.id, now);
      break;
    case "watch":
      engine.stopWatch(asked.id, now);
      break;
    case "look-up":
      engine.cancelInstanceLookup(asked.id, now);
      break;
    case "query":
      engine.stopQuery(asked.id, now);
      break;
  }
}

function matchesName(pattern: EventPattern, kind: string, name: Name): boolean {
  return pattern.kind === kind && (pattern.name?.equals(name) ?? true);
}

function matchesRecordEvent({ record }: EventPattern, event: RecordEvent): boolean {
  if (record === undefined) return true;
  return "answer" in event && matchesRecord(record, event.answer.record);
}

function countFault(
  { countMin, countMax }: { readonly countMin: number; readonly countMax: number },
  count: number,
  what: string,
): string | undefined {
  return count >= countMin && count <= countMax ? undefined : `${count} ${what}`;
}
