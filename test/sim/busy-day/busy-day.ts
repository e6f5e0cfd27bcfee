/**
 * A long time on a busy link: one host stays, others come and go, hundreds of devices talk, names are
 * contested, and the link itself changes. Samples of what the engine of the host that stays holds are
 * taken every hour.
 *
 * Time is virtual: a day of some 700,000 packets takes about a minute.
 */

import type { IpAddress } from "../../../src/core/ip-address.ts";
import type { LinkAddress } from "../../../src/core/link.ts";
import type { Random } from "../../../src/core/random.ts";
import { after, type Duration, hours, minutes, ORIGIN, seconds } from "../../../src/core/time.ts";
import type { HostSnapshot } from "../../../src/host/types.ts";
import type { MdnsLinkSnapshot } from "../../../src/mdns/snapshot.ts";
import { PERFECT_CONDITIONS } from "../../../src/sim/conditions.ts";
import { SimulatedNetwork } from "../../../src/sim/network.ts";
import type { Reflector } from "../../../src/sim/reflector.ts";
import { type Interface, linkAddress } from "../../../src/sim/simulated-host.ts";
import type { SimulatedLink } from "../../../src/sim/simulated-link.ts";
import { Crowd } from "./crowd.ts";
import { Resident, Visitor } from "./resident.ts";

/** The crowd says something this often, and faster for a while. */
const SAYING_PACE = seconds(1);
const RUSH_PACE = seconds(0.02);
const RUSH_EVERY = minutes(15);
const RUSH_LENGTH = seconds(10);

const ASKING_PACE = seconds(10);
const REPUBLISHING_PACE = minutes(2);
const PASSING_PACE = minutes(1);
/** At first, so that histories with a bound of their own are full when watching begins. */
const FILLING_PACE = seconds(1.5);
const FILLING_LENGTH = hours(1);
const VISIT_PACE = minutes(6);
const TROUBLE_PACE = minutes(10);
/** How long a trouble lasts. */
const TROUBLE_LENGTH = seconds(40);

/** What the engine of the host that stays says at a full hour, and how often it was renamed till then. */
export interface FullHour {
  readonly hour: number;
  readonly packets: number;
  readonly renames: { readonly away: number; readonly back: number };
  readonly held: Readonly<Record<Holding, number>>;
}

/** What an engine holds for others, by kind. */
export type Holding =
  | ("cached records" | "cached names" | "questions" | "reconfirmations" | "registrations")
  | ("services" | "browses" | "watches" | "look-ups" | "absent names" | "stub questions")
  | ("LLMNR look-ups" | "LLMNR connections" | "poisoners" | "publications");

/** Full hour by full hour. */
export function* busyHours(options: {
  readonly seed: number;
  readonly hours: number;
}): Generator<FullHour> {
  const day = new BusyDay(options.seed);
  for (let hour = 1; hour <= options.hours; hour++) yield day.runHour(hour);
}

class BusyDay {
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  readonly #lan: SimulatedLink;
  readonly #wifi: SimulatedLink;
  readonly #resident: Resident;
  readonly #own: Interface;
  #packets = 0;

  constructor(seed: number) {
    const network = new SimulatedNetwork({ seed });
    this.#network = network;
    this.#random = network.forkRandom();
    this.#lan = network.addLink("lan");
    this.#wifi = network.addLink("wifi");
    network.observe({
      packetSent: () => {
        this.#packets++;
      },
    });
    const crowd = new Crowd(network, this.#join("crowd", "10.1.0.2"));
    this.#own = this.#join("resident", "10.1.0.1");
    this.#resident = new Resident(network, this.#own.host, crowd);
    const visitors = ["laptop", "phone"].map(
      (name, index) => new Visitor(network, this.#join(name, `10.1.0.${index + 3}`).host),
    );

    this.#every(SAYING_PACE, () => crowd.say());
    this.#every(RUSH_EVERY, () => this.#rush(crowd));
    this.#every(ASKING_PACE, () => this.#resident.ask());
    this.#every(REPUBLISHING_PACE, () => this.#resident.republish());
    this.#every(PASSING_PACE, () => this.#resident.askInPassing());
    for (let at = 0; at < FILLING_LENGTH; at += FILLING_PACE) {
      this.#later(at as Duration, () => this.#resident.askInPassing());
    }
    for (const visitor of visitors) this.#every(VISIT_PACE, () => visitor.comeOrGo());
    this.#every(TROUBLE_PACE, () => this.#trouble());
  }

  runHour(hour: number): FullHour {
    this.#network.run(after(ORIGIN, hours(hour)));
    const { renames, engine } = this.#resident;
    const full = { hour, packets: this.#packets, renames: { ...renames } };
    return { ...full, held: holdingsOf(engine.snapshot(this.#network.now)) };
  }

  #join(name: string, address: string): Interface {
    const host = this.#network.addHost(name);
    return this.#network.attach(host, this.#lan, addresses(address));
  }

  #every(pace: Duration, act: () => void): void {
    const wait = this.#random.integer(pace / 2, (pace * 3) / 2) as Duration;
    this.#later(wait, () => {
      act();
      this.#every(pace, act);
    });
  }

  #later(wait: Duration, act: () => void): void {
    this.#network.at(after(this.#network.now, wait), act);
  }

  #rush(crowd: Crowd): void {
    for (let at = 0; at < RUSH_LENGTH; at += RUSH_PACE) {
      this.#later(at as Duration, () => crowd.say());
    }
  }

  #trouble(): void {
    const troubles = [
      () => this.#sleep(),
      () => this.#readdress(),
      () => this.#network.flapCarrier(this.#own),
      () => this.#loseCarrier(),
      () => this.#roam(),
      () => this.#split(),
      () => this.#echo(),
      () => this.#loseSome(),
    ];
    troubles[this.#random.integer(0, troubles.length - 1)]!();
  }

  #sleep(): void {
    const { host } = this.#own;
    this.#network.sleep(host);
    this.#later(TROUBLE_LENGTH, () => this.#network.wake(host));
  }

  /** Another lease; the link is the same. */
  #readdress(): void {
    const own = `10.1.${this.#random.integer(1, 99)}.1`;
    this.#network.setAddresses(this.#own, addresses(own));
  }

  #loseCarrier(): void {
    const own = this.#own;
    this.#network.setCarrier(own, "down");
    this.#later(TROUBLE_LENGTH, () => this.#network.setCarrier(own, "up"));
  }

  /** A second link comes and goes. */
  #roam(): void {
    const second = this.#network.attach(this.#own.host, this.#wifi, addresses("10.2.0.1"));
    this.#later(TROUBLE_LENGTH, () => this.#network.detach(second));
  }

  /** Names are claimed on both sides, and contested when the link is whole again. */
  #split(): void {
    this.#lan.split([[this.#own]]);
    this.#later(TROUBLE_LENGTH, () => this.#lan.merge());
  }

  #echo(): void {
    const echo: Reflector = {
      name: "echo",
      from: this.#lan,
      to: this.#lan,
      delayMin: seconds(0.05),
      delayMax: seconds(2),
      probability: 0.5,
      source: "original",
      encode: undefined,
    };
    this.#network.addReflector(echo);
    this.#later(TROUBLE_LENGTH, () => this.#network.removeReflector(echo));
  }

  #loseSome(): void {
    this.#lan.change({ loss: 0.2, duplication: 0.05, jitter: seconds(0.05) });
    this.#later(TROUBLE_LENGTH, () => this.#lan.change(PERFECT_CONDITIONS));
  }
}

/** An IPv4 address of 10.0.0.0/8 and a link-local one made of it. */
function addresses(ipv4: string): LinkAddress[] {
  const [, second, third, fourth] = ipv4.split(".");
  return [
    { ...linkAddress(ipv4 as IpAddress), prefixLength: 8 },
    linkAddress(`fe80::${second}:${third}:${fourth}` as IpAddress),
  ];
}

function holdingsOf(snapshot: HostSnapshot): Record<Holding, number> {
  const { mdns, llmnr, services, lookups, questions, poisoners, publications } = snapshot;
  const total = (count: (link: MdnsLinkSnapshot) => number): number =>
    mdns.links.reduce((sum, link) => sum + count(link), 0);
  return {
    "cached records": total(({ querier }) => querier.cache.records),
    "cached names": total(({ querier }) => querier.cache.names),
    questions: total(({ querier }) => querier.questions.length + querier.questionsWaiting),
    reconfirmations: total(({ querier }) => querier.reconfirmations),
    registrations: total(({ responder }) => responder.registrations.length),
    services: services.services.length,
    browses: services.browses,
    watches: services.watches,
    "look-ups": lookups.active,
    "absent names": lookups.absentNames,
    "stub questions": questions.active,
    "LLMNR look-ups": llmnr.lookups.active + llmnr.lookups.waiting,
    "LLMNR connections": llmnr.connections,
    poisoners: poisoners.length,
    publications: publications.length,
  };
}
