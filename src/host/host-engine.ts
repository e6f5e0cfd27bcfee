/**
 * The one engine that the daemon, the client library, the simulator and the servers see: what this host
 * is called, what it publishes, and look-ups that go to the protocol that answers for a name.
 *
 * Every command is given to the part it concerns; then all that follows from it settles. What the parts
 * are, and how inputs reach them, is in `host-parts.ts`.
 */

import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { Engine, TransmitFailure } from "../core/engine.ts";
import type {
  ExchangeCommand,
  ExchangeEvent,
  ServerCommand,
  ServerEvent,
} from "../core/exchange.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { RecordAnswer, RecordQueryId, RecordQuerySpec } from "../dnssd/record-port.ts";
import type { ServiceGroupSpec } from "../dnssd/service.ts";
import type {
  BrowseId,
  BrowseSpec,
  InstanceLookupId,
  InstanceLookupSpec,
  ServiceId,
  ServiceInstance,
  ServiceSnapshot,
  WatchId,
  WatchSpec,
} from "../dnssd/types.ts";
import type { CachedRecord } from "../mdns/types.ts";
import type { CachedQuestion } from "../unicast/snapshot.ts";
import type { Name } from "../wire/name.ts";
import type { RecordData } from "../wire/record-data.ts";
import { type HostEngineOptions, HostParts } from "./host-parts.ts";
import type { CachedReply } from "./questions.ts";
import type { ServiceCommands } from "./service-commands.ts";
import type {
  AddressLookupSpec,
  HostEvent,
  HostPublication,
  HostSettings,
  HostSnapshot,
  LookupId,
  PublicationId,
  QuestionId,
  QuestionSpec,
  RecordLookupSpec,
  RecordPublication,
  ReverseLookupSpec,
} from "./types.ts";

export class HostEngine implements Engine<HostEvent>, ServiceCommands {
  readonly #parts: HostParts;

  constructor(options: HostEngineOptions) {
    this.#parts = new HostParts(options);
  }

  // Settings and names.

  get settings(): HostSettings {
    return this.#parts.settings;
  }

  /** The whole of the new settings; only what differs has an effect. */
  applySettings(settings: HostSettings, now: Instant): void {
    this.#parts.applySettings(settings, now);
  }

  /** What this host is called on the link, or would be. */
  hostName(link: LinkId): Name {
    return this.#parts.naming.nameOn(link);
  }

  // Publishing.

  /** Publishes another host name until withdrawn. Throws INVALID_NAME, LIMIT_REACHED. */
  publishHost(spec: HostPublication, now: Instant): PublicationId {
    const id = this.#parts.publications.publishHost(spec, now);
    this.#parts.questions.handleChange();
    this.#parts.settle(now);
    return id;
  }

  /** Publishes records as they are until withdrawn. Throws INVALID_NAME, LIMIT_REACHED. */
  publishRecords(spec: RecordPublication, now: Instant): PublicationId {
    const id = this.#parts.publications.publishRecords(spec, now);
    this.#parts.settle(now);
    return id;
  }

  /** RFC 6762 §10.1: takes the records back with goodbyes. */
  withdrawPublication(id: PublicationId, now: Instant): void {
    this.#parts.publications.withdraw(id, now);
    this.#parts.questions.handleChange();
    this.#parts.settle(now);
  }

  // Services.

  publishService(spec: ServiceGroupSpec, now: Instant): ServiceId {
    return this.#settled(this.#parts.services.dnssd.publish(spec, now), now);
  }

  updateService(id: ServiceId, spec: ServiceGroupSpec, now: Instant): void {
    this.#parts.services.dnssd.update(id, spec, now);
    this.#parts.settle(now);
  }

  withdrawService(id: ServiceId, now: Instant): void {
    this.#parts.services.dnssd.withdraw(id, now);
    this.#parts.settle(now);
  }

  serviceSnapshot(id: ServiceId): ServiceSnapshot | undefined {
    return this.#parts.services.dnssd.serviceSnapshot(id);
  }

  browse(spec: BrowseSpec, now: Instant): BrowseId {
    return this.#settled(this.#parts.services.dnssd.browse(spec, now), now);
  }

  stopBrowse(id: BrowseId, now: Instant): void {
    this.#parts.services.dnssd.stopBrowse(id, now);
    this.#parts.settle(now);
  }

  instances(id: BrowseId): readonly ServiceInstance[] {
    return this.#parts.services.dnssd.instances(id);
  }

  watchInstance(spec: WatchSpec, now: Instant): WatchId {
    return this.#settled(this.#parts.services.dnssd.watch(spec, now), now);
  }

  stopWatch(id: WatchId, now: Instant): void {
    this.#parts.services.dnssd.stopWatch(id, now);
    this.#parts.settle(now);
  }

  lookupInstance(spec: InstanceLookupSpec, now: Instant): InstanceLookupId {
    return this.#settled(this.#parts.services.dnssd.lookup(spec, now), now);
  }

  cancelInstanceLookup(id: InstanceLookupId, now: Instant): void {
    this.#parts.services.dnssd.cancelLookup(id, now);
    this.#parts.settle(now);
  }

  // Asking.

  /** The addresses of a name; `lookup-done` tells. Throws LIMIT_REACHED. */
  lookup(spec: AddressLookupSpec, now: Instant): LookupId {
    return this.#settled(this.#parts.lookups.addresses(spec, now), now);
  }

  /** The names of an address; `lookup-done` tells. Throws LIMIT_REACHED. */
  lookupNames(spec: ReverseLookupSpec, now: Instant): LookupId {
    return this.#settled(this.#parts.lookups.names(spec, now), now);
  }

  /** The records of a name; `lookup-done` tells. Throws LIMIT_REACHED. */
  lookupRecords(spec: RecordLookupSpec, now: Instant): LookupId {
    return this.#settled(this.#parts.lookups.records(spec, now), now);
  }

  /** No outcome follows, unless it is among the events already. */
  cancelLookup(id: LookupId, now: Instant): void {
    this.#parts.lookups.cancel(id, now);
    this.#parts.settle(now);
  }

  /** A question of a stub's client; `question-answered` tells. Throws LIMIT_REACHED. */
  answerQuestion(question: QuestionSpec, now: Instant): QuestionId {
    return this.#settled(this.#parts.questions.answer(question, now), now);
  }

  /** No reply follows, unless it is among the events already. */
  cancelQuestion(id: QuestionId, now: Instant): void {
    this.#parts.questions.cancel(id, now);
    this.#parts.settle(now);
  }

  /**
   * A whole reply to a query with one question where it is known already, made of octets alone;
   * undefined: use `answerQuestion`.
   */
  replyFromCache(
    query: Uint8Array,
    flags: Pick<QuestionSpec, "dnssecOk" | "checkingDisabled">,
    now: Instant,
  ): CachedReply | undefined {
    return this.#parts.questions.replyFromCache(query, flags, now);
  }

  /** Another number after each change that may make earlier replies of `replyFromCache` wrong. */
  get replyEpoch(): number {
    return this.#parts.questions.epoch;
  }

  /** So many replies of `replyFromCache` were given again. */
  countRepeatedReplies(count: number): void {
    this.#parts.questions.countRepeated(count);
  }

  /** A standing question by Multicast DNS; `record` events tell. */
  startQuery(spec: RecordQuerySpec, now: Instant): RecordQueryId {
    return this.#settled(this.#parts.queries.startQuery(spec, now), now);
  }

  stopQuery(id: RecordQueryId, now: Instant): void {
    this.#parts.queries.stopQuery(id, now);
    this.#parts.settle(now);
  }

  answers(id: RecordQueryId, now: Instant): readonly RecordAnswer[] {
    return this.#parts.queries.answers(id, now);
  }

  // The cache.

  /** RFC 6762 §10.4: records that seem not to work are asked for again and go unless confirmed. */
  reconfirm(
    target: { readonly name: Name; readonly type: number; readonly data?: RecordData },
    now: Instant,
  ): void {
    this.#parts.mdns.reconfirm(target, now);
    this.#parts.settle(now);
  }

  /** Forgets what others have said, on one link or on all; on all, name servers too. */
  flushCache(link: LinkId | undefined, now: Instant): void {
    this.#parts.mdns.flushCache(link, now);
    if (link !== undefined) return;
    this.#parts.dns.flushCache();
    this.#parts.questions.handleChange();
    this.#parts.handleChange();
    this.#parts.settle(now);
  }

  cached(now: Instant): Iterable<CachedRecord> {
    return this.#parts.mdns.cached(now);
  }

  /** Answers of name servers. */
  cachedAnswers(now: Instant): Iterable<CachedQuestion> {
    return this.#parts.dns.cached(now);
  }

  snapshot(now: Instant): HostSnapshot {
    return this.#parts.snapshot(now);
  }

  /**
   * RFC 6762 §10.1: goodbyes for everything; look-ups under way end. Drain events and transmits, and
   * give no further input.
   */
  shutdown(now: Instant): void {
    this.#parts.shutdown(now);
  }

  // Inputs.

  handleDatagram(datagram: InboundDatagram, now: Instant): void {
    this.#parts.handleDatagram(datagram, now);
  }

  handleExchange(event: ExchangeEvent, now: Instant): void {
    this.#parts.handleExchange(event, now);
  }

  /** Of an exchange with a name server. */
  handleServerExchange(event: ServerEvent, now: Instant): void {
    this.#parts.handleServerExchange(event, now);
  }

  handleLinks(links: readonly Link[], now: Instant): void {
    this.#parts.handleLinks(links, now);
  }

  handleDeadline(now: Instant): void {
    this.#parts.handleDeadline(now);
  }

  handleWake(now: Instant): void {
    this.#parts.handleWake(now);
  }

  handleTransmitFailure(datagram: OutboundDatagram, failure: TransmitFailure, now: Instant): void {
    this.#parts.handleTransmitFailure(datagram, failure, now);
  }

  // Outputs.

  pollTransmit(): OutboundDatagram | undefined {
    return this.#parts.pollTransmit();
  }

  pollExchange(): ExchangeCommand | undefined {
    return this.#parts.pollExchange();
  }

  pollServerExchange(): ServerCommand | undefined {
    return this.#parts.pollServerExchange();
  }

  pollEvent(): HostEvent | undefined {
    return this.#parts.pollEvent();
  }

  get nextDeadline(): Instant {
    return this.#parts.nextDeadline;
  }

  #settled<Id>(id: Id, now: Instant): Id {
    this.#parts.settle(now);
    return id;
  }
}
