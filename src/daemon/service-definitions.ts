/**
 * Publishes what definition files say for as long as they say so: follows the files, their conditions
 * and this host's name, and keeps the engine in step.
 *
 * Theory of operation: `#look` reads the files and arranges the next look; `#apply` works out from the
 * definitions, the conditions and the host's label what is to be published, and the publishers find
 * what differs. Either may run at any time, and does nothing when nothing has changed.
 */

import type { LookupFunction } from "node:net";
import type { ServicesConfiguration } from "../config/configuration.ts";
import { type Diagnostic, formatDiagnostic, hasErrors } from "../config/diagnostic.ts";
import {
  dependsOnHostLabel,
  type ExpandedGroup,
  expandGroup,
  type HostFacts,
} from "../config/expand.ts";
import type { Condition } from "../config/service-definition.ts";
import type { Random } from "../core/random.ts";
import type { ServiceId, ServiceSnapshot } from "../dnssd/types.ts";
import { FolderWatch } from "../net/folder-watch.ts";
import { untilRound } from "../net/round.ts";
import type { DefinitionStatus, DefinitionsReport } from "../runtime/definition-status.ts";
import type { LastingFacts } from "../runtime/host-facts.ts";
import { type Definition, DefinitionFiles, type Patience } from "./definition-files.ts";
import { type DefinitionsView, statusOfDefinition } from "./definition-status.ts";
import { type HostPort, HostPublisher } from "./host-publisher.ts";
import type { Logger } from "./log.ts";
import { type ConditionState, isSame, ServiceConditions } from "./service-conditions.ts";
import { type ServicePort, ServicePublisher } from "./service-publisher.ts";

/** Milliseconds for which what a folder tells is gathered into one look. */
const GATHERING_TIME = 30;

/**
 * Milliseconds between looks that nothing has asked for, where the kernel refuses to watch something.
 * Elsewhere they are left to rounds: what no watch tells (links, network file systems).
 */
const BLIND_INTERVAL = 5_000;

/** What the definitions need of the engine. */
export interface DefinitionsPort extends ServicePort, HostPort {
  /** What this host is called now. */
  hostLabel(): string;
  serviceSnapshot(id: ServiceId): ServiceSnapshot | undefined;
}

export interface ServiceDefinitionsOptions {
  readonly port: DefinitionsPort;
  readonly facts: LastingFacts;
  readonly random: Random;
  /** For the names of hosts in conditions. */
  readonly lookup: LookupFunction;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

export class ServiceDefinitions {
  readonly #options: ServiceDefinitionsOptions;
  readonly #files = new DefinitionFiles();
  readonly #watch = new FolderWatch(() => this.#lookSoon(GATHERING_TIME));
  readonly #conditions: ServiceConditions;
  readonly #services: ServicePublisher;
  readonly #hosts: HostPublisher;
  #configuration: ServicesConfiguration;
  /** Problems of the last look: each is told once. */
  #told: ReadonlySet<string> = new Set();
  #hostLabel = "";
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #isClosed = false;

  constructor(configuration: ServicesConfiguration, options: ServiceDefinitionsOptions) {
    this.#configuration = configuration;
    this.#options = options;
    const { port, random, lookup } = options;
    this.#services = new ServicePublisher(port);
    this.#hosts = new HostPublisher(port);
    this.#conditions = new ServiceConditions({
      random,
      lookup,
      onChange: (condition, state) => this.#handleCondition(condition, state),
    });
  }

  /** Reads everything as it is now; later changes are noticed. */
  load(configuration: ServicesConfiguration = this.#configuration): void {
    this.#configuration = configuration;
    this.#look("now");
  }

  /** This host may be called something else now. */
  handleHostName(): void {
    if (this.#isClosed || this.#options.port.hostLabel() === this.#hostLabel) return;
    const isConcerned = this.#files.definitions.some(
      ({ group }) => group !== undefined && dependsOnHostLabel(group.name),
    );
    if (isConcerned) this.#apply();
  }

  /** This host may have other addresses now. */
  handleLinks(): void {
    if (this.#isClosed || this.#files.definitions.every(({ hosts }) => hosts.length === 0)) return;
    this.#apply();
  }

  get status(): readonly DefinitionStatus[] {
    const facts = this.#facts();
    const view: DefinitionsView = {
      expand: (group) => expandGroup(group, facts),
      conditionState: (condition) => this.#conditions.stateOf(condition),
      standingOf: (key) => this.#services.standingOf(key),
      snapshotOf: (service) => this.#options.port.serviceSnapshot(service),
      hostRefusal: (entry) => this.#hosts.refusalOf(entry),
    };
    return this.#files.definitions.map((definition) => statusOfDefinition(definition, view));
  }

  /** What the last look found. */
  get report(): DefinitionsReport {
    const { status } = this;
    const problems = this.#problems();
    const inState = (state: DefinitionStatus["state"]): number =>
      status.filter((one) => one.state === state).length;
    return {
      files: status.length,
      published: inState("published"),
      waiting: inState("waiting"),
      invalid: this.#files.definitions.filter(({ diagnostics }) => hasErrors(diagnostics)).length,
      problems: [...problems.keys()],
      hasErrors: hasErrors([...problems.values()]),
    };
  }

  /** Looks no more; what is published is left to the engine's goodbyes. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#watch.close();
    this.#conditions.close();
  }

  #look(patience: Patience): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timerAt = Number.POSITIVE_INFINITY;
    const scan = this.#files.scan(this.#configuration, patience, Date.now());
    this.#watch.follow(scan);
    this.#apply();
    this.#tellProblems();
    this.#lookSoon(scan.again ?? (this.#watch.isComplete ? untilRound() : BLIND_INTERVAL));
  }

  /** Unless a look is due sooner anyway. */
  #lookSoon(wait: number): void {
    const at = performance.now() + wait;
    if (this.#isClosed || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#look("settled"), wait).unref();
  }

  #apply(): void {
    const { definitions } = this.#files;
    const facts = this.#facts();
    this.#hostLabel = facts.hostLabel;
    this.#conditions.follow(definitions.flatMap(conditionsOf));
    const wanted = new Map<string, ExpandedGroup>();
    for (const { key, group } of definitions) {
      const expanded = group && expandGroup(group, facts);
      if (expanded === undefined || !expanded.ok) continue;
      const services = expanded.value.services.filter(({ when }) => this.#isOffered(when));
      if (services.length > 0) wanted.set(key, { ...expanded.value, services });
    }
    this.#services.publish(wanted);
    this.#hosts.publish(definitions.flatMap(({ hosts }) => hosts));
  }

  #isOffered(when: Condition | undefined): boolean {
    return when === undefined || this.#conditions.stateOf(when).state === "met";
  }

  #handleCondition(condition: Condition, state: ConditionState): void {
    if (this.#isClosed || state.state === "unknown") return;
    const files = this.#files.definitions
      .filter((definition) => conditionsOf(definition).some((own) => isSame(own, condition)))
      .map(({ file }) => file);
    const what = state.state === "met" ? "publishing" : "not publishing";
    this.#options.log.info(`${state.reason}: ${what} what waits for it in ${files.join(", ")}`);
    this.#apply();
    this.#tellProblems();
  }

  #tellProblems(): void {
    const { log } = this.#options;
    const problems = this.#problems();
    for (const [line, diagnostic] of problems) {
      if (this.#told.has(line)) continue;
      // The log has a word for warnings of its own.
      if (diagnostic.severity === "error") log.error(line);
      else log.warn(formatDiagnostic({ ...diagnostic, severity: "error" }));
    }
    const kept = this.#files.definitions
      .filter(({ group, diagnostics }) => group !== undefined && hasErrors(diagnostics))
      .map(({ file }) => `${file} is not valid: its last valid version stays`);
    for (const line of kept) if (!this.#told.has(line)) log.warn(line);
    this.#told = new Set([...problems.keys(), ...kept]);
  }

  /** Lines for people: what is wrong with files and folders, and what the engine does not take. */
  #problems(): ReadonlyMap<string, Diagnostic> {
    const refused = this.#files.definitions.flatMap((definition) => this.#refusals(definition));
    const all = [...this.#files.diagnostics, ...refused];
    return new Map(all.map((diagnostic) => [formatDiagnostic(diagnostic), diagnostic]));
  }

  #refusals({ key, file, group, hosts }: Definition): readonly Diagnostic[] {
    const refused = (line: number, message: string): Diagnostic => {
      return { file, line, column: 1, severity: "error", message };
    };
    const standing = this.#services.standingOf(key);
    const expanded = group && expandGroup(group, this.#facts());
    return [
      ...(expanded?.ok === false ? [refused(group!.source.line, expanded.error)] : []),
      ...(standing?.state === "refused" ? [refused(group!.source.line, standing.reason)] : []),
      ...hosts.flatMap((entry) => {
        const reason = this.#hosts.refusalOf(entry);
        return reason === undefined ? [] : [refused(entry.line, reason)];
      }),
    ];
  }

  #facts(): HostFacts {
    return { ...this.#options.facts, hostLabel: this.#options.port.hostLabel() };
  }
}

function conditionsOf({ group }: Definition): readonly Condition[] {
  return group?.services.flatMap(({ when }) => (when === undefined ? [] : [when])) ?? [];
}
