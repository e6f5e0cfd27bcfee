/**
 * TCP connections of other hosts to our port (RFC 4795 §2.4, §2.5): who may have one, how many there
 * are, and how long they last. A host that connects and says nothing costs one place for a moment, and
 * must give it up where others need it.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { ExchangeId } from "../core/exchange.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { LinkId } from "../core/link.ts";
import { after, earliest, type Instant } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import {
  CONNECTION_AGE_MAX,
  CONNECTION_IDLE_MAX,
  CONNECTION_QUERIES_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_HOST_MAX,
} from "./constants.ts";
import { isNeighbour, type LlmnrContext, type Task } from "./link-context.ts";
import { readQuery } from "./received-query.ts";

interface Connection {
  readonly exchange: ExchangeId;
  readonly link: LinkId;
  readonly peer: IpAddress;
  readonly openedAt: Instant;
  heardAt: Instant;
  queries: number;
  deadline: Deadline<Task> | undefined;
}

/** Answers a query by `send`, perhaps later; false where it will not. */
export type AnswerTcp = (
  link: LinkId,
  query: Message,
  source: IpAddress,
  send: (octets: Uint8Array) => void,
  now: Instant,
) => boolean;

export class Connections {
  readonly #context: LlmnrContext;
  readonly #answer: AnswerTcp;
  readonly #all = new Map<ExchangeId, Connection>();

  constructor(context: LlmnrContext, answer: AnswerTcp) {
    this.#context = context;
    this.#answer = answer;
  }

  get size(): number {
    return this.#all.size;
  }

  accept(exchange: ExchangeId, linkId: LinkId, peer: IpAddress, now: Instant): void {
    const link = this.#context.links.get(linkId);
    const isWelcome =
      link !== undefined &&
      isNeighbour(link, peer) &&
      this.#countOf(peer) < CONNECTIONS_PER_HOST_MAX;
    if (!isWelcome) {
      this.#context.count(linkId, "connections-refused");
      this.#context.closeExchange(exchange);
      return;
    }
    if (this.#all.size >= CONNECTIONS_MAX) this.#closeIdlest();
    const connection: Connection = {
      exchange,
      link: linkId,
      peer,
      openedAt: now,
      heardAt: now,
      queries: 0,
      deadline: undefined,
    };
    this.#all.set(exchange, connection);
    this.#context.count(linkId, "connections-accepted");
    this.#planEnd(connection);
  }

  handleMessage(exchange: ExchangeId, octets: Uint8Array, now: Instant): void {
    const connection = this.#all.get(exchange);
    if (connection === undefined) return;
    const query = readQuery(octets);
    connection.queries++;
    if (typeof query === "string") {
      this.#context.count(connection.link, `discarded-${query}`);
      this.#close(connection);
      return;
    }
    this.#context.count(connection.link, "tcp-queries-received");
    connection.heardAt = now;
    if (!this.#respond(connection, query, now) || connection.queries >= CONNECTION_QUERIES_MAX) {
      this.#close(connection);
    } else {
      this.#planEnd(connection);
    }
  }

  handleEnded(exchange: ExchangeId): void {
    const connection = this.#all.get(exchange);
    if (connection === undefined) return;
    this.#all.delete(exchange);
    this.#context.cancel(connection.deadline);
  }

  handleLinkGone(link: LinkId): void {
    for (const connection of [...this.#all.values()]) {
      if (connection.link === link) this.#close(connection);
    }
  }

  shutdown(): void {
    for (const connection of [...this.#all.values()]) this.#close(connection);
  }

  /** RFC 4795 §2.7: a query with the C bit is sent by multicast, so one by TCP is nothing to us. */
  #respond({ exchange, link, peer }: Connection, query: Message, now: Instant): boolean {
    if ((query.flags & Flag.LLMNR_C) !== 0) return false;
    const send = (octets: Uint8Array) => this.#context.sendOn(exchange, octets);
    return this.#answer(link, query, peer, send, now);
  }

  #planEnd(connection: Connection): void {
    this.#context.cancel(connection.deadline);
    const { heardAt, openedAt } = connection;
    const at = earliest(after(heardAt, CONNECTION_IDLE_MAX), after(openedAt, CONNECTION_AGE_MAX));
    connection.deadline = this.#context.schedule(at, {
      run: () => {
        this.#context.count(connection.link, "connections-timed-out");
        this.#close(connection);
      },
    });
  }

  #closeIdlest(): void {
    let idlest: Connection | undefined;
    for (const connection of this.#all.values()) {
      if (idlest === undefined || connection.heardAt < idlest.heardAt) idlest = connection;
    }
    if (idlest === undefined) return;
    this.#context.count(idlest.link, "connections-refused");
    this.#close(idlest);
  }

  #close(connection: Connection): void {
    this.handleEnded(connection.exchange);
    this.#context.closeExchange(connection.exchange);
  }

  #countOf(peer: IpAddress): number {
    let count = 0;
    for (const connection of this.#all.values()) if (connection.peer === peer) count++;
    return count;
  }
}
