/**
 * Hosts on simulated links in virtual time, for any engine of the contract in `core/engine.ts`.
 *
 * Theory of operation: everything happens in the order of `virtual-time.ts`. After every input an
 * engine is drained: its datagrams go to the medium (`medium.ts`), which has them arrive at other
 * hosts; its events go to the listener of its process, and its deadline becomes an alarm. All
 * randomness comes from the network's seed, so equal seeds give equal traces.
 *
 * As with real sockets, a host's own multicast comes back to all its processes, and a unicast packet
 * reaches only one process of a port.
 */

import { assert } from "../core/assert.ts";
import type { Arrival, InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { Engine } from "../core/engine.ts";
import type { ExchangeEvent } from "../core/exchange.ts";
import { familyOf } from "../core/ip-address.ts";
import type { LinkAddress, LinkId } from "../core/link.ts";
import { SeededRandom } from "../core/random.ts";
import { type Instant, NEVER, ORIGIN } from "../core/time.ts";
import type { Conditions } from "./conditions.ts";
import { INPUTS_WITHOUT_PROGRESS_MAX, MTU_DEFAULT, UDP_MESSAGE_SIZE_MAX } from "./constants.ts";
import { Medium } from "./medium.ts";
import { type NetworkObserver, ObserverList } from "./observer.ts";
import type { Packet, Transmission } from "./packet.ts";
import type { Reflector } from "./reflector.ts";
import { type ExchangeMedium, SimulatedExchanges } from "./simulated-exchanges.ts";
import { Interface, type Process, type ProcessOptions, SimulatedHost } from "./simulated-host.ts";
import { SimulatedLink } from "./simulated-link.ts";
import { channelAt, portOf, receiversAt, sendFailure } from "./sockets.ts";
import { VirtualTime } from "./virtual-time.ts";

const TO_GROUP: Arrival = { to: "group" };

export class SimulatedNetwork {
  readonly random: SeededRandom;
  readonly links: SimulatedLink[] = [];
  readonly hosts: SimulatedHost[] = [];
  /** Sockets and connections of single processes. */
  readonly exchanges: SimulatedExchanges;
  readonly #time = new VirtualTime();
  readonly #observers = new ObserverList();
  readonly #medium: Medium;
  readonly #received = new Uint8Array(UDP_MESSAGE_SIZE_MAX);
  #lastInput: Instant = ORIGIN;
  #inputsSinceProgress = 0;

  constructor(options: { readonly seed: number }) {
    this.random = new SeededRandom(options.seed);
    this.#medium = new Medium({
      time: this.#time,
      random: this.random,
      observers: this.#observers,
      deliver: (packet, receiver) => this.#deliver(packet, receiver),
    });
    this.exchanges = new SimulatedExchanges(this.#exchangeMedium());
  }

  get now(): Instant {
    return this.#time.now;
  }

  observe(observer: NetworkObserver): void {
    this.#observers.add(observer);
  }

  note(text: string): void {
    this.#observers.noted(text, this.now);
  }

  /** A random source of its own for an engine, drawn from the network's seed. */
  forkRandom(): SeededRandom {
    return new SeededRandom(this.random.integer(0, 0xffff_ffff));
  }

  addLink(
    name: string,
    options: { readonly mtu?: number; readonly conditions?: Partial<Conditions> } = {},
  ): SimulatedLink {
    const id = (this.links.length + 1) as LinkId;
    const link = new SimulatedLink(name, id, options.mtu ?? MTU_DEFAULT, options.conditions ?? {});
    this.links.push(link);
    return link;
  }

  addHost(name: string): SimulatedHost {
    const host = new SimulatedHost(name);
    this.hosts.push(host);
    return host;
  }

  /** Joins a host to a link. */
  attach(host: SimulatedHost, link: SimulatedLink, addresses: readonly LinkAddress[]): Interface {
    const attached = new Interface(host, link, addresses);
    host.interfaces.push(attached);
    link.interfaces.push(attached);
    this.#announceLinks(host);
    return attached;
  }

  detach(attached: Interface): void {
    remove(attached.link.interfaces, attached);
    remove(attached.host.interfaces, attached);
    this.#announceLinks(attached.host);
  }

  setAddresses(attached: Interface, addresses: readonly LinkAddress[]): void {
    attached.addresses = addresses;
    this.#announceLinks(attached.host);
  }

  /** Losing carrier and getting it back makes another incarnation of the interface. */
  setCarrier(attached: Interface, carrier: "up" | "down"): void {
    if (attached.carrier === carrier) return;
    attached.carrier = carrier;
    if (carrier === "up") attached.incarnation++;
    this.#announceLinks(attached.host);
  }

  /** Carrier is lost and regained between two looks of the interface monitor. */
  flapCarrier(attached: Interface): void {
    attached.incarnation++;
    this.#announceLinks(attached.host);
  }

  addReflector(reflector: Reflector): void {
    this.#medium.addReflector(reflector);
  }

  removeReflector(reflector: Reflector): void {
    this.#medium.removeReflector(reflector);
  }

  start<E extends Engine<unknown>>(
    host: SimulatedHost,
    engine: E,
    options: ProcessOptions<E> = {},
  ): Process<E> {
    const process: Process<E> = {
      name: options.name ?? host.name,
      host,
      engine,
      channels: options.channels ?? ["mdns"],
      listener: options.listener,
      alarm: undefined,
    };
    host.processes.push(process as unknown as Process);
    this.#announceLinks(host);
    return process;
  }

  /** The process ends at once, as if killed: nothing more is sent. */
  kill<E extends Engine<unknown>>(process: Process<E>): void {
    const known = process as unknown as Process;
    remove(known.host.processes, known);
    this.exchanges.forget(known);
    this.#time.cancel(known.alarm);
    this.#announceLinks(known.host);
  }

  sleep(host: SimulatedHost): void {
    host.state = "asleep";
  }

  /** The host's clock has counted the sleep; its engines learn of it first, then of the time. */
  wake(host: SimulatedHost): void {
    if (host.state === "awake") return;
    host.state = "awake";
    for (const process of [...host.processes]) {
      this.#input(process, () => process.engine.handleWake(this.now));
    }
  }

  /** Gives the engine a command and drains it. */
  command<E extends Engine<unknown>, Outcome>(
    process: Process<E>,
    action: (engine: E, now: Instant) => Outcome,
  ): Outcome {
    let outcome!: Outcome;
    this.#input(process as unknown as Process, () => {
      outcome = action(process.engine, this.now);
    });
    return outcome;
  }

  /** Plans an action; one planned for the past happens now. */
  at(when: Instant, action: () => void): void {
    this.#time.plan(when, action);
  }

  /** Lets time pass up to and including `until`. */
  run(until: Instant): void {
    this.#time.run(until);
  }

  /** Puts a packet on the link from the interface, whatever its source says. */
  transmit(transmission: Transmission, from: Interface): Packet {
    return this.#medium.transmit(transmission, from);
  }

  #exchangeMedium(): ExchangeMedium {
    const network = this;
    return {
      get now() {
        return network.now;
      },
      schedule: (at, occurrence) => this.#time.plan(at, occurrence),
      handOver: (process, event) => this.#handOver(process, event),
      sendUdp: (process, from, source, destination, octets) => {
        const { name: sender } = process;
        this.transmit({ sender, channel: "llmnr", source, destination, octets }, from);
      },
      showTcp: (sender, from, source, destination, octets) =>
        this.#medium.show({
          link: from.link,
          sender,
          channel: "llmnr",
          transport: "tcp",
          family: familyOf(source.address),
          source,
          destination,
          toGroup: false,
          reflected: false,
          octets,
        }),
      showTcpReceived: (packet, receiver) => {
        this.#observers.packetReceived(packet, receiver, this.now);
      },
    };
  }

  #handOver(process: Process, event: ExchangeEvent): void {
    if (!process.host.processes.includes(process)) return;
    this.#input(process, () => process.engine.handleExchange?.(event, this.now));
  }

  #announceLinks(host: SimulatedHost): void {
    for (const process of [...host.processes]) {
      const links = host.links();
      this.#input(process, () => process.engine.handleLinks(links, this.now));
    }
  }

  #input(process: Process, act: () => void): void {
    act();
    this.#settle(process);
  }

  /** What follows every input to an engine. */
  #settle(process: Process): void {
    if (this.now > this.#lastInput) this.#inputsSinceProgress = 0;
    this.#lastInput = this.now;
    this.#inputsSinceProgress++;
    if (this.#inputsSinceProgress > INPUTS_WITHOUT_PROGRESS_MAX + 100 * this.hosts.length ** 2) {
      assert(false, `time does not pass ${this.now} ms: the engine of ${process.name} is stuck`);
    }
    this.#drain(process);
    this.#setAlarm(process);
  }

  #drain(process: Process): void {
    for (;;) {
      const datagram = process.engine.pollTransmit();
      if (datagram !== undefined) {
        this.#send(process, datagram);
        continue;
      }
      const command = process.engine.pollExchange?.();
      if (command !== undefined) {
        this.exchanges.handleCommand(process, command);
        continue;
      }
      const event = process.engine.pollEvent();
      if (event === undefined) return;
      this.#observers.eventEmitted(process, event, this.now);
      process.listener?.(event as never, process.engine, this.now);
    }
  }

  #setAlarm(process: Process): void {
    const isRunning = process.host.processes.includes(process);
    const wanted = isRunning ? process.engine.nextDeadline : NEVER;
    process.alarm = this.#time.replan(process.alarm, wanted, () => this.#ring(process));
  }

  #ring(process: Process): void {
    if (process.host.state === "asleep") return;
    this.#input(process, () => process.engine.handleDeadline(this.now));
  }

  #send(process: Process, datagram: OutboundDatagram): void {
    const from = process.host.interfaces.find((own) => own.link.id === datagram.link);
    const failure = sendFailure(from, datagram);
    if (failure !== undefined) {
      process.engine.handleTransmitFailure(datagram, { code: failure }, this.now);
      return;
    }
    const transmission: Transmission = {
      sender: process.name,
      channel: datagram.channel,
      source: {
        address: datagram.from ?? from!.sourceAddress(datagram.family)!,
        port: portOf(datagram.channel),
      },
      destination: datagram.destination,
      octets: datagram.octets.slice(),
    };
    this.transmit(transmission, from!);
  }

  #deliver(packet: Packet, receiver: Interface): void {
    const { host } = receiver;
    if (!packet.toGroup && this.exchanges.deliver(packet, host)) return;
    for (const process of receiversAt(packet, host)) this.#handIn(packet, receiver, process);
  }

  /** The octets are lent for the call only, so that an engine that keeps them is found out. */
  #handIn(packet: Packet, receiver: Interface, process: Process): void {
    this.#received.set(packet.octets);
    const { toGroup, destination, family, source } = packet;
    const datagram: InboundDatagram = {
      channel: channelAt(packet, process)!,
      octets: this.#received.subarray(0, packet.octets.length),
      link: receiver.link.id,
      family,
      source,
      arrival: toGroup ? TO_GROUP : { to: "unicast", address: destination.address },
    };
    process.engine.handleDatagram(datagram, this.now);
    this.#settle(process);
  }
}

function remove<T>(items: T[], item: T): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
