/**
 * The Multicast DNS engine (RFC 6762): every link's responder and querier behind the engine contract
 * of `core/engine.ts`.
 *
 * This file takes packets in, checks them (§6, §11, §18) and hands them to the link they came by;
 * gives each command to the links it concerns; and keeps what is common to all links: ids, the echo
 * history, outgoing queues. The mechanisms are in the files named for them: `responder.ts` and
 * `querier.ts` lead to each.
 */

import { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { Engine, TransmitFailure } from "../core/engine.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { isOwnAddress, type Link, type LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { earliest, type Instant, NEVER } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { Name } from "../wire/name.ts";
import { parseSharedMessage } from "../wire/parse.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";
import {
  ANNOUNCEMENTS_MIN,
  CACHE_SIZE_DEFAULT,
  CACHE_TTL_MAX_DEFAULT,
  EVENTS_MAX,
  MDNS_PORT,
  PACKETS_PER_SECOND_DEFAULT,
  QUESTIONS_MAX,
  TRANSMITS_MAX,
} from "./constants.ts";
import { EchoHistory } from "./echo-history.ts";
import type { Received } from "./link-context.ts";
import { MdnsLink, type SharedParts } from "./mdns-link.ts";
import { wayOf } from "./outbox.ts";
import { type MdnsSnapshot, snapshotOf } from "./snapshot.ts";
import type {
  Answer,
  CachedRecord,
  DiscardReason,
  MdnsCounter,
  MdnsEvent,
  MdnsSettings,
  QueryId,
  QuerySpec,
  RegistrationId,
  RegistrationSpec,
  RegistrationState,
} from "./types.ts";

export const DEFAULT_MDNS_SETTINGS: MdnsSettings = {
  announcements: ANNOUNCEMENTS_MIN,
  cacheSizeMax: CACHE_SIZE_DEFAULT,
  cacheTtlMax: CACHE_TTL_MAX_DEFAULT,
  packetsPerSecondMax: PACKETS_PER_SECOND_DEFAULT,
};

export interface MdnsEngineOptions {
  readonly random: Random;
  readonly settings?: Partial<MdnsSettings>;
}

export class MdnsEngine implements Engine<MdnsEvent> {
  readonly #links = new Map<LinkId, MdnsLink>();
  /** Of all links. */
  readonly #ownAddresses = new Set<IpAddress>();
  readonly #queries = new Map<QueryId, QuerySpec>();
  readonly #registrations = new Map<RegistrationId, LinkId>();
  readonly #history = new EchoHistory();
  readonly #transmits = new BoundedQueue<OutboundDatagram>(TRANSMITS_MAX);
  readonly #events = new BoundedQueue<MdnsEvent>(EVENTS_MAX);
  /** Of packets that belong to no link. */
  readonly #counters = new Counters<MdnsCounter>();
  readonly #shared: SharedParts;
  #lastId = 0;

  constructor(options: MdnsEngineOptions) {
    this.#shared = {
      random: options.random,
      settings: { ...DEFAULT_MDNS_SETTINGS, ...options.settings },
      history: this.#history,
      transmits: this.#transmits,
      emit: (event) => this.#events.push(event),
      isOurs: (record, now) => this.#isOurs(record, now),
    };
  }

  // Commands.

  /** Publishes records on a link; the id is dead once the link is gone. */
  register(link: LinkId, spec: RegistrationSpec, now: Instant): RegistrationId {
    const id = ++this.#lastId as RegistrationId;
    this.#registrations.set(id, link);
    this.#links.get(link)?.responder.register(id, spec, now);
    return id;
  }

  /** RFC 6762 §8.4: the registration's whole new set; only what changed goes on the wire. */
  update(id: RegistrationId, spec: RegistrationSpec, now: Instant): void {
    this.#linkOf(id)?.responder.update(id, spec, now);
  }

  /** RFC 6762 §10.1: takes the records back with goodbyes. */
  withdraw(id: RegistrationId, now: Instant): void {
    this.#linkOf(id)?.responder.withdraw(id, now);
    this.#registrations.delete(id);
  }

  registrationState(id: RegistrationId): RegistrationState | undefined {
    return this.#linkOf(id)?.responder.state(id);
  }

  startQuery(spec: QuerySpec, now: Instant): QueryId {
    const id = ++this.#lastId as QueryId;
    this.#queries.set(id, spec);
    for (const link of this.#linksOf(spec)) link.querier.start(id, spec, now);
    return id;
  }

  stopQuery(id: QueryId, now: Instant): void {
    const spec = this.#queries.get(id);
    if (spec === undefined) return;
    this.#queries.delete(id);
    for (const link of this.#linksOf(spec)) link.querier.stop(id, now);
  }

  /** Everything known now that answers the query, own records included. */
  answers(id: QueryId, now: Instant): readonly Answer[] {
    const spec = this.#queries.get(id);
    if (spec === undefined) return [];
    return this.#linksOf(spec).flatMap((link) => link.querier.answers(id, now));
  }

  /** Whether an owner on some link of the query has said that there is no such record. */
  isNegative(id: QueryId, now: Instant): boolean {
    const spec = this.#queries.get(id);
    if (spec === undefined) return false;
    return this.#linksOf(spec).some((link) => link.querier.isNegative(id, now));
  }

  /** RFC 6762 §10.4: records that seem not to work are asked for again and go unless confirmed. */
  reconfirm(
    target: { readonly name: Name; readonly type: number; readonly data?: RecordData },
    now: Instant,
  ): void {
    for (const link of this.#links.values()) link.querier.reconfirm(target, now);
  }

  flushCache(link: LinkId | undefined, now: Instant): void {
    for (const [id, { querier }] of this.#links) {
      if (link === undefined || id === link) querier.flush(now);
    }
  }

  *cached(now: Instant): IterableIterator<CachedRecord> {
    for (const { querier } of this.#links.values()) yield* querier.cached(now);
  }

  /** RFC 6762 §10.1: goodbyes for everything; drain `pollTransmit` and stop. */
  shutdown(now: Instant): void {
    for (const { responder } of this.#links.values()) responder.handleShutdown(now);
  }

  snapshot(now: Instant): MdnsSnapshot {
    return snapshotOf(this.#links.values(), this.#counters, now);
  }

  // Inputs.

  handleDatagram(datagram: InboundDatagram, now: Instant): void {
    const link = this.#links.get(datagram.link);
    if (link === undefined) {
      this.#counters.add("discarded-unknown-link");
      return;
    }
    const refusal = this.#receive(datagram, link, now);
    if (refusal !== undefined) link.counters.add(`discarded-${refusal}`);
  }

  handleLinks(links: readonly Link[], now: Instant): void {
    this.#noteOwnAddresses(links);
    const present = new Set(links.map((link) => link.id));
    for (const [id, link] of this.#links) {
      if (present.has(id)) continue;
      link.querier.handleGone(now);
      this.#links.delete(id);
      this.#forgetRegistrationsOn(id);
    }
    for (const link of links) {
      const known = this.#links.get(link.id);
      if (known === undefined) this.#addLink(link, now);
      else if (known.link !== link) known.handleChange(link, now);
    }
  }

  handleWake(now: Instant): void {
    for (const link of this.#links.values()) link.handleReset(now);
  }

  handleDeadline(now: Instant): void {
    for (;;) {
      const link = this.#nextLink();
      const task = link?.deadlines.pop(now);
      if (task === undefined) return;
      task.run(now);
    }
  }

  handleTransmitFailure(datagram: OutboundDatagram, _failure: TransmitFailure): void {
    this.#links.get(datagram.link)?.counters.add("transmit-failures");
  }

  // Outputs.

  pollTransmit(): OutboundDatagram | undefined {
    return this.#transmits.shift();
  }

  pollEvent(): MdnsEvent | undefined {
    return this.#events.shift();
  }

  get nextDeadline(): Instant {
    let next = NEVER;
    for (const { deadlines } of this.#links.values()) next = earliest(next, deadlines.next);
    return next;
  }

  // Within.

  /** Checks a packet and hands it to its link; returns the reason where it is not used. */
  #receive(datagram: InboundDatagram, link: MdnsLink, now: Instant): DiscardReason | undefined {
    if (datagram.source.port !== MDNS_PORT && link.respondAgain(datagram, now)) return undefined;
    const origin = this.#originOf(datagram, link.link, now);
    if (origin === "loopback") return "own-packet";
    const parsed = parseSharedMessage(datagram.octets, "mdns");
    if (!parsed.ok) return "malformed";
    const refusal = refusalOf(parsed.value, datagram, link);
    if (refusal !== undefined) return refusal;
    const isResponse = (parsed.value.flags & Flag.QR) !== 0;
    if (isResponse && origin === "repeat") return "own-packet";
    const received: Received = {
      message: parsed.value,
      source: datagram.source,
      family: datagram.family,
      arrival: datagram.arrival,
      fromThisHost: origin !== "elsewhere",
    };
    if (isResponse) this.#handleResponse(link, received, now);
    else this.#handleQuery(link, received, origin, datagram.octets, now);
    return undefined;
  }

  #handleQuery(
    link: MdnsLink,
    received: Received,
    origin: Origin,
    octets: Uint8Array,
    now: Instant,
  ): void {
    const isProbe = received.message.authorities.length > 0;
    link.counters.add(isProbe ? "probes-received" : "queries-received");
    if (origin === "repeat") {
      // A repeated question may be another process of this host that asks what we ask: it gets its
      // answer, but our own question coming back must not suppress our next one.
      if (!isProbe) link.respond(received, octets, now);
      return;
    }
    link.querier.handleQuery(received, now);
    link.respond(received, octets, now);
  }

  #handleResponse(link: MdnsLink, received: Received, now: Instant): void {
    link.counters.add("responses-received");
    link.responder.handleResponse(received, now);
    link.querier.handleResponse(received, now);
  }

  /** Whose packet it is, judged by its source address and by what we sent. */
  #originOf(datagram: InboundDatagram, link: Link, now: Instant): Origin {
    const { address } = datagram.source;
    if (!this.#ownAddresses.has(address)) return "elsewhere";
    const way = isOwnAddress(link, address) ? wayOf(link, datagram.family) : "elsewhere";
    const kind = this.#history.classify(datagram.octets, way, now);
    return kind === "other" ? "this-host" : kind;
  }

  #noteOwnAddresses(links: readonly Link[]): void {
    this.#ownAddresses.clear();
    for (const { addresses } of links) {
      for (const { address } of addresses) this.#ownAddresses.add(address);
    }
  }

  #isOurs(record: ResourceRecord, now: Instant): boolean {
    for (const { responder } of this.#links.values()) if (responder.publishes(record)) return true;
    return this.#history.sentRecord(record, now);
  }

  #addLink(link: Link, now: Instant): void {
    const added = new MdnsLink(link, this.#shared, now);
    this.#links.set(link.id, added);
    for (const [id, spec] of this.#queries) {
      if (isAskedOn(spec, link.id)) added.querier.start(id, spec, now);
    }
    // RFC 6762 §5.4: what is asked already when a link comes up is asked with QU questions.
    added.querier.handleReset(now);
  }

  #forgetRegistrationsOn(link: LinkId): void {
    for (const [id, on] of this.#registrations) if (on === link) this.#registrations.delete(id);
  }

  #linkOf(id: RegistrationId): MdnsLink | undefined {
    const link = this.#registrations.get(id);
    return link === undefined ? undefined : this.#links.get(link);
  }

  #linksOf(spec: QuerySpec): readonly MdnsLink[] {
    return [...this.#links.values()].filter(({ link }) => isAskedOn(spec, link.id));
  }

  #nextLink(): MdnsLink | undefined {
    let next: MdnsLink | undefined;
    for (const link of this.#links.values()) {
      if (next === undefined || link.deadlines.next < next.deadlines.next) next = link;
    }
    return next;
  }
}

/**
 * `loopback` and `repeat`: octets that we sent (see `EchoHistory.classify`). `this-host`: another
 * process of this host. `elsewhere`: another host.
 */
type Origin = "loopback" | "repeat" | "this-host" | "elsewhere";

function isAskedOn(spec: QuerySpec, link: LinkId): boolean {
  return spec.links === "all" || spec.links.includes(link);
}

/** The rule of RFC 6762 by which a packet must be ignored, if there is one. */
function refusalOf(
  message: Message,
  datagram: InboundDatagram,
  link: MdnsLink,
): DiscardReason | undefined {
  // RFC 6762 §18.3: messages with another opcode are silently ignored.
  if ((message.flags & Flag.OPCODE) !== 0) return "opcode";
  // RFC 6762 §18.11: messages with a response code are silently ignored.
  if ((message.flags & Flag.RCODE) !== 0) return "response-code";
  if (message.questions.length > QUESTIONS_MAX) return "too-many-questions";
  const isResponse = (message.flags & Flag.QR) !== 0;
  // RFC 6762 §6: responses come from port 5353.
  if (isResponse && datagram.source.port !== MDNS_PORT) return "wrong-source-port";
  return isRefusedSource(datagram, link, isResponse) ? "off-link-source" : undefined;
}

/**
 * RFC 6762 §11: what came to the group is from the link whatever its source address; what came by
 * unicast must have a source on the link (§5.5 says so of queries). A legacy query is answered by
 * unicast, so it too must come from the link, lest we send to whatever address a packet names.
 */
function isRefusedSource(datagram: InboundDatagram, link: MdnsLink, isResponse: boolean): boolean {
  const isLegacy = !isResponse && datagram.source.port !== MDNS_PORT;
  if (datagram.arrival.to === "group" && !isLegacy) return false;
  return !link.hears(datagram.source.address);
}
