/**
 * The way out of one link: messages become packets of the link's size (RFC 6762 §17), pass the packet
 * budget, and are remembered so that their echoes are known.
 */

import { BoundedQueue } from "../core/bounded.ts";
import type { Counters } from "../core/counters.ts";
import type { OutboundDatagram } from "../core/datagram.ts";
import type { Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import type { Family } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { composeMessage } from "../wire/compose.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { splitMessage } from "../wire/split.ts";
import {
  HELD_PACKETS_MAX,
  IPV4_UDP_HEADER_SIZE,
  IPV6_UDP_HEADER_SIZE,
  MDNS_PORT,
  PACKET_SIZE_MAX,
} from "./constants.ts";
import type { EchoHistory } from "./echo-history.ts";
import type { Target, Task, UnicastTarget } from "./link-context.ts";
import { PacketBudget } from "./packet-budget.ts";
import type { MdnsCounter } from "./types.ts";

/** A multicast packet on its way; `counter` is what it counts as once it leaves. */
interface MulticastPacket {
  readonly octets: Uint8Array;
  readonly family: Family;
  readonly counter: MdnsCounter;
}

export interface OutboxOptions {
  readonly transmits: BoundedQueue<OutboundDatagram>;
  readonly history: EchoHistory;
  readonly deadlines: DeadlineQueue<Task>;
  readonly counters: Counters<MdnsCounter>;
  readonly packetsPerSecondMax: number;
}

export class Outbox implements Task {
  readonly #options: OutboxOptions;
  readonly #budget: PacketBudget;
  readonly #held = new BoundedQueue<MulticastPacket>(HELD_PACKETS_MAX);
  #link: Link;
  #release: Deadline<Task> | undefined;

  constructor(link: Link, options: OutboxOptions, now: Instant) {
    this.#link = link;
    this.#options = options;
    this.#budget = new PacketBudget(options.packetsPerSecondMax, now);
  }

  set link(link: Link) {
    this.#link = link;
  }

  /** Returns the packets that it sent or holds back. */
  send(
    message: Message,
    target: Target,
    counter: MdnsCounter,
    now: Instant,
  ): readonly Uint8Array[] {
    const families = familiesOf(target, this.#link);
    if (families.length === 0) return [];
    const headers = families.includes("ipv6") ? IPV6_UDP_HEADER_SIZE : IPV4_UDP_HEADER_SIZE;
    const packets = this.#compose(message, target, headers);
    if (isMulticast(target)) {
      this.#noteRecords(message, now);
      for (const octets of packets) {
        for (const family of families) this.#multicast({ octets, family, counter }, now);
      }
    } else {
      for (const octets of packets) this.sendUnicast(octets, target, counter);
    }
    return packets;
  }

  /** Sends octets that are composed already. */
  sendUnicast(octets: Uint8Array, target: UnicastTarget, counter: MdnsCounter): void {
    const { family, endpoint, from } = target;
    const address = from.to === "unicast" ? from.address : undefined;
    this.#transmit({ octets, family, counter }, endpoint, address);
  }

  #compose(message: Message, target: Target, headers: number): readonly Uint8Array[] {
    const singleRecordMax = PACKET_SIZE_MAX - headers;
    const sizeMax = Math.min(this.#link.mtu - headers, singleRecordMax);
    if (isLegacy(target)) return [composeMessage(message, "dns", sizeMax, "records")];
    const { packets, omitted } = splitMessage(message, "mdns", { sizeMax, singleRecordMax });
    if (omitted > 0) this.#options.counters.add("records-omitted", omitted);
    return packets;
  }

  /** Sends what waited for the budget. */
  run(now: Instant): void {
    this.#release = undefined;
    while (this.#held.size > 0 && this.#budget.tryTake(now)) this.#leave(this.#held.shift()!, now);
    this.#scheduleRelease(now);
  }

  /** What we are about to claim, so that it is known when it comes back (RFC 6762 §9). */
  #noteRecords(message: Message, now: Instant): void {
    const isResponse = (message.flags & Flag.QR) !== 0;
    this.#options.history.noteRecords(isResponse ? message.answers : message.authorities, now);
  }

  #multicast(packet: MulticastPacket, now: Instant): void {
    if (this.#held.size === 0 && this.#budget.tryTake(now)) {
      this.#leave(packet, now);
      return;
    }
    this.#options.counters.add("packets-held-back");
    this.#held.push(packet);
    this.#scheduleRelease(now);
  }

  #scheduleRelease(now: Instant): void {
    if (this.#held.size === 0 || this.#release !== undefined) return;
    this.#release = this.#options.deadlines.schedule(this.#budget.nextAt(now), this);
  }

  #leave(packet: MulticastPacket, now: Instant): void {
    this.#options.history.notePacket(packet.octets, wayOf(this.#link, packet.family), now);
    this.#transmit(packet, "group", undefined);
  }

  #transmit(
    packet: MulticastPacket,
    destination: OutboundDatagram["destination"],
    from: OutboundDatagram["from"],
  ): void {
    const { octets, family, counter } = packet;
    const link = this.#link.id;
    const queued = this.#options.transmits.push({
      channel: "mdns",
      octets,
      link,
      family,
      destination,
      from,
    });
    this.#options.counters.add(queued ? counter : "packets-held-back");
  }
}

/** The name of a link and family in the echo history. */
export function wayOf(link: Link, family: Family): string {
  return `${link.id}/${family}`;
}

function isMulticast(target: Target): target is "groups" | { readonly group: Family } {
  return target === "groups" || "group" in target;
}

/**
 * RFC 6762 §6.7, §18.5, §18.14: a conventional resolver gets one message of conventional DNS, with TC
 * when it does not fit and without compressed SRV targets.
 */
export function isLegacy(target: Target): target is UnicastTarget {
  return !isMulticast(target) && target.endpoint.port !== MDNS_PORT;
}

function familiesOf(target: Target, link: Link): readonly Family[] {
  if (target === "groups") return link.families;
  const family = "group" in target ? target.group : target.family;
  return link.families.includes(family) ? [family] : [];
}
