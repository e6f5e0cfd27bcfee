/**
 * The contract of every protocol engine: sans-I/O state machines that take inputs together with
 * `now` and give back datagrams to send, events and the next deadline.
 *
 * 1. Inputs: the `handle...` methods and the engine's own commands. `now` is the last argument and
 *    never goes back.
 * 2. Outputs are queued. The caller drains `pollTransmit`, `pollExchange` and `pollEvent`, then reads
 *    `nextDeadline`. Two inputs without a drain between are legal.
 * 3. Everything runs to completion: no callback, no re-entrance. Commands return ids; their results
 *    are events that carry the id.
 * 4. `handleDeadline` called early does nothing; called late it does all that is due, in order.
 * 5. Nothing that arrives from the network throws or grows without bound. What is refused is counted
 *    with its reason. Every queue, map and loop that the network can reach has a stated maximum;
 *    reaching it drops and counts.
 * 6. An engine reads no clock, sets no timer, opens no socket, makes no promise, logs nothing, and
 *    draws randomness only from the `Random` it was given.
 */

import type { InboundDatagram, OutboundDatagram } from "./datagram.ts";
import type { ExchangeCommand, ExchangeEvent, ServerCommand, ServerEvent } from "./exchange.ts";
import type { Link } from "./link.ts";
import type { Instant } from "./time.ts";

/** Why a datagram could not be sent: the operating system's code, e.g. `ENETUNREACH`, `EMSGSIZE`. */
export interface TransmitFailure {
  readonly code: string;
}

export interface Engine<Event> {
  handleDatagram(datagram: InboundDatagram, now: Instant): void;
  /** The whole new set of links; the engine finds what came, went and changed. */
  handleLinks(links: readonly Link[], now: Instant): void;
  handleDeadline(now: Instant): void;
  /** The host slept: what was known of every link may no longer hold. */
  handleWake(now: Instant): void;
  handleTransmitFailure(datagram: OutboundDatagram, failure: TransmitFailure, now: Instant): void;
  pollTransmit(): OutboundDatagram | undefined;
  pollEvent(): Event | undefined;
  /** Engines that hold conversations with sockets of their own have these two. */
  handleExchange?(event: ExchangeEvent, now: Instant): void;
  pollExchange?(): ExchangeCommand | undefined;
  /** Engines that ask name servers have these two. */
  handleServerExchange?(event: ServerEvent, now: Instant): void;
  pollServerExchange?(): ServerCommand | undefined;
  /** When `handleDeadline` is wanted next; `NEVER` when nothing is pending. */
  readonly nextDeadline: Instant;
}
