/**
 * Hosts on simulated links in virtual time, for any engine of the contract in `core/engine.ts`.
 *
 * Theory of operation: one deadline queue holds everything that will happen (arrivals, engines'
 * deadlines, planned actions) as closures; `run` takes them out in order and moves `now`. After every
 * input an engine is drained: its datagrams become packets, which are lost, delayed and duplicated by
 * the link's conditions and then queued to arrive, receivers with the same delay together. All
 * randomness comes from the network's seed, so equal seeds give equal traces.
 *
 * As with real sockets, a host's own multicast comes back to all its processes, and a unicast packet
 * reaches only one process of a port.
 */

import { assert } from "../core/assert.ts";
import type { Channel, Endpoint, OutboundDatagram } from "../core/datagram.ts";
import { DeadlineQueue } from "../core/deadline-queue.ts";
import type { Engine } from "../core/engine.ts";
import type { ExchangeEvent } from "../core/exchange.ts";
import { type Family, familyOf } from "../core/ip-address.ts";
import type { LinkAddress, LinkId } from "../core/link.ts";
import { SeededRandom } from "../core/random.ts";
import {
  after,
  type Duration,
  type Instant,
  latest,
  milliseconds,
  NEVER,
  ORIGIN,
} from "../core/time.ts";
import { type Conditions, chance, deliveryDelays } from "./conditions.ts";
import {
  GROUP_ADDRESSES,
  INPUTS_WITHOUT_PROGRESS_MAX,
  LLMNR_PORT,
  MDNS_PORT,
  MTU_DEFAULT,
  UDP_MESSAGE_SIZE_MAX,
} from "./constants.ts";
import { Packet } from "./packet.ts";
import type { Reflector } from "./reflector.ts";
import { type ExchangeMedium, SimulatedExchanges } from "./simulated-exchanges.ts";
import { type EventListener, Interface, type Process, SimulatedHost } from "./simulated-host.ts";
import { SimulatedLink } from "./simulated-link.ts";

/** Sees what happens, in order. */
export interface NetworkObserver {
  packetSent?(packet: Packet): void;
  packetReceived?(packet: Packet, receiver: Interface, now: Instant): void;
  eventEmitted?(process: Process, event: unknown, now: Instant): void;
  /** A fault or another change from outside, in words. */
  noted?(text: string, now: Instant): void;
}

/** What a process or a script puts on a link. */
export interface Transmission {
  readonly sender: string;
  readonly channel: Channel;
  readonly source: Endpoint;
  readonly destination: "group" | Endpoint;
  readonly octets: Uint8Array;
}

export interface ProcessOptions<E> {
  /** Default: the host's name. */
  readonly name?: string;
  /** Default: mDNS only. */
  readonly channels?: readonly Channel[];
  readonly listener?: EventListener<E>;
}

type Occurrence = () => void;

export class SimulatedNetwork {
  readonly random: SeededRandom;
  readonly links: SimulatedLink[] = [];
  readonly hosts: SimulatedHost[] = [];
  /** Sockets and connections of single processes. */
  readonly exchanges: SimulatedExchanges;
  readonly #queue = new DeadlineQueue<Occurrence>();
  readonly #observers: NetworkObserver[] = [];
  readonly #reflectors = new Set<Reflector>();
  readonly #received = new Uint8Array(UDP_MESSAGE_SIZE_MAX);
  #now: Instant = ORIGIN;
  #packets = 0;
  #inputsSinceProgress = 0;

  constructor(options: { readonly seed: number }) {
    this.random = new SeededRandom(options.seed);
    this.exchanges = new SimulatedExchanges(this.#exchangeMedium());
  }

  get now(): Instant {
    return this.#now;
  }

  observe(observer: NetworkObserver): void {
    this.#observers.push(observer);
  }

  note(text: string): void {
    for (const observer of this.#observers) observer.noted?.(text, this.#now);
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
    this.#reflectors.add(reflector);
  }

  removeReflector(reflector: Reflector): void {
    this.#reflectors.delete(reflector);
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
    this.#queue.cancel(known.alarm);
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
      this.#input(process, () => process.engine.handleWake(this.#now));
    }
  }

  /** Gives the engine a command and drains it. */
  command<E extends Engine<unknown>, Outcome>(
    process: Process<E>,
    action: (engine: E, now: Instant) => Outcome,
  ): Outcome {
    let outcome!: Outcome;
    this.#input(process as unknown as Process, () => {
      outcome = action(process.engine, this.#now);
    });
    return outcome;
  }

  /** Plans an action; one planned for the past happens now. */
  at(when: Instant, action: () => void): void {
    this.#queue.schedule(latest(when, this.#now), action);
  }

  /** Lets time pass up to and including `until`. */
  run(until: Instant): void {
    for (let next = this.#queue.next; next <= until; next = this.#queue.next) {
      if (next > this.#now) {
        this.#now = next;
        this.#inputsSinceProgress = 0;
      }
      this.#queue.pop(next)!();
    }
    this.#now = latest(this.#now, until);
  }

  /** Puts a packet on the link from the interface, whatever its source says. */
  transmit(transmission: Transmission, from: Interface): Packet {
    const { destination, channel, source } = transmission;
    const family = familyOf(source.address);
    const toGroup = destination === "group";
    const packet = new Packet({
      number: ++this.#packets,
      sentAt: this.#now,
      link: from.link,
      sender: transmission.sender,
      channel,
      transport: "udp",
      family,
      source,
      destination: toGroup ? groupEndpoint(channel, family) : destination,
      toGroup,
      reflected: false,
      octets: transmission.octets,
    });
    for (const observer of this.#observers) observer.packetSent?.(packet);
    if (toGroup) this.#multicast(packet, from);
    else this.#unicast(packet, from);
    return packet;
  }

  #exchangeMedium(): ExchangeMedium {
    const network = this;
    return {
      get now() {
        return network.#now;
      },
      schedule: (at, occurrence) => this.#queue.schedule(at, occurrence),
      handOver: (process, event) => this.#handOver(process, event),
      sendUdp: (process, from, source, destination, octets) => {
        const { name: sender } = process;
        this.transmit({ sender, channel: "llmnr", source, destination, octets }, from);
      },
      showTcp: (sender, from, source, destination, octets) => {
        const packet = new Packet({
          number: ++this.#packets,
          sentAt: this.#now,
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
        });
        for (const observer of this.#observers) observer.packetSent?.(packet);
        return packet;
      },
      showTcpReceived: (packet, receiver) => {
        for (const observer of this.#observers) {
          observer.packetReceived?.(packet, receiver, this.#now);
        }
      },
    };
  }

  #handOver(process: Process, event: ExchangeEvent): void {
    if (!process.host.processes.includes(process)) return;
    this.#input(process, () => process.engine.handleExchange?.(event, this.#now));
  }

  #announceLinks(host: SimulatedHost): void {
    for (const process of [...host.processes]) {
      const links = host.links();
      this.#input(process, () => process.engine.handleLinks(links, this.#now));
    }
  }

  #input(process: Process, act: () => void): void {
    this.#inputsSinceProgress++;
    assert(
      this.#inputsSinceProgress < INPUTS_WITHOUT_PROGRESS_MAX + 100 * this.hosts.length ** 2,
      `time does not pass ${this.#now} ms: the engine of ${process.name} is stuck`,
    );
    act();
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
      for (const observer of this.#observers) observer.eventEmitted?.(process, event, this.#now);
      process.listener?.(event as never, process.engine, this.#now);
    }
  }

  #setAlarm(process: Process): void {
    const wanted = process.engine.nextDeadline;
    const at = wanted === NEVER ? NEVER : latest(wanted, this.#now);
    if (this.#queue.isPending(process.alarm)) {
      if (process.alarm!.at === at) return;
      this.#queue.cancel(process.alarm);
    }
    if (at === NEVER || !process.host.processes.includes(process)) return;
    process.alarm = this.#queue.schedule(at, () => this.#ring(process));
  }

  #ring(process: Process): void {
    if (process.host.state === "asleep") return;
    this.#input(process, () => process.engine.handleDeadline(this.#now));
  }

  #send(process: Process, datagram: OutboundDatagram): void {
    const from = process.host.interfaces.find((own) => own.link.id === datagram.link);
    const failure = sendFailure(from, datagram);
    if (failure !== undefined) {
      process.engine.handleTransmitFailure(datagram, { code: failure }, this.#now);
      return;
    }
    const transmission: Transmission = {
      sender: process.name,
      channel: datagram.channel,
      source: {
        address: datagram.from ?? from!.sourceAddress(datagram.family)!,
        port: datagram.channel === "mdns" ? MDNS_PORT : LLMNR_PORT,
      },
      destination: datagram.destination,
      octets: datagram.octets.slice(),
    };
    this.transmit(transmission, from!);
  }

  #multicast(packet: Packet, from: Interface): void {
    this.#spread(packet, from);
    for (const reflector of this.#reflectors) {
      if (reflector.from === packet.link) this.#reflect(packet, reflector, from);
    }
  }

  #spread(packet: Packet, from: Interface): void {
    const { conditions, interfaces } = packet.link;
    const arrivals = new Map<Duration, Interface[]>();
    for (const receiver of interfaces) {
      if (!canReceive(packet, receiver)) continue;
      if (receiver === from) add(arrivals, milliseconds(0), receiver);
      else if (from.carrier === "up" && packet.link.hears(from, receiver)) {
        for (const delay of deliveryDelays(conditions, this.random)) add(arrivals, delay, receiver);
      }
    }
    this.#queueArrivals(packet, arrivals);
  }

  #unicast(packet: Packet, from: Interface): void {
    const receiver = packet.link.interfaces.find((own) => own.has(packet.destination.address));
    if (receiver === undefined || !packet.link.hears(from, receiver)) return;
    const arrivals = new Map<Duration, Interface[]>();
    const delays =
      receiver === from ? [milliseconds(0)] : deliveryDelays(packet.link.conditions, this.random);
    for (const delay of delays) add(arrivals, delay, receiver);
    this.#queueArrivals(packet, arrivals);
  }

  #queueArrivals(packet: Packet, arrivals: ReadonlyMap<Duration, readonly Interface[]>): void {
    for (const [delay, receivers] of arrivals) {
      this.#queue.schedule(after(this.#now, delay), () => this.#arrive(packet, receivers));
    }
  }

  /** A bridge repeats for everyone; the first sender's interface on that link hears it too. */
  #reflect(packet: Packet, reflector: Reflector, from: Interface): void {
    if (packet.reflected || !chance(this.random, reflector.probability)) return;
    const delay = milliseconds(this.random.integer(reflector.delayMin, reflector.delayMax));
    this.#queue.schedule(after(this.#now, delay), () => {
      if (!this.#reflectors.has(reflector)) return;
      const { source, encode, to } = reflector;
      const copy = new Packet({
        number: ++this.#packets,
        sentAt: this.#now,
        link: to,
        sender: reflector.name,
        channel: packet.channel,
        transport: "udp",
        family: packet.family,
        source:
          source === "original"
            ? packet.source
            : { address: source[packet.family], port: packet.source.port },
        destination: packet.destination,
        toGroup: true,
        reflected: true,
        octets: encode === undefined ? packet.octets : encode(packet.octets),
      });
      for (const observer of this.#observers) observer.packetSent?.(copy);
      const receivers = to.interfaces.filter(
        (receiver) =>
          canReceive(copy, receiver) && (to !== packet.link || to.hears(from, receiver)),
      );
      this.#arrive(copy, receivers);
    });
  }

  #arrive(packet: Packet, receivers: readonly Interface[]): void {
    for (const receiver of receivers) {
      const { host } = receiver;
      if (host.state === "asleep" || !canReceive(packet, receiver)) continue;
      for (const observer of this.#observers) {
        observer.packetReceived?.(packet, receiver, this.#now);
      }
      if (!packet.toGroup && this.exchanges.deliver(packet, host)) continue;
      for (const process of receiversAt(packet, host)) this.#deliver(packet, receiver, process);
    }
  }

  /** The octets are lent for the call only, so that an engine that keeps them is found out. */
  #deliver(packet: Packet, receiver: Interface, process: Process): void {
    this.#received.set(packet.octets);
    const octets = this.#received.subarray(0, packet.octets.length);
    const { address } = packet.destination;
    this.#input(process, () =>
      process.engine.handleDatagram(
        {
          channel: channelAt(packet, process)!,
          octets,
          link: receiver.link.id,
          family: packet.family,
          source: packet.source,
          arrival: packet.toGroup ? { to: "group" } : { to: "unicast", address },
        },
        this.#now,
      ),
    );
  }
}

function groupEndpoint(channel: Channel, family: Family): Endpoint {
  const port = channel === "mdns" ? MDNS_PORT : LLMNR_PORT;
  return { address: GROUP_ADDRESSES[channel][family], port };
}

function sendFailure(from: Interface | undefined, datagram: OutboundDatagram): string | undefined {
  if (from === undefined) return "ENODEV";
  if (from.carrier === "down") return "ENETDOWN";
  if (from.sourceAddress(datagram.family) === undefined) return "EADDRNOTAVAIL";
  if (datagram.octets.length > UDP_MESSAGE_SIZE_MAX) return "EMSGSIZE";
  return undefined;
}

function canReceive(packet: Packet, receiver: Interface): boolean {
  return receiver.carrier === "up" && receiver.hasFamily(packet.family);
}

function receiversAt(packet: Packet, host: SimulatedHost): readonly Process[] {
  const listeners = host.processes.filter((own) => channelAt(packet, own) !== undefined);
  return packet.toGroup ? listeners : listeners.slice(-1);
}

/** The socket of the process that the packet's destination port names, if it has one. */
function channelAt(packet: Packet, process: Process): Channel | undefined {
  const { port } = packet.destination;
  const channel: Channel | undefined =
    port === MDNS_PORT ? "mdns" : port === LLMNR_PORT ? "llmnr" : undefined;
  return channel !== undefined && process.channels.includes(channel) ? channel : undefined;
}

function add(arrivals: Map<Duration, Interface[]>, delay: Duration, receiver: Interface): void {
  const group = arrivals.get(delay);
  if (group === undefined) arrivals.set(delay, [receiver]);
  else group.push(receiver);
}

function remove<T>(items: T[], item: T): void {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
}
