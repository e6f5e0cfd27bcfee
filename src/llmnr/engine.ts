/**
 * The LLMNR engine (RFC 4795): responder and sender of every link behind the engine contract of
 * `core/engine.ts`.
 *
 * Queries of others come as datagrams of the `llmnr` channel and on accepted exchanges; this host's own
 * queries leave by exchanges, so that each has a random port (§5.2). This file takes what arrives,
 * finds out whose it is, and hands it to the part concerned: `responder.ts` with `own-name.ts` for
 * names of this host, `sender.ts` with `type-lookup.ts` for those of others. Loopback links take no part.
 */

import { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import { DeadlineQueue } from "../core/deadline-queue.ts";
import type { Engine, TransmitFailure } from "../core/engine.ts";
import {
  type ExchangeCommand,
  type ExchangeEvent,
  type ExchangeId,
  ExchangeIds,
  type ExchangeSpec,
} from "../core/exchange.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { isOwnAddress, type Link, type LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";
import { Connections } from "./connections.ts";
import { COMMANDS_MAX, EVENTS_MAX, TRANSMITS_MAX } from "./constants.ts";
import {
  type ExchangeOwner,
  isNeighbour,
  type LlmnrContext,
  OwnQueries,
  type Task,
} from "./link-context.ts";
import { readQuery } from "./received-query.ts";
import { Responder } from "./responder.ts";
import { Sender } from "./sender.ts";
import { type LlmnrSnapshot, snapshotsOfNames } from "./snapshot.ts";
import type {
  DiscardReason,
  HostedName,
  LlmnrCounter,
  LlmnrEvent,
  LlmnrLookupId,
  LlmnrLookupSpec,
} from "./types.ts";

export interface LlmnrEngineOptions {
  readonly random: Random;
  /** Shared with the other engines of the process. */
  readonly exchangeIds?: ExchangeIds;
}

/** One link with what belongs to it. */
interface LlmnrLink {
  readonly responder: Responder;
  readonly counters: Counters<LlmnrCounter>;
}

export class LlmnrEngine implements Engine<LlmnrEvent> {
  readonly #links = new Map<LinkId, Link>();
  readonly #parts = new Map<LinkId, LlmnrLink>();
  readonly #deadlines = new DeadlineQueue<Task>();
  readonly #transmits = new BoundedQueue<OutboundDatagram>(TRANSMITS_MAX);
  readonly #commands = new BoundedQueue<ExchangeCommand>(COMMANDS_MAX);
  readonly #events = new BoundedQueue<LlmnrEvent>(EVENTS_MAX);
  readonly #owners = new Map<ExchangeId, ExchangeOwner>();
  readonly #exchangeIds: ExchangeIds;
  readonly #context: LlmnrContext;
  readonly #sender: Sender;
  readonly #connections: Connections;
  #lastId = 0;

  constructor(options: LlmnrEngineOptions) {
    this.#exchangeIds = options.exchangeIds ?? new ExchangeIds();
    this.#context = this.#makeContext(options.random);
    this.#sender = new Sender(this.#context);
    this.#connections = new Connections(this.#context, (link, query, source, send, now) =>
      this.#parts.get(link)!.responder.handleTcpQuery(query, source, send, now),
    );
  }

  // Commands.

  /** The whole of what this host answers for on the link; the engine finds what changed. */
  publish(link: LinkId, names: readonly HostedName[], now: Instant): void {
    this.#parts.get(link)?.responder.publish(names, now);
  }

  /** Asks for a name; `lookup-done` tells, after at most 600 ms where nobody has it. */
  lookup(spec: LlmnrLookupSpec, now: Instant): LlmnrLookupId {
    const id = this.#nextId();
    this.#sender.lookup(id, spec, now);
    return id;
  }

  /** Asks for a name that nobody has; `sentinel-done` tells who answered. */
  sentinel(name: Name, now: Instant): LlmnrLookupId {
    const id = this.#nextId();
    this.#sender.sentinel(id, name, now);
    return id;
  }

  /** No outcome follows, unless it is among the events already. */
  cancelLookup(id: LlmnrLookupId, now: Instant): void {
    this.#sender.cancel(id, now);
  }

  /** Until then, what the host says of single labels is ignored. */
  distrust(link: LinkId, address: IpAddress, until: Instant): void {
    this.#sender.distrust.add(link, address, until);
  }

  /** Gives everything up. LLMNR has no goodbyes: records go with their TTL. */
  shutdown(now: Instant): void {
    this.#sender.shutdown(now);
    this.#connections.shutdown();
    for (const { responder } of this.#parts.values()) responder.close();
    this.#deadlines.clear();
  }

  snapshot(): LlmnrSnapshot {
    return {
      links: Array.from(this.#parts, ([link, { responder, counters }]) => ({
        link,
        name: this.#links.get(link)!.name,
        names: snapshotsOfNames(responder),
        counters: counters.snapshot(),
      })),
      lookups: this.#sender.snapshot(),
      connections: this.#connections.size,
    };
  }

  // Inputs.

  handleDatagram(datagram: InboundDatagram, now: Instant): void {
    const refusal = this.#receive(datagram, now);
    if (refusal !== undefined) this.#context.count(datagram.link, `discarded-${refusal}`);
  }

  handleExchange(event: ExchangeEvent, now: Instant): void {
    const owner = this.#owners.get(event.exchange);
    switch (event.kind) {
      case "accepted":
        this.#connections.accept(event.exchange, event.link, event.peer.address, now);
        break;
      case "received": {
        const { octets, source } = event;
        if (owner === undefined) this.#connections.handleMessage(event.exchange, octets, now);
        else owner.handleMessage(octets, source.address, source.port, now);
        break;
      }
      case "ended":
        this.#owners.delete(event.exchange);
        if (owner === undefined) this.#connections.handleEnded(event.exchange);
        else owner.handleEnded(now);
        break;
    }
  }

  handleLinks(links: readonly Link[], now: Instant): void {
    const present = new Map(links.filter((one) => !one.loopback).map((one) => [one.id, one]));
    for (const id of [...this.#links.keys()]) if (!present.has(id)) this.#removeLink(id);
    for (const [id, link] of present) {
      const previous = this.#links.get(id);
      this.#links.set(id, link);
      if (previous === undefined) this.#addLink(id);
      else if (isReached(link, previous)) this.#parts.get(id)!.responder.verifyAll(now);
    }
  }

  /** RFC 4795 §4.1: names are verified when the host wakes. */
  handleWake(now: Instant): void {
    for (const { responder } of this.#parts.values()) responder.verifyAll(now);
  }

  handleDeadline(now: Instant): void {
    for (let task = this.#deadlines.pop(now); task; task = this.#deadlines.pop(now)) task.run(now);
  }

  handleTransmitFailure(datagram: OutboundDatagram, _failure: TransmitFailure): void {
    this.#context.count(datagram.link, "transmit-failures");
  }

  // Outputs.

  pollTransmit(): OutboundDatagram | undefined {
    return this.#transmits.shift();
  }

  pollExchange(): ExchangeCommand | undefined {
    return this.#commands.shift();
  }

  pollEvent(): LlmnrEvent | undefined {
    return this.#events.shift();
  }

  get nextDeadline(): Instant {
    return this.#deadlines.next;
  }

  // Within.

  /** Returns the reason where the packet is not used. */
  #receive(datagram: InboundDatagram, now: Instant): DiscardReason | undefined {
    const { link: id, source, family, arrival } = datagram;
    const link = this.#links.get(id);
    if (link === undefined) return "unknown-link";
    // RFC 4795 §2.4, §2.5: queries by UDP come to the group or are not considered.
    if (arrival.to !== "group") return "unicast-query";
    const query = readQuery(datagram.octets);
    if (typeof query === "string") return query;
    if (this.#isOwnQuery(query, source.address, id)) return "own-packet";
    if (!isNeighbour(link, source.address)) return "off-link-source";
    const { responder } = this.#parts.get(id)!;
    if ((query.flags & Flag.LLMNR_C) !== 0) {
      this.#context.count(id, "conflict-queries-received");
      responder.handleConflictQuery(query, source.address, now);
    } else {
      this.#context.count(id, "queries-received");
      responder.handleUdpQuery(query, { source, family }, now);
    }
    return undefined;
  }

  /** Our own query, come back by the group; by another link where both links are the same one. */
  #isOwnQuery(query: Message, source: IpAddress, link: LinkId): boolean {
    if (!this.#context.isOwnAddress(source)) return false;
    const sentOn = this.#context.ownQueries.linkOf(query.id);
    if (sentOn === undefined) return false;
    if (sentOn !== link) {
      this.#parts.get(sentOn)?.responder.noticeSeveralInterfaces();
      this.#parts.get(link)?.responder.noticeSeveralInterfaces();
    }
    return true;
  }

  #addLink(id: LinkId): void {
    const counters = new Counters<LlmnrCounter>();
    this.#parts.set(id, { responder: new Responder(this.#context, id), counters });
  }

  #removeLink(id: LinkId): void {
    this.#sender.handleLinkGone(id);
    this.#connections.handleLinkGone(id);
    this.#parts.get(id)!.responder.close();
    this.#parts.delete(id);
    this.#links.delete(id);
  }

  #nextId(): LlmnrLookupId {
    return ++this.#lastId as LlmnrLookupId;
  }

  #makeContext(random: Random): LlmnrContext {
    return {
      links: this.#links,
      random,
      ownQueries: new OwnQueries(),
      schedule: (at, task) => this.#deadlines.schedule(at, task),
      cancel: (deadline) => this.#deadlines.cancel(deadline),
      emit: (event) => this.#events.push(event),
      count: (link, counter) => this.#parts.get(link)?.counters.add(counter),
      transmit: (datagram) => this.#transmits.push(datagram),
      openExchange: (spec, owner) => this.#openExchange(spec, owner),
      sendOn: (exchange, octets) => this.#commands.push({ kind: "send", exchange, octets }),
      closeExchange: (exchange) => this.#closeExchange(exchange),
      isOwnAddress: (address) => this.#isOwn(address),
    };
  }

  #openExchange(spec: ExchangeSpec, owner: ExchangeOwner): ExchangeId {
    const exchange = this.#exchangeIds.next();
    this.#owners.set(exchange, owner);
    this.#commands.push({ kind: "open", exchange, spec });
    return exchange;
  }

  #closeExchange(exchange: ExchangeId): void {
    this.#owners.delete(exchange);
    this.#commands.push({ kind: "close", exchange });
  }

  #isOwn(address: IpAddress): boolean {
    for (const link of this.#links.values()) if (isOwnAddress(link, address)) return true;
    return false;
  }
}

/** Whether there may be other hosts on the link than before, or it has an address more. */
function isReached(link: Link, previous: Link): boolean {
  if (link.incarnation !== previous.incarnation) return true;
  return link.addresses.some(({ address }) => !isOwnAddress(previous, address));
}
