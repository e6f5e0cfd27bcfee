/**
 * The troubles of a swarm: at random instants something happens to a random host or to a link, and
 * passes. `calm` ends whatever still goes on.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkAddress } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { after, type Duration, type Instant, seconds } from "../core/time.ts";
import { PERFECT_CONDITIONS } from "./conditions.ts";
import type { SimulatedNetwork } from "./network.ts";
import { encodeAgain, type Reflector } from "./reflector.ts";
import { linkAddress } from "./simulated-host.ts";
import type { SwarmHost } from "./swarm-host.ts";

/** Troubles come this far apart, and most of them last this long. */
const PAUSE_MAX = seconds(20);
const TROUBLE_MIN = seconds(1);
const TROUBLE_MAX = seconds(60);

type Trouble = (faults: SwarmFaults) => void;

export class SwarmFaults {
  readonly network: SimulatedNetwork;
  readonly hosts: readonly SwarmHost[];
  readonly #random: Random;
  readonly #reflectors: Reflector[] = [];
  #until: Instant;

  constructor(network: SimulatedNetwork, hosts: readonly SwarmHost[]) {
    this.network = network;
    this.hosts = hosts;
    this.#random = network.forkRandom();
    this.#until = network.now;
  }

  /** Troubles until `until`. */
  disturb(until: Instant): void {
    this.#until = until;
    this.#next();
  }

  calm(): void {
    this.network.note("calm");
    for (const link of this.network.links) {
      link.change(PERFECT_CONDITIONS);
      link.merge();
      for (const from of link.interfaces) {
        for (const to of link.interfaces) link.unblock(from, to);
      }
    }
    for (const reflector of this.#reflectors.splice(0)) this.network.removeReflector(reflector);
    for (const host of this.hosts) {
      this.network.wake(host.host);
      for (const own of host.host.interfaces) this.network.setCarrier(own, "up");
      host.start();
      host.registerOnNewLinks();
    }
  }

  #next(): void {
    const at = after(this.network.now, this.#duration(seconds(1), PAUSE_MAX));
    if (at >= this.#until) return;
    this.network.at(at, () => {
      this.#pick(TROUBLES)(this);
      this.#next();
    });
  }

  badLink(): void {
    const link = this.#pick(this.network.links);
    this.network.note(`bad link ${link.name}`);
    link.change({
      loss: this.#random.integer(0, 30) / 100,
      jitter: this.#duration(seconds(0), seconds(0.05)),
      duplication: this.#random.integer(0, 10) / 100,
      reordering: this.#random.integer(0, 10) / 100,
    });
    this.#later(() => link.change(PERFECT_CONDITIONS));
  }

  split(): void {
    const link = this.#pick(this.network.links);
    this.network.note(`split ${link.name}`);
    const away = link.interfaces.filter(() => this.#random.integer(0, 1) === 0);
    link.split([away]);
    this.#later(() => link.merge());
  }

  block(): void {
    const link = this.#pick(this.network.links);
    if (link.interfaces.length < 2) return;
    const from = this.#pick(link.interfaces);
    const to = this.#pick(link.interfaces);
    if (from === to) return;
    this.network.note(`${to.host.name} does not hear ${from.host.name}`);
    link.block(from, to);
    this.#later(() => link.unblock(from, to));
  }

  /** An access point that sends again what it hears, as it is or changed. */
  echo(): void {
    const link = this.#pick(this.network.links);
    const source = "192.0.2.250" as IpAddress;
    const isChanged = this.#random.integer(0, 1) === 1;
    const reflector: Reflector = {
      name: "echo",
      from: link,
      to: link,
      delayMin: seconds(0.05),
      delayMax: seconds(2),
      probability: 0.5,
      source: isChanged ? { ipv4: source, ipv6: "fe80::250" as IpAddress } : "original",
      encode: isChanged ? encodeAgain : undefined,
    };
    this.network.note(`echo on ${link.name}`);
    this.network.addReflector(reflector);
    this.#reflectors.push(reflector);
    this.#later(() => this.network.removeReflector(reflector));
  }

  sleep(): void {
    const { host } = this.#pick(this.hosts);
    this.network.note(`${host.name} sleeps`);
    this.network.sleep(host);
    this.#later(() => this.network.wake(host));
  }

  /** A crash or a clean end, and a start some time later. */
  end(): void {
    const host = this.#pick(this.hosts);
    if (host.host.state === "asleep") return;
    const isClean = this.#random.integer(0, 1) === 1;
    this.network.note(`${host.host.name} ${isClean ? "stops" : "crashes"}`);
    if (isClean) host.stop();
    else host.crash();
    this.#later(() => host.start());
  }

  flap(): void {
    const host = this.#pick(this.hosts);
    const own = this.#pick(host.host.interfaces);
    this.network.note(`${host.host.name} loses carrier on ${own.link.name}`);
    if (this.#random.integer(0, 1) === 0) this.network.flapCarrier(own);
    else {
      this.network.setCarrier(own, "down");
      this.#later(() => {
        this.network.setCarrier(own, "up");
        host.registerOnNewLinks();
      });
    }
  }

  /** The host gets another IPv4 address, and back its old one later. */
  readdress(): void {
    const host = this.#pick(this.hosts);
    if (host.host.state === "asleep") return;
    const own = this.#pick(host.host.interfaces);
    const before = own.addresses;
    const changed: LinkAddress[] = before.map((address) =>
      address.family === "ipv4"
        ? linkAddress(otherAddress(address.address, this.#random))
        : address,
    );
    this.network.note(`${host.host.name} changes its address`);
    this.network.setAddresses(own, changed);
    host.updateAddresses();
    this.#later(() => {
      this.network.setAddresses(own, before);
      host.updateAddresses();
    });
  }

  update(): void {
    const host = this.#pick(this.hosts);
    if (host.isRunning) host.updateServices(this.#random);
  }

  #later(end: () => void): void {
    const at = after(this.network.now, this.#duration(TROUBLE_MIN, TROUBLE_MAX));
    if (at < this.#until) this.network.at(at, end);
  }

  #duration(min: Duration, max: Duration): Duration {
    return this.#random.integer(min, max) as Duration;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(0, items.length - 1)]!;
  }
}

const TROUBLES: readonly Trouble[] = [
  (faults) => faults.badLink(),
  (faults) => faults.split(),
  (faults) => faults.block(),
  (faults) => faults.echo(),
  (faults) => faults.sleep(),
  (faults) => faults.end(),
  (faults) => faults.flap(),
  (faults) => faults.readdress(),
  (faults) => faults.update(),
];

/** Another address in 10.0.0.0/8 for the same host, which no other host has. */
function otherAddress(address: IpAddress, random: Random): IpAddress {
  const [first, , ...host] = address.split(".");
  return [first, random.integer(100, 199), ...host].join(".") as IpAddress;
}
