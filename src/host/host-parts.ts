/**
 * What the composed engine is made of: the protocol engines and, above them, what makes them one host.
 * Which input concerns whom, and how what follows from it settles.
 *
 * Theory of operation: every input goes to the protocols first; then `settle` hands their events to
 * whoever owns them and runs what is due, until nothing is left. Parts never call back into a
 * protocol from within it.
 */

import { BoundedQueue } from "../core/bounded.ts";
import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import { DeadlineQueue } from "../core/deadline-queue.ts";
import type { TransmitFailure } from "../core/engine.ts";
import {
  type ExchangeCommand,
  type ExchangeEvent,
  ExchangeIds,
  type ServerCommand,
  type ServerEvent,
} from "../core/exchange.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { earliest, type Instant } from "../core/time.ts";
import { LlmnrEngine } from "../llmnr/engine.ts";
import { MdnsEngine } from "../mdns/engine.ts";
import type { MdnsSettings } from "../mdns/types.ts";
import { DnsEngine } from "../unicast/engine.ts";
import { Absences } from "./absences.ts";
import { HOST_EVENTS_MAX } from "./constants.ts";
import { Guard } from "./guard.ts";
import type { HostContext, Task } from "./host-context.ts";
import { HostNaming } from "./host-naming.ts";
import { HostServices } from "./host-services.ts";
import { Inquiries } from "./inquiry.ts";
import { LlmnrBinding } from "./llmnr-binding.ts";
import { Lookups } from "./lookup.ts";
import { LookupRouter } from "./lookup-router.ts";
import { MdnsBinding } from "./mdns-binding.ts";
import { OwnAnswers } from "./own-answers.ts";
import { Publications } from "./publications.ts";
import { Questions } from "./questions.ts";
import { HostRecordPort } from "./record-port.ts";
import { DEFAULT_HOST_SETTINGS } from "./settings.ts";
import { snapshotOfLink, snapshotOfName, snapshotsOfPublication } from "./snapshot.ts";
import type { HostEvent, HostSettings, HostSnapshot, ResolverSettings } from "./types.ts";
import { UnicastBinding } from "./unicast-binding.ts";

export interface HostEngineOptions {
  readonly random: Random;
  readonly settings?: Partial<HostSettings>;
  readonly mdns?: Partial<MdnsSettings>;
  /** The label of the last `remember` event, from the previous run. */
  readonly rememberedLabel?: string | undefined;
  /** What the `remember-instance` events of the previous run said, from `original` to `instance`. */
  readonly rememberedInstances?: ReadonlyMap<string, string> | undefined;
}

export class HostParts {
  readonly mdns: MdnsEngine;
  readonly dns: DnsEngine;
  readonly naming: HostNaming;
  readonly publications: Publications;
  readonly services: HostServices;
  /** Standing questions of callers. */
  readonly queries: HostRecordPort;
  readonly lookups: Lookups;
  readonly questions: Questions;
  readonly #llmnr: LlmnrEngine;
  readonly #mdnsBinding: MdnsBinding;
  readonly #llmnrBinding: LlmnrBinding;
  readonly #dnsBinding: UnicastBinding;
  readonly #guard: Guard;
  readonly #router: LookupRouter;
  readonly #absences = new Absences();
  readonly #links = new Map<LinkId, Link>();
  readonly #deadlines = new DeadlineQueue<Task>();
  readonly #events = new BoundedQueue<HostEvent>(HOST_EVENTS_MAX);
  #settings: HostSettings;
  /** What the unicast resolver goes by. */
  #resolver: ResolverSettings | undefined;

  constructor(options: HostEngineOptions) {
    const { random, settings, mdns = {}, rememberedLabel, rememberedInstances } = options;
    this.#settings = { ...DEFAULT_HOST_SETTINGS, ...settings };
    this.mdns = new MdnsEngine({ random, settings: mdns });
    this.#mdnsBinding = new MdnsBinding(this.mdns);
    this.#llmnr = new LlmnrEngine({ random, exchangeIds: new ExchangeIds() });
    this.#llmnrBinding = this.#bindLlmnr();
    this.dns = new DnsEngine({ random });
    this.#dnsBinding = new UnicastBinding(this.dns);
    const context = this.#context();
    this.naming = new HostNaming(context, rememberedLabel, (now) => this.#refreshOthers(now));
    this.publications = new Publications(context);
    this.queries = new HostRecordPort(context, this.mdns, (event) =>
      this.#events.push({ kind: "record", event }),
    );
    this.services = new HostServices(context, this.mdns, rememberedInstances);
    const own = new OwnAnswers(context, this.publications);
    const lookupContext = {
      host: context,
      inquiries: new Inquiries(context),
      absences: this.#absences,
      own,
    };
    this.#router = new LookupRouter(context, own);
    this.lookups = new Lookups(lookupContext, this.#router);
    this.questions = new Questions(lookupContext, this.#router, this.dns);
    this.#guard = new Guard(context, random);
  }

  get settings(): HostSettings {
    return this.#settings;
  }

  /** The whole of the new settings; only what differs has an effect. */
  applySettings(settings: HostSettings, now: Instant): void {
    const previous = this.#settings;
    this.#settings = settings;
    if (settings.mdnsMode === "off" && previous.mdnsMode !== "off") {
      this.lookups.handleSwitchedOff("mdns", now);
      this.questions.end(now);
    }
    this.#applyResolver(now);
    this.naming.applySettings(now);
    this.publications.applySettings(now);
    this.services.applySettings(now);
    this.queries.refresh(now);
    this.#llmnrBinding.refresh(now);
    this.#guard.refresh(now);
    this.handleChange();
    this.settle(now);
  }

  /**
   * RFC 6762 §10.1: goodbyes for everything; look-ups under way end. Drain events and transmits, and
   * give no further input.
   */
  shutdown(now: Instant): void {
    this.lookups.handleSwitchedOff("mdns", now);
    this.questions.end(now);
    this.#guard.stop(now);
    this.#deadlines.clear();
    this.dns.shutdown();
    this.#llmnr.shutdown(now);
    this.mdns.shutdown(now);
  }

  // Inputs.

  handleDatagram(datagram: InboundDatagram, now: Instant): void {
    if (datagram.channel === "mdns" && this.#settings.mdnsMode !== "off") {
      this.mdns.handleDatagram(datagram, now);
    }
    if (datagram.channel === "llmnr" && this.#settings.llmnrMode === "full") {
      this.#llmnr.handleDatagram(datagram, now);
    }
    this.settle(now);
  }

  handleExchange(event: ExchangeEvent, now: Instant): void {
    this.#llmnr.handleExchange(event, now);
    this.settle(now);
  }

  /** Of an exchange with a name server. */
  handleServerExchange(event: ServerEvent, now: Instant): void {
    this.dns.handleExchange(event, now);
    this.settle(now);
  }

  handleLinks(links: readonly Link[], now: Instant): void {
    this.#links.clear();
    for (const link of links) this.#links.set(link.id, link);
    this.#applyResolver(now);
    this.dns.handleNetworkChange(now);
    this.mdns.handleLinks(links, now);
    this.#llmnr.handleLinks(links, now);
    this.naming.refresh(now);
    this.services.handleLinks(links, now);
    this.#refreshOthers(now);
    this.#guard.refresh(now);
    this.handleChange();
    this.settle(now);
  }

  handleDeadline(now: Instant): void {
    this.mdns.handleDeadline(now);
    this.#llmnr.handleDeadline(now);
    this.dns.handleDeadline(now);
    this.settle(now);
  }

  handleWake(now: Instant): void {
    this.mdns.handleWake(now);
    this.#llmnr.handleWake(now);
    this.dns.handleNetworkChange(now);
    this.handleChange();
    this.settle(now);
  }

  handleTransmitFailure(datagram: OutboundDatagram, failure: TransmitFailure, now: Instant): void {
    const engine = datagram.channel === "mdns" ? this.mdns : this.#llmnr;
    engine.handleTransmitFailure(datagram, failure);
    this.settle(now);
  }

  // Outputs.

  pollTransmit(): OutboundDatagram | undefined {
    return this.mdns.pollTransmit() ?? this.#llmnr.pollTransmit();
  }

  pollExchange(): ExchangeCommand | undefined {
    return this.#llmnr.pollExchange();
  }

  pollServerExchange(): ServerCommand | undefined {
    return this.dns.pollExchange();
  }

  pollEvent(): HostEvent | undefined {
    return this.#events.shift();
  }

  get nextDeadline(): Instant {
    const own = earliest(this.#deadlines.next, this.services.dnssd.nextDeadline);
    const multicast = earliest(this.mdns.nextDeadline, this.#llmnr.nextDeadline);
    return earliest(earliest(multicast, this.dns.nextDeadline), own);
  }

  snapshot(now: Instant): HostSnapshot {
    const links = [...this.#links.values()];
    return {
      now,
      mdnsMode: this.#settings.mdnsMode,
      originalLabel: this.naming.originalLabel,
      names: links.map((link) => snapshotOfName(this.naming, link)),
      publications: Array.from(this.publications.all).flatMap((kept) =>
        snapshotsOfPublication(kept, this.#links),
      ),
      links: links.map(snapshotOfLink),
      services: this.services.dnssd.snapshot(),
      lookups: this.lookups.snapshot(),
      mdns: this.mdns.snapshot(now),
      llmnrMode: this.#settings.llmnrMode,
      llmnr: this.#llmnr.snapshot(),
      poisoners: this.#guard.poisoners(now),
      questions: this.questions.snapshot(),
      unicast: this.dns.snapshot(),
    };
  }

  // After each command and input.

  /** Who was silent may answer now, and who answers for which name may be another. */
  handleChange(): void {
    this.#absences.clear();
    this.#router.handleChange();
    this.questions.handleChange();
  }

  /** Until nothing is left to hand out or to do. */
  settle(now: Instant): void {
    for (;;) {
      this.#mdnsBinding.drain(now);
      this.#llmnrBinding.drain(now);
      this.#dnsBinding.drain(now);
      const task = this.#deadlines.pop(now);
      task?.run(now);
      const wasDue = this.services.settle(now);
      if (task === undefined && !wasDue) return;
    }
  }

  // Within.

  #context(): HostContext {
    const engine = this;
    return {
      get settings() {
        return engine.#settings;
      },
      links: this.#links,
      mdns: this.#mdnsBinding,
      llmnr: this.#llmnrBinding,
      unicast: this.#dnsBinding,
      schedule: (at, task) => this.#deadlines.schedule(at, task),
      cancel: (deadline) => this.#deadlines.cancel(deadline),
      emit: (event) => this.#events.push(event),
      placeOf: ({ id, name }) => ({
        link: id,
        linkName: name,
        hostName: this.naming.nameOn(id),
      }),
    };
  }

  #bindLlmnr(): LlmnrBinding {
    const engine = this;
    return new LlmnrBinding(this.#llmnr, {
      get settings() {
        return engine.#settings;
      },
      links: this.#links,
      labelOn: (link) => this.naming.labelOn(link),
      emit: (event) => this.#events.push(event),
    });
  }

  /** Everything that depends on the links and on what the host is called there, but the name. */
  #refreshOthers(now: Instant): void {
    this.publications.refresh(now);
    this.queries.refresh(now);
    this.services.refresh(now);
    this.#llmnrBinding.refresh(now);
  }

  #applyResolver(now: Instant): void {
    const { resolver } = this.#settings;
    if (resolver === this.#resolver) return;
    this.#resolver = resolver;
    this.dns.applySettings(resolver.dns);
    this.dns.setServers(resolver.servers, now);
  }
}
