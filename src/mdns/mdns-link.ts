/**
 * One link of the mDNS engine: its responder, its querier and its way out, with the context that
 * both halves work in. Everything it has pending goes with it when the link goes.
 */

import type { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import type { OutboundDatagram } from "../core/datagram.ts";
import { type Deadline, DeadlineQueue } from "../core/deadline-queue.ts";
import type { Link } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { EchoHistory } from "./echo-history.ts";
import type { LinkContext, Target, Task } from "./link-context.ts";
import { Outbox } from "./outbox.ts";
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
  #link: Link;

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
    this.#outbox.send(message, target, counter, now);
  }

  ownRecordsChanged(
    added: readonly ResourceRecord[],
    removed: readonly ResourceRecord[],
    now: Instant,
  ): void {
    this.querier.handleOwnRecords(added, removed, now);
  }

  isOurs(record: ResourceRecord, now: Instant): boolean {
    return this.#shared.isOurs(record, now);
  }

  /** The monitor describes the link anew: other addresses, another port situation, or a new life. */
  handleChange(link: Link, now: Instant): void {
    const previous = this.#link;
    this.#link = link;
    this.#outbox.link = link;
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
