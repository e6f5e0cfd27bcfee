/**
 * A host of a scenario whose protocol is LLMNR: an engine with the names it was given, by the labels of
 * the statements that gave them, and given again on a link that comes back, as the layer above does.
 */

import type { IpAddress } from "../../core/ip-address.ts";
import { after, hours, type Instant } from "../../core/time.ts";
import { LlmnrEngine } from "../../llmnr/engine.ts";
import type { HostedName, LlmnrEvent, TypeOutcome } from "../../llmnr/types.ts";
import type { PublishedRecord } from "../../mdns/types.ts";
import type { SimulatedNetwork } from "../network.ts";
import type { Process, SimulatedHost } from "../simulated-host.ts";
import { matchesNumber, matchesRecord } from "./pattern.ts";
import type { Action, EventPattern, HostDeclaration, StatePattern } from "./syntax.ts";

type ActionOf<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

interface Registration {
  readonly links: readonly string[];
  records: readonly PublishedRecord[];
}

/** How long `distrust` lasts. */
const DISTRUST_TIME = hours(1);

export class LlmnrActor {
  readonly declaration: HostDeclaration;
  readonly host: SimulatedHost;
  readonly #network: SimulatedNetwork;
  readonly #registrations = new Map<string, Registration>();
  #process: Process<LlmnrEngine> | undefined;

  constructor(declaration: HostDeclaration, host: SimulatedHost, network: SimulatedNetwork) {
    this.declaration = declaration;
    this.host = host;
    this.#network = network;
  }

  start(): void {
    this.crash();
    const engine = new LlmnrEngine({ random: this.#network.forkRandom() });
    const { name } = this.declaration;
    this.#process = this.#network.start(this.host, engine, { name, channels: ["llmnr"] });
  }

  crash(): void {
    if (this.#process !== undefined) this.#network.kill(this.#process);
    this.#process = undefined;
    this.#registrations.clear();
  }

  shutdown(): void {
    this.#command((engine, now) => engine.shutdown(now));
  }

  register(label: string, { links, records }: ActionOf<"register">): void {
    this.#registrations.set(label, { links, records });
    this.registerOnNewLinks();
  }

  registerOnNewLinks(): void {
    if (this.#process === undefined) return;
    for (const link of this.host.links()) {
      const records = [...this.#registrations.values()]
        .filter(({ links }) => links.length === 0 || links.includes(link.name))
        .flatMap((registration) => registration.records);
      this.#command((engine, now) => engine.publish(link.id, hostedNames(records), now));
    }
  }

  update({ id, records }: ActionOf<"update">): void {
    this.#registration(id).records = records;
    this.registerOnNewLinks();
  }

  withdraw(id: string | undefined): void {
    const registration = this.#registration(id);
    for (const [label, known] of this.#registrations) {
      if (known === registration) this.#registrations.delete(label);
    }
    this.registerOnNewLinks();
  }

  resolve({ name, types }: ActionOf<"resolve">): void {
    this.#command((engine, now) => engine.lookup({ name, types, links: "all" }, now));
  }

  sentinel({ name }: ActionOf<"sentinel">): void {
    this.#command((engine, now) => engine.sentinel(name, now));
  }

  /** On all links that the host is on. */
  distrust(address: IpAddress): void {
    this.#command((engine, now) => {
      for (const { id } of this.host.links())
        engine.distrust(id, address, after(now, DISTRUST_TIME));
    });
  }

  query(): never {
    throw new Error("an LLMNR host resolves; it has no standing queries");
  }

  stop(): never {
    this.query();
  }

  reconfirm(): never {
    this.query();
  }

  flush(): never {
    this.query();
  }

  matchesEvent(pattern: EventPattern, event: unknown): boolean {
    const known = event as LlmnrEvent;
    switch (known.kind) {
      case "name-verified":
      case "name-conflicted":
      case "name-defended":
      case "conflict-reported":
      case "answers-differ": {
        if (pattern.kind !== EVENT_WORDS[known.kind]) return false;
        if (pattern.name !== undefined && !pattern.name.equals(known.name)) return false;
        return pattern.rival === undefined || rivalsIn(known).includes(pattern.rival);
      }
      case "lookup-done":
        return known.outcomes.some((outcome) => matchesOutcome(pattern, outcome));
      case "sentinel-done":
        if (pattern.kind === "sentinel-clear") return known.responders.length === 0;
        return (
          pattern.kind === "sentinel-alarm" &&
          known.responders.some(
            ({ address }) => pattern.rival === undefined || address === pattern.rival,
          )
        );
    }
  }

  check(state: StatePattern): string | undefined {
    switch (state.kind) {
      case "counter": {
        const value = this.#counter(state.counter);
        return matchesNumber(state.value, value) ? undefined : `the counter is ${value}`;
      }
      case "registration": {
        const states = this.#states(state.id);
        const isAsWanted = states.every((known) => known === state.state);
        return isAsWanted ? undefined : `it is ${states.join(", ")}`;
      }
      default:
        return "an LLMNR host has no cache to look at";
    }
  }

  #states(id: string | undefined): string[] {
    const names = this.#registration(id).records.map(({ name }) => name.toString());
    const { links } = this.#command((engine) => engine.snapshot());
    return links.flatMap((link) =>
      link.names.filter(({ name }) => names.includes(name)).map((known) => known.state),
    );
  }

  #counter(name: string): number {
    const { links } = this.#command((engine) => engine.snapshot());
    return links.reduce((sum, link) => sum + (link.counters[name] ?? 0), 0);
  }

  #registration(label: string | undefined): Registration {
    const known = label ?? [...this.#registrations.keys()].at(-1) ?? "";
    const registration = this.#registrations.get(known);
    if (registration === undefined) throw new Error(`there is no registration "${known}"`);
    return registration;
  }

  #command<Outcome>(action: (engine: LlmnrEngine, now: Instant) => Outcome): Outcome {
    if (this.#process === undefined) throw new Error(`${this.declaration.name} is not running`);
    return this.#network.command(this.#process, action);
  }
}

const EVENT_WORDS = {
  "name-verified": "verified",
  "name-conflicted": "conflicted",
  "name-defended": "defended",
  "conflict-reported": "reported",
  "answers-differ": "answers-differ",
} as const;

function rivalsIn(event: LlmnrEvent): readonly IpAddress[] {
  if ("rival" in event) return [event.rival.address];
  if ("reporter" in event) return [event.reporter];
  return "sources" in event ? event.sources : [];
}

function matchesOutcome(pattern: EventPattern, outcome: TypeOutcome): boolean {
  if (pattern.kind !== outcome.state) return false;
  if (pattern.type !== undefined && pattern.type !== outcome.type) return false;
  const { record } = pattern;
  if (record === undefined || outcome.state !== "answered") return true;
  return outcome.answers.some((answer) => matchesRecord(record, answer.record));
}

/** Records of one name go together. */
function hostedNames(records: readonly PublishedRecord[]): HostedName[] {
  const keys = new Set(records.map(({ name }) => name.key));
  return Array.from(keys, (key) => {
    const own = records.filter(({ name }) => name.key === key);
    const { name, ownership } = own[0]!;
    return { name, ownership, records: own.map(({ type, data }) => ({ type, data })) };
  });
}
