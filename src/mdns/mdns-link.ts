/**
 * One link of the mDNS engine: its responder, its querier and its way out, with the context that
 * both halves work in. Everything it has pending goes with it when the link goes.
 */

import type { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import type { IpAddress } from "../core/ip-address.ts";
import { isOnLink, type Link } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { PREPARED_QUERY_SIZE_MAX } from "./constants.ts";
import type { EchoHistory } from "./echo-history.ts";
import type { LinkContext, Received, Target, Task } from "./link-context.ts";
import { isLegacy, Outbox } from "./outbox.ts";
import { PreparedResponses } from "./prepared-responses.ts";
import { Querier } from "./querier.ts";
import { Responder } from "./responder.ts";
import type { MdnsCounter, MdnsEvent, MdnsSettings } from "./types.ts";

/** What all links of an engine share. */
export interface SharedParts {
  readonly random: Random;
  readonly settings: MdnsSettings;
  readonly history: EchoHistory;
  readonly transmits: BoundedQueue<OutboundDatagram>;
  emit(event: MdnsEvent): void;
  isOurs(record: ResourceRecord, now: Instant): boolean;
}

export class MdnsLink implements LinkContext {
  readonly responder: Responder;
  readonly querier: Querier;
  readonly deadlines = new DeadlineQueue<Task>();
  readonly counters = new Counters<MdnsCounter>();
  readonly #shared: SharedParts;
  readonly #outbox: Outbox;
  readonly #prepared = new PreparedResponses();
  #link: Link;
  /** What was last sent to a legacy querier. */
  #legacyResponse: Uint8Array | undefined;
  /** A source that was found to be on the link. */
  #onLink: IpAddress | undefined;

  constructor(link: Link, shared: SharedParts, now: Instant) {
    this.#link = link;
    this.#shared = shared;
    const { history, transmits, settings } = shared;
    const { deadlines, counters } = this;
    const { packetsPerSecondMax } = settings;
    this.#outbox = new Outbox(
      link,
      { transmits, history, deadlines, counters, packetsPerSecondMax },
      now,
    );
    this.responder = new Responder(this);
    this.querier = new Querier(this, (name, type) => this.responder.ownRecords(name, type));
  }

  get link(): Link {
    return this.#link;
  }

  get settings(): MdnsSettings {
    return this.#shared.settings;
  }

  get random(): Random {
    return this.#shared.random;
  }

  schedule(at: Instant, task: Task): Deadline<Task> {
    return this.deadlines.schedule(at, task);
  }

  cancel(deadline: Deadline<Task> | undefined): void {
    this.deadlines.cancel(deadline);
  }

  emit(event: MdnsEvent): void {
    this.#shared.emit(event);
  }

  send(message: Message, target: Target, counter: MdnsCounter, now: Instant): void {
    const packets = this.#outbox.send(message, target, counter, now);
    if (isLegacy(target)) this.#legacyResponse = packets[0];
  }

  ownRecordsChanged(
    added: readonly ResourceRecord[],
    removed: readonly ResourceRecord[],
    now: Instant,
  ): void {
    this.#prepared.clear();
    this.querier.handleOwnRecords(added, removed, now);
  }

  isOurs(record: ResourceRecord, now: Instant): boolean {
    return this.#shared.isOurs(record, now);
  }

  /** Sends what was just sent to another legacy query of these octets; returns whether there is it. */
  respondAgain({ octets, family, source, arrival }: InboundDatagram, now: Instant): boolean {
    const response = this.#prepared.find(octets, family, now);
    if (response === undefined || !this.hears(source.address)) return false;
    this.counters.add("queries-received");
    const target = { family, endpoint: source, from: arrival };
    this.#outbox.sendUnicast(response, target, "legacy-responses-sent");
    return true;
  }

  /** Answers a query, and prepares to answer its octets again where it is one of a legacy querier. */
  respond(received: Received, octets: Uint8Array, now: Instant): void {
    this.#legacyResponse = undefined;
    this.responder.handleQuery(received, now);
    if (this.#legacyResponse === undefined || octets.length > PREPARED_QUERY_SIZE_MAX) return;
    this.#prepared.keep(octets, received.family, this.#legacyResponse, now);
  }

  /** Whether the address is of one of the link's subnets (RFC 6762 §11). */
  hears(address: IpAddress): boolean {
    if (address === this.#onLink) return true;
    if (!isOnLink(this.#link, address)) return false;
    this.#onLink = address;
    return true;
  }

  /** The monitor describes the link anew: other addresses, another port situation, or a new life. */
  handleChange(link: Link, now: Instant): void {
    const previous = this.#link;
    this.#link = link;
    this.#outbox.link = link;
    this.#onLink = undefined;
    this.#prepared.clear();
    if (link.incarnation !== previous.incarnation) {
      this.handleReset(now);
      return;
    }
    this.responder.handleLinkChange(previous, now);
    this.querier.handleLinkChange(previous, now);
  }

  /** RFC 6762 §8.3, §13: connectivity may have changed, so claim again and believe nothing. */
  handleReset(now: Instant): void {
    this.querier.handleReset(now);
    this.responder.handleReset(now);
  }
}
