/** A responder on a `FakeLink`, and short ways to say what it publishes and hears. */

import { Responder } from "../../src/mdns/responder.ts";
import type {
  PublishedRecord,
  RegistrationId,
  RegistrationSpec,
  RegistrationState,
} from "../../src/mdns/types.ts";
import {
  FakeLink,
  type From,
  type MessageText,
  receivedQuery,
  receivedResponse,
  record,
  type Sent,
  sections,
} from "./fake-link.ts";

export class ResponderOnLink {
  readonly link = new FakeLink();
  readonly responder = new Responder(this.link);
  #lastId = 0;

  constructor() {
    this.link.ownsRecord = (candidate) => this.responder.publishes(candidate);
  }

  register(...records: readonly PublishedRecord[]): RegistrationId {
    const id = ++this.#lastId as RegistrationId;
    this.responder.register(id, { records }, this.link.now);
    return id;
  }

  update(id: RegistrationId, ...records: readonly PublishedRecord[]): void {
    const spec: RegistrationSpec = { records };
    this.responder.update(id, spec, this.link.now);
  }

  withdraw(id: RegistrationId): void {
    this.responder.withdraw(id, this.link.now);
  }

  /** Registers, and lets probing and announcing end and the last second pass. */
  establish(...records: readonly PublishedRecord[]): RegistrationId {
    const id = this.register(...records);
    this.link.advance(5000);
    this.link.takeSent();
    this.link.takeEvents();
    return id;
  }

  query(text: MessageText, from?: From): void {
    this.responder.handleQuery(receivedQuery(text, from), this.link.now);
  }

  /** A query with one question, e.g. `host.local. IN A`. */
  ask(question: string, from?: From): void {
    this.query({ questions: [question] }, from);
  }

  response(text: MessageText, from?: From): void {
    this.responder.handleResponse(receivedResponse(text, from), this.link.now);
  }

  state(id: RegistrationId): RegistrationState["state"] | undefined {
    return this.responder.state(id)?.state;
  }

  /** Everything sent since the last look. */
  take(): Sent[] {
    return this.link.takeSent();
  }

  /** The kinds of events since the last look. */
  takeEventKinds(): string[] {
    return this.link.takeEvents().map(({ kind }) => kind);
  }

  /** What was sent since the last look: when, as what, and the answers. */
  takeAnswers(): [number, string, readonly string[]][] {
    return this.take().map(({ at, counter, message }) => {
      return [at, counter, sections(message).answers ?? []];
    });
  }
}

/** When each was sent. */
export function times(sent: readonly Sent[], counter: string): number[] {
  return sent.filter((one) => one.counter === counter).map(({ at }) => at);
}

export function published(
  text: string,
  ownership: PublishedRecord["ownership"],
  cedable = false,
): PublishedRecord {
  const { name, type, ttl, data } = record(text);
  return { name, type, ttl, data, ownership, cedable };
}

export const unique = (text: string) => published(text, "unique");
export const shared = (text: string) => published(text, "shared");

/** The records of a host with one IPv4 address, as the host layer makes them. */
export function host(name: string, ...addresses: readonly string[]): PublishedRecord[] {
  return addresses.map((address) => {
    const type = address.includes(":") ? "AAAA" : "A";
    return published(`${name}. 120 IN ${type} ${address}`, "unique", true);
  });
}

/** The records of a DNS-SD service on `target`. */
export function service(instance: string, type: string, port: number, target: string) {
  return [
    shared(`${type}. 4500 IN PTR ${instance}.${type}.`),
    unique(`${instance}.${type}. 120 IN SRV 0 0 ${port} ${target}.`),
    unique(`${instance}.${type}. 4500 IN TXT ""`),
  ];
}
