/**
 * A link for one responder or querier alone: time moves only when told, randomness always gives the
 * shortest wait unless told otherwise, and whatever is sent or emitted is kept with its time.
 */

import { assert } from "../../src/core/assert.ts";
import { Counters } from "../../src/core/counters.ts";
import { type Deadline, DeadlineQueue } from "../../src/core/deadline-queue.ts";
import type { Family, IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { type Instant, instant } from "../../src/core/time.ts";
import { DEFAULT_MDNS_SETTINGS } from "../../src/mdns/engine.ts";
import type { LinkContext, Received, Target, Task } from "../../src/mdns/link-context.ts";
import type { MdnsCounter, MdnsEvent, MdnsSettings } from "../../src/mdns/types.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import {
  formatQuestion,
  formatRecord,
  parseQuestion,
  parseRecord,
} from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";

export interface Sent {
  readonly at: number;
  readonly message: Message;
  readonly target: Target;
  readonly counter: MdnsCounter;
}

export const OWN_ADDRESS = "192.0.2.1" as IpAddress;
export const PEER_ADDRESS = "192.0.2.99" as IpAddress;

export const LINK: Link = {
  id: 2 as LinkId,
  name: "eth0",
  mtu: 1500,
  addresses: [
    { family: "ipv4", address: OWN_ADDRESS, prefixLength: 24 },
    { family: "ipv6", address: "fe80::1" as IpAddress, prefixLength: 64 },
  ],
  families: ["ipv4", "ipv6"],
  loopback: false,
  incarnation: 0,
  sharesPort: false,
};

export class FakeLink implements LinkContext {
  link: Link = LINK;
  settings: MdnsSettings = DEFAULT_MDNS_SETTINGS;
  readonly counters = new Counters<MdnsCounter>();
  readonly sent: Sent[] = [];
  readonly events: MdnsEvent[] = [];
  readonly added: string[] = [];
  readonly removed: string[] = [];
  /** What `isOurs` says yes to, besides what `ownsRecord` does. */
  readonly echoes = new Set<string>();
  ownsRecord: (record: ResourceRecord) => boolean = () => false;
  /** Chooses from a range; the lower bound by default. */
  choose: (min: number, max: number) => number = (min) => min;
  readonly random = { integer: (min: number, max: number) => this.choose(min, max) };
  readonly #deadlines = new DeadlineQueue<Task>();
  #now = 0;

  get now(): Instant {
    return instant(this.#now);
  }

  get pendingDeadlines(): number {
    return this.#deadlines.size;
  }

  /** Does all that is due until `at`, each at its own instant. */
  advanceTo(at: number): void {
    assert(at >= this.#now, "time does not go back");
    while (this.#deadlines.next <= at) {
      this.#now = Math.max(this.#now, this.#deadlines.next);
      this.#deadlines.pop(this.now)?.run(this.now);
    }
    this.#now = at;
  }

  advance(milliseconds: number): void {
    this.advanceTo(this.#now + milliseconds);
  }

  /** What was sent since the last call. */
  takeSent(): Sent[] {
    return this.sent.splice(0);
  }

  takeEvents(): MdnsEvent[] {
    return this.events.splice(0);
  }

  schedule(at: Instant, task: Task): Deadline<Task> {
    return this.#deadlines.schedule(at, task);
  }

  cancel(deadline: Deadline<Task> | undefined): void {
    this.#deadlines.cancel(deadline);
  }

  emit(event: MdnsEvent): void {
    this.events.push(event);
  }

  send(message: Message, target: Target, counter: MdnsCounter, now: Instant): void {
    this.sent.push({ at: now, message, target, counter });
    this.counters.add(counter);
  }

  ownRecordsChanged(
    added: readonly ResourceRecord[],
    removed: readonly ResourceRecord[],
    _now: Instant,
  ): void {
    this.added.push(...added.map(formatRecord));
    this.removed.push(...removed.map(formatRecord));
  }

  isOurs(record: ResourceRecord, _now: Instant): boolean {
    return this.ownsRecord(record) || this.echoes.has(identity(record));
  }
}

function identity(record: ResourceRecord): string {
  return formatRecord({ ...record, ttl: 0, cacheFlush: false });
}

/** `printer.local. 120 IN+flush A 192.0.2.1` as a record. */
export function record(text: string): ResourceRecord {
  const parsed = parseRecord(text);
  assert(parsed.ok, `"${text}" is no record`);
  return parsed.value;
}

export interface MessageText {
  readonly id?: number;
  readonly flags?: number;
  readonly questions?: readonly string[];
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

function message(text: MessageText): Message {
  const question = (line: string) => {
    const parsed = parseQuestion(line);
    assert(parsed.ok, `"${line}" is no question`);
    return parsed.value;
  };
  return {
    id: text.id ?? 0,
    flags: text.flags ?? 0,
    questions: (text.questions ?? []).map(question),
    answers: (text.answers ?? []).map(record),
    authorities: (text.authorities ?? []).map(record),
    additionals: (text.additionals ?? []).map(record),
  };
}

export interface From {
  readonly address?: string;
  readonly port?: number;
  readonly family?: Family;
  /** The own address that the packet was sent to, when it was not the group. */
  readonly to?: string;
  readonly fromThisHost?: boolean;
}

function received(content: Message, from: From = {}): Received {
  const { address = PEER_ADDRESS, port = 5353, family = "ipv4", to, fromThisHost = false } = from;
  return {
    message: content,
    source: { address: address as IpAddress, port },
    family,
    arrival: to === undefined ? { to: "group" } : { to: "unicast", address: to as IpAddress },
    fromThisHost,
  };
}

export function receivedQuery(text: MessageText, from?: From): Received {
  return received(message(text), from);
}

export function receivedResponse(text: MessageText, from?: From): Received {
  return received(message({ flags: Flag.QR | Flag.AA, ...text }), from);
}

/** A message's sections as text, without the empty ones. */
export function sections(content: Message): MessageText {
  return {
    ...(content.questions.length > 0 && { questions: content.questions.map(formatQuestion) }),
    ...(content.answers.length > 0 && { answers: content.answers.map(formatRecord) }),
    ...(content.authorities.length > 0 && { authorities: content.authorities.map(formatRecord) }),
    ...(content.additionals.length > 0 && { additionals: content.additionals.map(formatRecord) }),
  };
}
