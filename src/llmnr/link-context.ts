/**
 * What the engine gives its parts: the links as they are now, a place to schedule, ways out by
 * datagram and by exchange, and messages in the form that all of them read.
 */

import type { OutboundDatagram } from "../core/datagram.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { ExchangeId, ExchangeSpec } from "../core/exchange.ts";
import { type Family, type IpAddress, isLinkLocal } from "../core/ip-address.ts";
import { isOnLink, type Link, type LinkId } from "../core/link.ts";
import type { Random } from "../core/random.ts";
import { type Duration, type Instant, milliseconds } from "../core/time.ts";
import { JITTER_INTERVAL } from "./constants.ts";
import type { LlmnrCounter, LlmnrEvent } from "./types.ts";

/** Something to do later; kept in the engine's one deadline queue. */
export interface Task {
  run(now: Instant): void;
}

/** Is told what happens on an exchange that it opened or that was given to it. */
export interface ExchangeOwner {
  handleMessage(octets: Uint8Array, source: IpAddress, port: number, now: Instant): void;
  /** It is over without having been closed by us. */
  handleEnded(now: Instant): void;
}

export interface LlmnrContext {
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly random: Random;

  schedule(at: Instant, task: Task): Deadline<Task>;
  cancel(deadline: Deadline<Task> | undefined): void;
  emit(event: LlmnrEvent): void;
  count(link: LinkId, counter: LlmnrCounter): void;

  transmit(datagram: OutboundDatagram): void;
  openExchange(spec: ExchangeSpec, owner: ExchangeOwner): ExchangeId;
  sendOn(exchange: ExchangeId, octets: Uint8Array): void;
  closeExchange(exchange: ExchangeId): void;

  /** Whether it is an address of this host, on whatever link. */
  isOwnAddress(address: IpAddress): boolean;
  /** Queries under way, so that they are known when they come back by our own group sockets. */
  readonly ownQueries: OwnQueries;
}

/** The ids of this host's own queries on each link. */
export class OwnQueries {
  readonly #links = new Map<number, LinkId>();

  /** Draws an id that no other query under way has (RFC 4795 §2.1.1: pseudo-random). */
  draw(link: LinkId, random: Random): number {
    let id = random.integer(0, 0xffff);
    for (let tries = 0; this.#links.has(id) && tries < 64; tries++) id = random.integer(0, 0xffff);
    this.#links.set(id, link);
    return id;
  }

  release(id: number): void {
    this.#links.delete(id);
  }

  linkOf(id: number): LinkId | undefined {
    return this.#links.get(id);
  }
}

/** RFC 4795 §2.7: drawn anew for each transmission. */
export function jitter(random: Random): Duration {
  return milliseconds(random.integer(0, JITTER_INTERVAL));
}

/**
 * Whether the address can be of a host on the link. What is answered to any other would leave the
 * link, to whatever address a forged packet names (RFC 4795 §5.1).
 */
export function isNeighbour(link: Link, address: IpAddress): boolean {
  return isLinkLocal(address) || isOnLink(link, address);
}

/**
 * RFC 4795 §2.5: the own address that queries on the link come from. A link-local one first for IPv6,
 * as the groups are of that scope (RFC 6724 §5, rule 2).
 */
export function querySource(link: Link, family: Family): IpAddress | undefined {
  const own = link.addresses.filter((candidate) => candidate.family === family);
  const preferred = family === "ipv6" ? own.find(({ address }) => isLinkLocal(address)) : undefined;
  return (preferred ?? own[0])?.address;
}
