/**
 * What passes through a driver, as messages for those who watch: datagrams of the shared sockets, and
 * the exchanges of LLMNR.
 *
 * Our own multicasts come back by loopback: each is told once, when it is sent. What a socket does not
 * know is filled in as the operating system would choose it (the own address a datagram leaves from).
 */

import { BoundedMap } from "../core/bounded.ts";
import type { Channel, Endpoint, InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { ExchangeCommand, ExchangeEvent, ExchangeId } from "../core/exchange.ts";
import { type Family, familyOf, type IpAddress, isLinkLocal } from "../core/ip-address.ts";
import { isOwnAddress, type Link, type LinkId } from "../core/link.ts";
import { groupOf, LLMNR_PORT, MDNS_PORT } from "../net/constants.ts";
import type { TrafficObserver } from "../net/traffic-observer.ts";
import { type Passage, type SeenMessage, seenMessage } from "./seen-message.ts";

export type Watcher = (message: SeenMessage) => void;

/** Multicasts of ours whose copy by loopback has not come yet. */
const LOOPBACKS_MAX = 256;

/** Exchanges that are known at one time. */
const EXCHANGES_MAX = 1024;

/** Milliseconds by which the clock of the microseconds may be off before it is set anew. */
const CLOCK_ERROR_MAX = 100;

const PORTS: Readonly<Record<Channel, number>> = { mdns: MDNS_PORT, llmnr: LLMNR_PORT };

/** What is known of an exchange. */
interface Conversation {
  readonly transport: "udp" | "tcp";
  readonly link: LinkId;
  readonly peer: Endpoint;
  readonly own: Endpoint;
}

export class Traffic implements TrafficObserver {
  readonly #links: () => readonly Link[];
  readonly #watchers = new Set<Watcher>();
  readonly #loopbacks = new BoundedMap<string, number>(LOOPBACKS_MAX);
  readonly #conversations = new BoundedMap<ExchangeId, Conversation>(EXCHANGES_MAX);
  readonly #clock = new MicrosecondClock();

  constructor(links: () => readonly Link[]) {
    this.#links = links;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.isWatched) return;
    this.#loopbacks.clear();
    this.#conversations.clear();
  }

  handleReceived({ channel, octets, link: id, family, source, arrival }: InboundDatagram): void {
    const link = this.#link(id);
    if (link === undefined || this.#isLoopback(octets, link, family, source)) return;
    const address =
      arrival.to === "group" ? groupOf(channel, family) : (arrival.address ?? own(link, family));
    const destination = { address, port: PORTS[channel] };
    this.#tell(octets, { direction: "in", protocol: channel, ...udp(link, source, destination) });
  }

  handleSent({ channel, octets, link: id, family, destination, from }: OutboundDatagram): void {
    const link = this.#link(id);
    if (link === undefined) return;
    const port = PORTS[channel];
    const isToGroup = destination === "group";
    if (isToGroup) this.#expectLoopback(octets, link, family);
    const to = isToGroup ? { address: groupOf(channel, family), port } : destination;
    const source = { address: from ?? own(link, family, to.address), port };
    this.#tell(octets, { direction: "out", protocol: channel, ...udp(link, source, to) });
  }

  handleCommand(command: ExchangeCommand): void {
    if (command.kind === "open") {
      const { transport, destination, link: id, from } = command.spec;
      const link = this.#link(id);
      if (link === undefined || destination.port !== LLMNR_PORT) return;
      const { address } = destination;
      // The port is drawn by the operating system.
      const source = { address: from ?? own(link, familyOf(address), address), port: 0 };
      const conversation = { transport, link: id, peer: destination, own: source };
      this.#conversations.set(command.exchange, conversation);
    } else if (command.kind === "send") {
      const known = this.#conversations.find(command.exchange);
      if (known === undefined) return;
      this.#expectLoopbackOf(command.octets, known);
      this.#tellExchange(command.octets, known, "out", known.peer);
    } else {
      this.#conversations.delete(command.exchange);
    }
  }

  handleExchange(event: ExchangeEvent): void {
    if (event.kind === "accepted") {
      const { peer, link: id, channel } = event;
      const link = this.#link(id);
      if (link === undefined) return;
      const address = own(link, familyOf(peer.address), peer.address);
      const conversation = { address, port: PORTS[channel] };
      const known = { transport: "tcp", link: id, peer, own: conversation } as const;
      this.#conversations.set(event.exchange, known);
    } else if (event.kind === "received") {
      const known = this.#conversations.find(event.exchange);
      if (known !== undefined) this.#tellExchange(event.octets, known, "in", event.source);
    } else {
      this.#conversations.delete(event.exchange);
    }
  }

  #tellExchange(
    octets: Uint8Array,
    { transport, link: id, own: source }: Conversation,
    direction: "in" | "out",
    peer: Endpoint,
  ): void {
    const link = this.#link(id);
    if (link === undefined) return;
    const [from, to] = direction === "in" ? [peer, source] : [source, peer];
    this.#tell(octets, { direction, protocol: "llmnr", ...udp(link, from, to), transport });
  }

  #tell(octets: Uint8Array, passage: Omit<Passage, "at">): void {
    const message = seenMessage(octets, { at: this.#clock.now(), ...passage });
    for (const watcher of this.#watchers) watcher(message);
  }

  #expectLoopbackOf(octets: Uint8Array, { link: id, peer }: Conversation): void {
    const link = this.#link(id);
    const family = familyOf(peer.address);
    if (link === undefined || peer.address !== groupOf("llmnr", family)) return;
    this.#expectLoopback(octets, link, family);
  }

  #expectLoopback(octets: Uint8Array, link: Link, family: Family): void {
    const key = loopbackKey(octets, link, family);
    this.#loopbacks.set(key, (this.#loopbacks.peek(key) ?? 0) + 1);
  }

  #isLoopback(octets: Uint8Array, link: Link, family: Family, source: Endpoint): boolean {
    if (!isOwnAddress(link, source.address)) return false;
    const key = loopbackKey(octets, link, family);
    const expected = this.#loopbacks.peek(key);
    if (expected === undefined) return false;
    if (expected === 1) this.#loopbacks.delete(key);
    else this.#loopbacks.set(key, expected - 1);
    return true;
  }

  #link(id: LinkId): Link | undefined {
    return this.#links().find((link) => link.id === id);
  }
}

function udp(
  link: Link,
  source: Endpoint,
  destination: Endpoint,
): Pick<Passage, "transport" | "interface" | "family" | "source" | "destination"> {
  const family = familyOf(source.address);
  return { transport: "udp", interface: link.name, family, source, destination };
}

/** The link's address that packets of the family leave from: to a link-local one, a link-local one. */
function own(link: Link, family: Family, peer: IpAddress | undefined = undefined): IpAddress {
  const addresses = link.addresses.filter((address) => address.family === family);
  const wantsLinkLocal = peer !== undefined && (isLinkLocal(peer) || peer.startsWith("ff02:"));
  const fitting = addresses.find(({ address }) => isLinkLocal(address) === wantsLinkLocal);
  return (fitting ?? addresses[0])?.address ?? UNSPECIFIED[family];
}

const UNSPECIFIED: Readonly<Record<Family, IpAddress>> = {
  ipv4: "0.0.0.0" as IpAddress,
  ipv6: "::" as IpAddress,
};

function loopbackKey(octets: Uint8Array, link: Link, family: Family): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("latin1");
  return `${link.id} ${family} ${text}`;
}

/** The wall clock with microseconds, which follows when the wall clock is set or the host sleeps. */
class MicrosecondClock {
  #origin = performance.timeOrigin;

  now(): number {
    const monotonic = performance.now();
    const wall = Date.now();
    if (Math.abs(this.#origin + monotonic - wall) > CLOCK_ERROR_MAX)
      this.#origin = wall - monotonic;
    return Math.round((this.#origin + monotonic) * 1000);
  }
}
