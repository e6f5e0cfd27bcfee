/**
 * What carries packets from interface to interface: it loses, delays and duplicates them by their
 * link's conditions, and has reflectors send them again.
 *
 * Theory of operation: a packet that is sent is queued at once for every interface that it will reach,
 * those that it reaches at one instant together. They take it in one after the other, and so a message
 * is parsed once for a thousand hosts (`parseSharedMessage`), although each gets the octets.
 */

import { familyOf } from "../core/ip-address.ts";
import type { Random } from "../core/random.ts";
import { after, milliseconds } from "../core/time.ts";
import { chance } from "./conditions.ts";
import type { NetworkObserver } from "./observer.ts";
import { Packet, type PacketFields, type Transmission } from "./packet.ts";
import { type Arrivals, groupArrivals, unicastArrivals } from "./propagation.ts";
import { type Reflector, reflectedFields } from "./reflector.ts";
import type { Interface } from "./simulated-host.ts";
import { canReceive, groupEndpoint } from "./sockets.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface MediumParts {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly observers: Required<NetworkObserver>;
  /** Takes a packet in at an interface that can receive it, of a host that is awake. */
  readonly deliver: (packet: Packet, receiver: Interface) => void;
}

export class Medium {
  readonly #parts: MediumParts;
  readonly #reflectors = new Set<Reflector>();
  #packets = 0;

  constructor(parts: MediumParts) {
    this.#parts = parts;
  }

  addReflector(reflector: Reflector): void {
    this.#reflectors.add(reflector);
  }

  removeReflector(reflector: Reflector): void {
    this.#reflectors.delete(reflector);
  }

  /** Puts a packet on the link from the interface, whatever its source says. */
  transmit(transmission: Transmission, from: Interface): Packet {
    const { destination, channel, source } = transmission;
    const family = familyOf(source.address);
    const toGroup = destination === "group";
    const packet = this.show({
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
    if (toGroup) this.#multicast(packet, from);
    else this.#queue(packet, unicastArrivals(packet, from, this.#parts.random));
    return packet;
  }

  /** Gives a packet its number and shows it to the observers, and does no more with it. */
  show(fields: Omit<PacketFields, "number" | "sentAt">): Packet {
    const packet = new Packet({
      ...fields,
      number: ++this.#packets,
      sentAt: this.#parts.time.now,
    });
    this.#parts.observers.packetSent(packet);
    return packet;
  }

  #multicast(packet: Packet, from: Interface): void {
    this.#queue(packet, groupArrivals(packet, from, this.#parts.random));
    for (const reflector of this.#reflectors) {
      if (reflector.from === packet.link) this.#reflect(packet, reflector, from);
    }
  }

  /** A bridge repeats for everyone; the first sender's interface on that link hears it too. */
  #reflect(packet: Packet, reflector: Reflector, from: Interface): void {
    const { random, time } = this.#parts;
    if (!chance(random, reflector.probability)) return;
    const delay = milliseconds(random.integer(reflector.delayMin, reflector.delayMax));
    time.plan(after(time.now, delay), () => {
      if (!this.#reflectors.has(reflector)) return;
      const copy = this.show(reflectedFields(packet, reflector));
      const { to } = reflector;
      for (const receiver of [...to.interfaces]) {
        const isReached = to !== packet.link || to.hears(from, receiver);
        if (isReached) this.#arrive(copy, receiver);
      }
    });
  }

  #queue(packet: Packet, arrivals: Arrivals): void {
    const { time } = this.#parts;
    for (const [delay, receivers] of arrivals) {
      time.plan(after(time.now, delay), () => {
        for (const receiver of receivers) this.#arrive(packet, receiver);
      });
    }
  }

  #arrive(packet: Packet, receiver: Interface): void {
    if (receiver.host.state === "asleep" || !canReceive(packet, receiver)) return;
    this.#parts.observers.packetReceived(packet, receiver, this.#parts.time.now);
    this.#parts.deliver(packet, receiver);
  }
}
