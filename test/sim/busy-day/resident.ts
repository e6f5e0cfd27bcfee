/**
 * The host under watch: a composed engine that publishes, browses, keeps what it found resolved,
 * looks names up and answers a stub's questions, and lets go of all that again; and the visitors, hosts
 * with the same engine that come for some minutes, one in four with the resident's name.
 */

import type { Random } from "../../../src/core/random.ts";
import { type Instant, milliseconds, seconds } from "../../../src/core/time.ts";
import { PLAIN_SERVICE, type ServiceGroupSpec } from "../../../src/dnssd/service.ts";
import { txtEntry } from "../../../src/dnssd/txt.ts";
import type { DnssdEvent, ServiceId, WatchId } from "../../../src/dnssd/types.ts";
import { HostEngine } from "../../../src/host/host-engine.ts";
import type { HostEvent } from "../../../src/host/types.ts";
import type { SimulatedNetwork } from "../../../src/sim/network.ts";
import type { Process, SimulatedHost } from "../../../src/sim/simulated-host.ts";
import { RecordClass, RecordType } from "../../../src/wire/constants.ts";
import { Name } from "../../../src/wire/name.ts";
import type { Crowd } from "./crowd.ts";
import { addressOf } from "./device.ts";

const LOCAL = Name.parse("local");

/** Services that come and go beside the one that stays. */
const PASSING_SERVICES_MAX = 5;

/** Found instances that are kept resolved at a time. */
const WATCHES_MAX = 10;

/** A look-up of which nothing is heard is given up by its caller now and then. */
const PATIENCE = milliseconds(500);

export class Resident {
  readonly process: Process<HostEngine>;
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  readonly #crowd: Crowd;
  readonly #passing: ServiceId[] = [];
  readonly #watches = new Map<string, WatchId>();
  readonly #web: ServiceId;
  #published = 0;
  /** How often it was given another name, and took its own back. */
  readonly renames = { away: 0, back: 0 };

  constructor(network: SimulatedNetwork, host: SimulatedHost, crowd: Crowd) {
    this.#network = network;
    this.#random = network.forkRandom();
    this.#crowd = crowd;
    this.process = startEngine(network, host, "resident", (event, engine, now) => {
      if (event.kind === "service") this.#handle(event.event, engine, now);
      if (event.kind === "renamed") this.renames.away++;
      if (event.kind === "name-reclaimed") this.renames.back++;
    });
    this.#web = this.#run((engine, now) => engine.publishService(service("Web", "0"), now));
    for (const type of ["_http._tcp", "_ipp._tcp", undefined]) {
      this.#run((engine, now) => engine.browse({ type, domain: LOCAL, links: "all" }, now));
    }
  }

  get engine(): HostEngine {
    return this.process.engine;
  }

  /** Asks for something, in one of the ways there are; sometimes it does not wait for the end. */
  ask(): void {
    const device = this.#crowd.someDevice;
    const links = "all";
    const isImpatient = this.#random.integer(1, 5) === 1;
    this.#run((engine, now) => {
      switch (this.#random.integer(1, 6)) {
        case 1:
          engine.lookup({ name: device.host.name, family: "any", links }, now);
          break;
        case 2: {
          const name = Name.parse(`nobody-${device.number}.local`);
          const id = engine.lookup({ name, family: "any", links }, now);
          if (isImpatient) this.#later((later, at) => later.cancelLookup(id, at));
          break;
        }
        case 3:
          engine.lookupNames({ address: device.address, links }, now);
          break;
        case 4: {
          const { name } = device.service;
          const id = engine.lookupInstance({ name, links, timeout: seconds(3) }, now);
          if (isImpatient) this.#later((later, at) => later.cancelInstanceLookup(id, at));
          break;
        }
        case 5:
          engine.lookup({ name: Name.parse(`pc-${device.number}`), family: "any", links }, now);
          break;
        case 6: {
          const id = engine.answerQuestion(stubQuestion(device.host.name), now);
          if (isImpatient) this.#later((later, at) => later.cancelQuestion(id, at));
          break;
        }
      }
    });
  }

  /** One more service comes, changes, or goes. */
  republish(): void {
    const revision = String(++this.#published);
    this.#run((engine, now) => {
      engine.updateService(this.#web, service("Web", revision), now);
      const instance = `Passing ${revision}`;
      this.#passing.push(engine.publishService(service(instance, revision), now));
      if (this.#passing.length > PASSING_SERVICES_MAX) {
        engine.withdrawService(this.#passing.shift()!, now);
      }
    });
  }

  /** What a program does that runs for a moment: a question, a name, a browse. */
  askInPassing(): void {
    const name = Name.parse(`nas-${++this.#published}.local`);
    const started = this.#run((engine, now) => ({
      query: engine.startQuery({ name, type: RecordType.A, links: "all" }, now),
      browse: engine.browse({ type: "_airplay._tcp", domain: LOCAL, links: "all" }, now),
      host: engine.publishHost(
        { name, addresses: [addressOf(this.#published)], reverse: true, links: "all" },
        now,
      ),
    }));
    this.#network.at((this.#network.now + seconds(45)) as Instant, () => {
      this.#run((engine, now) => {
        engine.stopQuery(started.query, now);
        engine.stopBrowse(started.browse, now);
        engine.withdrawPublication(started.host, now);
      });
    });
  }

  #handle(event: DnssdEvent, engine: HostEngine, now: Instant): void {
    if (event.kind !== "instance-added" && event.kind !== "instance-removed") return;
    const { name, link } = event.instance;
    const key = `${event.browse} ${link} ${name.key}`;
    if (event.kind === "instance-added") {
      if (this.#watches.size === WATCHES_MAX) return;
      const links = ({ id }: { readonly id: number }): boolean => id === link;
      this.#watches.set(key, engine.watchInstance({ name, links }, now));
      return;
    }
    const watch = this.#watches.get(key);
    if (watch !== undefined) engine.stopWatch(watch, now);
    this.#watches.delete(key);
  }

  #later(act: (engine: HostEngine, now: Instant) => void): void {
    this.#network.at((this.#network.now + PATIENCE) as Instant, () => this.#run(act));
  }

  #run<Outcome>(act: (engine: HostEngine, now: Instant) => Outcome): Outcome {
    return this.#network.command(this.process, act);
  }
}

export class Visitor {
  readonly #network: SimulatedNetwork;
  readonly #host: SimulatedHost;
  readonly #random: Random;
  #process: Process<HostEngine> | undefined;
  #visits = 0;

  constructor(network: SimulatedNetwork, host: SimulatedHost) {
    this.#network = network;
    this.#host = host;
    this.#random = network.forkRandom();
  }

  /** Comes with an engine that knows nothing, or goes: half of the times without a word. */
  comeOrGo(): void {
    if (this.#process === undefined) this.#come();
    else this.#go(this.#process);
  }

  #come(): void {
    this.#visits++;
    const isNamesake = this.#random.integer(1, 4) === 1;
    const label = isNamesake ? "resident" : `${this.#host.name}-${this.#visits}`;
    this.#process = startEngine(this.#network, this.#host, label);
    this.#network.command(this.#process, (engine, now) => {
      engine.publishService(service(isNamesake ? "Web" : `Web of ${label}`, "0"), now);
      engine.browse({ type: "_http._tcp", domain: LOCAL, links: "all" }, now);
    });
  }

  #go(process: Process<HostEngine>): void {
    if (this.#random.integer(0, 1) === 1) {
      this.#network.command(process, (engine, now) => engine.shutdown(now));
    }
    this.#network.kill(process);
    this.#process = undefined;
  }
}

function startEngine(
  network: SimulatedNetwork,
  host: SimulatedHost,
  hostname: string,
  listener: (event: HostEvent, engine: HostEngine, now: Instant) => void = () => {},
): Process<HostEngine> {
  const settings = { hostname, llmnrMode: "full" } as const;
  const engine = new HostEngine({ random: network.forkRandom(), settings });
  return network.start(host, engine, { channels: ["mdns", "llmnr"], listener });
}

function service(instance: string, revision: string): ServiceGroupSpec {
  const txt = [[txtEntry("revision", revision)]];
  const spec = { ...PLAIN_SERVICE, type: "_http._tcp", domain: LOCAL, port: 80, txt };
  return { instance, services: [spec] };
}

function stubQuestion(name: Name) {
  return {
    ...{ name, type: RecordType.A, class: RecordClass.IN },
    ...{ dnssecOk: false, checkingDisabled: false, recursionDesired: true },
  };
}
