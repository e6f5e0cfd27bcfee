/**
 * Runs a scenario on the simulator, once for each of its seeds.
 *
 * Theory of operation: a step without an anchor is planned at the beginning, one with an anchor when
 * its anchor happens. Every packet and event is shown to the expectations whose window is open; the
 * first match of an expectation is the instant its label names. What was not met by the end of the
 * run, and what happened though it must not, are failures, each with the trace around it.
 */

import { after, type Instant, latest, milliseconds, ORIGIN } from "../../core/time.ts";
import type { MdnsEvent } from "../../mdns/types.ts";
import { formatEvent, formatPacket } from "../format-packet.ts";
import type { CreateMdnsEngine } from "../mdns-engine-port.ts";
import { SimulatedNetwork } from "../network.ts";
import type { NetworkObserver } from "../observer.ts";
import type { Packet } from "../packet.ts";
import type { Interface, Process, SimulatedHost } from "../simulated-host.ts";
import { Trace } from "../trace.ts";
import { Actor } from "./actor.ts";
import { DnssdActor } from "./dnssd-actor.ts";
import { LlmnrActor } from "./llmnr-actor.ts";
import { matchesPacket } from "./pattern.ts";
import { type AnyActor, Performer } from "./performer.ts";
import type { Position } from "./source.ts";
import { checkSpread } from "./spread.ts";
import type {
  ActionStep,
  ExpectationStep,
  HostDeclaration,
  Observation,
  Scenario,
  StateStep,
  Step,
  TimePoint,
} from "./syntax.ts";

export interface ScenarioFailure {
  readonly position: Position;
  readonly message: string;
  /** Undefined where it is about all seeds together. */
  readonly seed: number | undefined;
  /** What happened around it, a line each. */
  readonly trace: readonly string[];
}

/** A run ends this long after the last instant that its steps name. */
const REST = milliseconds(2000);

/** How much of the trace is shown: before and after a failure, and how many lines at most. */
const TRACE_MARGIN = milliseconds(1500);
const TRACE_LINES_MAX = 60;
const TRACE_ENTRIES_MAX = 100_000;

export function runScenario(scenario: Scenario, createEngine: CreateMdnsEngine): ScenarioFailure[] {
  const failures: ScenarioFailure[] = [];
  const runs: ReadonlyMap<string, Instant>[] = [];
  for (const seed of scenario.seeds) {
    const run = new ScenarioRun(scenario, seed, createEngine);
    run.run();
    runs.push(run.instants());
    failures.push(...run.failures);
    if (failures.length > 0) return failures;
  }
  for (const spread of scenario.spreads) {
    const message = checkSpread(spread, runs);
    if (message === undefined) continue;
    failures.push({ position: spread.position, message, seed: undefined, trace: [] });
  }
  return failures;
}

/** Where in the order of all observations something happened. */
interface Mark {
  readonly at: Instant;
  readonly order: number;
}

interface OpenExpectation {
  readonly step: ExpectationStep;
  readonly from: Instant;
  readonly to: Instant;
  readonly afterOrder: number;
  count: number;
  state: "open" | "decided" | "failed";
}

class ScenarioRun implements NetworkObserver {
  readonly failures: ScenarioFailure[] = [];
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #network: SimulatedNetwork;
  readonly #trace = new Trace(TRACE_ENTRIES_MAX);
  readonly #actors = new Map<string, AnyActor>();
  readonly #performer: Performer;
  readonly #marks = new Map<string, Mark>();
  readonly #waiting: Step[] = [];
  readonly #open: OpenExpectation[] = [];
  #order = 0;
  #end: Instant;

  constructor(scenario: Scenario, seed: number, createEngine: CreateMdnsEngine) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#network = new SimulatedNetwork({ seed });
    this.#network.observe(this.#trace);
    this.#network.observe(this);
    this.#end = after(ORIGIN, scenario.duration);
    this.#performer = new Performer(this.#network, this.#actors);
    this.#build(createEngine);
    this.#performer.prepare();
  }

  run(): void {
    for (const step of this.#scenario.steps) this.#activate(step);
    for (const actor of this.#actors.values()) {
      if (!actor.declaration.isOff && actor.declaration.kind !== "scripted") actor.start();
    }
    while (this.#network.now < this.#end) this.#network.run(this.#end);
    this.#judge();
  }

  /** When each label's statement happened. */
  instants(): ReadonlyMap<string, Instant> {
    return new Map(Array.from(this.#marks, ([label, { at }]) => [label, at]));
  }

  packetSent(packet: Packet): void {
    if (!packet.reflected) this.#observe("sends", packet.sender, packet);
  }

  packetReceived(packet: Packet, receiver: Interface): void {
    this.#observe("receives", receiver.host.name, packet);
  }

  eventEmitted(process: Process, event: unknown): void {
    this.#observe("event", process.name, event as MdnsEvent);
  }

  #build(createEngine: CreateMdnsEngine): void {
    for (const { name, mtu, conditions } of this.#scenario.links) {
      this.#network.addLink(name, { mtu, conditions });
    }
    for (const declaration of this.#scenario.hosts) {
      const shared = this.#actors.get(declaration.on ?? "")?.host;
      const host = shared ?? this.#network.addHost(declaration.name);
      for (const { link: name, addresses } of declaration.attachments) {
        const link = this.#network.links.find((candidate) => candidate.name === name)!;
        this.#network.attach(host, link, addresses);
      }
      this.#actors.set(declaration.name, this.#makeActor(declaration, host, createEngine));
    }
  }

  #makeActor(
    declaration: HostDeclaration,
    host: SimulatedHost,
    createEngine: CreateMdnsEngine,
  ): AnyActor {
    switch (this.#scenario.protocol) {
      case "mdns":
        return new Actor(declaration, host, this.#network, createEngine);
      case "llmnr":
        return new LlmnrActor(declaration, host, this.#network);
      case "dnssd":
        return new DnssdActor(declaration, host, this.#network);
    }
  }

  /** Plans a step, or leaves it until its anchor happens. */
  #activate(step: Step): void {
    const point = step.kind === "expectation" ? step.window.anchor : step.at.anchor;
    const mark = point === undefined ? { at: ORIGIN, order: 0 } : this.#marks.get(point);
    if (mark === undefined) this.#waiting.push(step);
    else if (step.kind === "expectation") this.#open.push(this.#openExpectation(step, mark));
    else this.#plan(step, mark);
  }

  #plan(step: ActionStep | StateStep, mark: Mark): void {
    const at = this.#instantOf(step.at, mark);
    this.#extend(at);
    const act = step.kind === "action" ? () => this.#perform(step) : () => this.#look(step);
    this.#network.at(at, act);
  }

  #openExpectation(step: ExpectationStep, mark: Mark): OpenExpectation {
    const from = after(mark.at, step.window.from);
    const to = after(mark.at, step.window.to);
    this.#extend(Number.isFinite(to) ? to : from);
    return { step, from, to, afterOrder: mark.order, count: 0, state: "open" };
  }

  #instantOf({ offset }: TimePoint, mark: Mark): Instant {
    return after(mark.at, offset);
  }

  #extend(to: Instant): void {
    this.#end = latest(this.#end, after(to, REST));
  }

  #perform(step: ActionStep): void {
    this.#network.note(step.text);
    this.#mark(step.label);
    try {
      this.#performer.perform(step.action, step.label);
    } catch (error) {
      this.#fail(step, `it cannot be done: ${(error as Error).message}`, this.#network.now);
    }
  }

  /** Looks when all else of this instant has happened. */
  #look(step: StateStep): void {
    this.#network.at(this.#network.now, () => {
      this.#mark(step.label);
      const actual = this.#actors.get(step.host)!.check(step.state);
      if (actual !== undefined) this.#fail(step, actual, this.#network.now);
    });
  }

  #mark(label: string): void {
    if (this.#marks.has(label)) return;
    this.#marks.set(label, { at: this.#network.now, order: this.#order });
    for (const step of this.#waiting.splice(0)) this.#activate(step);
  }

  #observe(kind: Observation["kind"], subject: string, what: Packet | MdnsEvent): void {
    this.#order++;
    const { now } = this.#network;
    for (let index = 0; index < this.#open.length; index++) {
      const expectation = this.#open[index]!;
      if (expectation.state !== "open" || !this.#isInWindow(expectation, now)) continue;
      const { observation } = expectation.step;
      if (observation.kind !== kind) continue;
      if (observation.subject !== "anyone" && observation.subject !== subject) continue;
      this.#judgeOne(expectation, subject, what);
    }
  }

  #isInWindow({ from, to, afterOrder }: OpenExpectation, now: Instant): boolean {
    return now >= from && now <= to && this.#order > afterOrder;
  }

  #judgeOne(expectation: OpenExpectation, subject: string, what: Packet | MdnsEvent): void {
    const { step } = expectation;
    const isMatch = this.#matches(step.observation, subject, what);
    if (isMatch) {
      expectation.count++;
      if (step.isNext || expectation.count > step.countMax) expectation.state = "decided";
      if (expectation.count > step.countMax) {
        expectation.state = "failed";
        this.#fail(step, `it happened: ${describe(what)}`, this.#network.now);
      } else {
        this.#mark(step.label);
      }
    } else if (step.isNext) {
      expectation.state = "failed";
      this.#fail(step, `the next is: ${describe(what)}`, this.#network.now);
    }
  }

  #matches(observation: Observation, subject: string, what: Packet | MdnsEvent): boolean {
    if (observation.kind !== "event") return matchesPacket(observation.packet, what as Packet);
    return this.#actors.get(subject)!.matchesEvent(observation.event, what as MdnsEvent);
  }

  #judge(): void {
    for (const { step, count, state, to } of this.#open) {
      if (state === "failed" || count >= step.countMin) continue;
      const message = count === 0 ? "it did not happen" : `it happened ${count} times`;
      this.#fail(step, message, Number.isFinite(to) ? to : this.#network.now);
    }
    for (const step of this.#waiting) {
      if (step.kind === "expectation" && step.countMin === 0) continue;
      this.#fail(step, "what it is counted from did not happen", this.#network.now);
    }
  }

  #fail(step: Step, message: string, at: Instant): void {
    const start = milliseconds(Math.max(0, this.#startOf(step, at) - TRACE_MARGIN));
    const lines = this.#trace.format(after(ORIGIN, start), after(at, TRACE_MARGIN));
    this.failures.push({
      position: step.position,
      message: `${step.text}\n  ${message}`,
      seed: this.#seed,
      trace: lines.slice(-TRACE_LINES_MAX),
    });
  }

  #startOf(step: Step, at: Instant): Instant {
    return this.#open.find((expectation) => expectation.step === step)?.from ?? at;
  }
}

function describe(what: Packet | MdnsEvent): string {
  return "octets" in what ? formatPacket(what) : formatEvent(what);
}
