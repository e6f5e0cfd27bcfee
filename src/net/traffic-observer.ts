/**
 * Who looks on while a driver works: every datagram and every exchange, as they pass. An observer
 * gives no input and changes nothing.
 */

import type { InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { ExchangeCommand, ExchangeEvent } from "../core/exchange.ts";

export interface TrafficObserver {
  /** `datagram.octets` is valid only during the call. */
  handleReceived(datagram: InboundDatagram): void;
  handleSent(datagram: OutboundDatagram): void;
  handleCommand(command: ExchangeCommand): void;
  /** `event.octets` is valid only during the call. */
  handleExchange(event: ExchangeEvent): void;
}
