/**
 * A swarm: many hosts on simulated links with random names, services, queries and troubles under one
 * seed, watched by all checkers.
 *
 * A run has three parts. All hosts start; troubles come and go; then the network is quiet, and at the
 * end of that the checkers are asked.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { Random } from "../core/random.ts";
import { after, type Duration, type Instant, minutes } from "../core/time.ts";
import type { MdnsEvent } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import { Name } from "../wire/name.ts";
import { bounds } from "./checkers/bounds.ts";
import type { Checker } from "./checkers/checker.ts";
import { convergence } from "./checkers/convergence.ts";
import { goodbyes } from "./checkers/goodbyes.ts";
import { legalPackets } from "./checkers/legal-packets.ts";
import { noNeedlessRename } from "./checkers/needless-renames.ts";
import { oneOwner } from "./checkers/one-owner.ts";
import { rateLimits } from "./checkers/rate-limits.ts";
import { SentRecords } from "./checkers/sent-records.ts";
import type { CreateMdnsEngine } from "./mdns-engine-port.ts";
import { SimulatedNetwork } from "./network.ts";
import type { NetworkObserver } from "./observer.ts";
import { linkAddress } from "./simulated-host.ts";
import { SwarmFaults } from "./swarm-faults.ts";
import { SwarmHost, type SwarmQuery, type SwarmService } from "./swarm-host.ts";
import { Trace } from "./trace.ts";
import { Traffic, type TrafficCount } from "./traffic.ts";

export interface SwarmOptions {
  readonly seed: number;
  readonly hosts: number;
  readonly createEngine: CreateMdnsEngine;
  /** Hosts start at random instants within this time; zero: all at once. */
  readonly startWithin: Duration;
  /** How long there are troubles; zero for none. */
  readonly disturbed: Duration;
  readonly quiet: Duration;
  /** How many services each host publishes; without it, up to two. */
  readonly services?: number;
  /** Sees everything as well. */
  readonly observer?: NetworkObserver;
}

export interface SwarmReport {
  readonly traceHash: string;
  /** By property, those that do not hold. */
  readonly violations: ReadonlyMap<string, readonly string[]>;
  /** While the hosts started, and at rest at the end. */
  readonly start: TrafficCount;
  readonly rest: TrafficCount;
}

/** What counts as the start. */
const START = minutes(1);

/** What counts as rest: the last part of the quiet time. */
const REST_MAX = minutes(60);

/** For how long somebody asks for contested names at the beginning of the quiet time. */
const ASKING = minutes(10);

/** How many hosts there are for each service type, and at least how many types. */
const HOSTS_A_SERVICE_TYPE = 25;
const SERVICE_TYPES_MIN = 4;

/** How many services a host publishes at most where their number is drawn. */
const SERVICES_MAX = 2;

const TRACE_ENTRIES_MAX = 1000;

export function runSwarm(options: SwarmOptions): SwarmReport {
  const network = new SimulatedNetwork({ seed: options.seed });
  const trace = new Trace(TRACE_ENTRIES_MAX);
  const traffic = new Traffic();
  const sent = new SentRecords();
  const checkers = allCheckers();
  for (const observer of [trace, traffic, sent, ...checkers]) network.observe(observer);
  if (options.observer !== undefined) network.observe(options.observer);
  const hosts = buildHosts(network, options, checkers);
  const view = { network, hosts, sent };

  startHosts(network, hosts, options.startWithin);
  const started = after(network.now, (options.startWithin + START) as Duration);
  network.run(started);
  const start = traffic.take(started);

  const disturbedUntil = after(started, options.disturbed);
  const faults = new SwarmFaults(network, hosts);
  faults.disturb(disturbedUntil);
  network.run(disturbedUntil);
  faults.calm();
  askForContestedNames(network, hosts);
  sent.quietBegins(network.now);
  for (const checker of checkers) checker.quietBegins?.(view);
  const rest = runQuiet(network, traffic, after(disturbedUntil, options.quiet));
  return { traceHash: trace.hash, violations: violationsOf(checkers, view), start, rest };
}

function allCheckers(): Checker[] {
  return [
    oneOwner(),
    noNeedlessRename(),
    convergence(),
    goodbyes(),
    rateLimits(),
    legalPackets(),
    bounds(),
  ];
}

function runQuiet(network: SimulatedNetwork, traffic: Traffic, end: Instant): TrafficCount {
  const rest = Math.min(REST_MAX, (end - network.now) / 2) as Duration;
  network.run((end - rest) as Instant);
  traffic.take(network.now);
  network.run(end);
  return traffic.take(end);
}

function violationsOf(
  checkers: readonly Checker[],
  view: Parameters<Checker["violations"]>[0],
): Map<string, readonly string[]> {
  const violations = new Map<string, readonly string[]>();
  for (const checker of checkers) {
    const found = checker.violations(view);
    if (found.length > 0) violations.set(checker.property, found);
  }
  return violations;
}

function startHosts(
  network: SimulatedNetwork,
  hosts: readonly SwarmHost[],
  within: Duration,
): void {
  const random = network.forkRandom();
  for (const host of hosts) {
    network.at(after(network.now, random.integer(0, within) as Duration), () => host.start());
  }
}

/**
 * Hosts of a split link that have both won a name learn of each other from responses only, so
 * somebody asks for every such name once the network is whole again.
 */
function askForContestedNames(network: SimulatedNetwork, hosts: readonly SwarmHost[]): void {
  const asker = hosts[0]!;
  const asked = contestedNames(hosts).map((name) => asker.ask({ name, type: RecordType.ANY }));
  network.at(after(network.now, ASKING), () => {
    for (const query of asked) asker.stopAsking(query);
  });
}

function contestedNames(hosts: readonly SwarmHost[]): Name[] {
  const owners = new Map<string, { readonly name: Name; readonly hosts: Set<SwarmHost> }>();
  for (const host of hosts) {
    for (const name of host.uniqueNames()) {
      const known = owners.get(name.key) ?? { name, hosts: new Set() };
      known.hosts.add(host);
      owners.set(name.key, known);
    }
  }
  return [...owners.values()].filter((known) => known.hosts.size > 1).map(({ name }) => name);
}

function buildHosts(
  network: SimulatedNetwork,
  options: SwarmOptions,
  checkers: readonly Checker[],
): SwarmHost[] {
  const random = network.forkRandom();
  const lan = network.addLink("lan");
  const wifi = network.addLink("wifi");
  const onEvent = (host: SwarmHost, event: MdnsEvent): void => {
    for (const checker of checkers) checker.hostEvent?.(host, event);
  };
  return Array.from({ length: options.hosts }, (_, index) => {
    const host = network.addHost(`host${index}`);
    network.attach(host, lan, addressesOf(index, 1));
    if (random.integer(1, 10) === 1) network.attach(host, wifi, addressesOf(index, 2));
    return new SwarmHost({
      host,
      network,
      createEngine: options.createEngine,
      hostName: pickHostName(random, options.hosts),
      services: pickServices(random, options),
      questions: pickQuestions(random, options.hosts),
      onEvent,
    });
  });
}

function addressesOf(index: number, link: number): ReturnType<typeof linkAddress>[] {
  const number = index + 1;
  const low = `${number >> 8}.${number & 255}`;
  const ipv4 = { ...linkAddress(`10.${link}.${low}` as IpAddress), prefixLength: 8 };
  const ipv6 = linkAddress(`fe80::${link}:${number.toString(16)}` as IpAddress);
  return index % 3 === 0 ? [ipv4, ipv6] : [ipv4];
}

/** One host in ten or so has a rival for its name. */
function pickHostName(random: Random, hosts: number): Name {
  return Name.parse(`name${random.integer(0, 5 * hosts)}.local.`);
}

function pickServices(random: Random, { hosts, services }: SwarmOptions): SwarmService[] {
  return Array.from({ length: services ?? random.integer(0, SERVICES_MAX) }, () => ({
    type: pickServiceType(random, hosts),
    instance: `Service ${random.integer(0, 5 * hosts)}`,
  }));
}

function pickServiceType(random: Random, hosts: number): Name {
  const types = Math.max(SERVICE_TYPES_MIN, Math.ceil(hosts / HOSTS_A_SERVICE_TYPE));
  return Name.parse(`_service${random.integer(1, types)}._tcp.local.`);
}

function pickQuestions(random: Random, hosts: number): Omit<SwarmQuery, "id">[] {
  const questions: Omit<SwarmQuery, "id">[] = [];
  if (random.integer(0, 1) === 1) {
    questions.push({ name: pickServiceType(random, hosts), type: RecordType.PTR });
  }
  if (random.integer(0, 1) === 1) {
    questions.push({ name: pickHostName(random, hosts), type: RecordType.A });
  }
  return questions;
}
