/**
 * Exchanges as engines see them: one message to one server and the messages that come back for it,
 * by UDP, TCP, TLS or HTTPS.
 *
 * The sockets find the exchange to which octets belong (by socket, connection or stream, and by
 * message id) and say where they came from. Whether they are an answer is the engine's to judge: an
 * exchange stays open until the engine cancels it or the sockets report its failure.
 */

import type { Endpoint } from "./datagram.ts";

declare const exchangeIdBrand: unique symbol;

/** Chosen by the engine, never used again within its life. */
export type ExchangeId = number & { readonly [exchangeIdBrand]: true };

export type ExchangeTransport = "udp" | "tcp" | "tls" | "https";

export interface ExchangeServer extends Endpoint {
  readonly transport: ExchangeTransport;
  /** Name of the interface, for link-local addresses; undefined: routing decides. */
  readonly interface: string | undefined;
  /** TLS and HTTPS: the name its certificate must carry; undefined: its address. */
  readonly serverName: string | undefined;
  /** HTTPS: the path, with a query if there is one. */
  readonly path: string | undefined;
}

export interface ExchangeRequest {
  readonly id: ExchangeId;
  readonly server: ExchangeServer;
  /** A whole message, without the length that goes before it on a stream. */
  readonly octets: Uint8Array;
  /** A kept connection has gone silent: another is made for this message. */
  readonly onFreshConnection: boolean;
}

export interface ExchangeReply {
  readonly id: ExchangeId;
  /** A whole message. Valid only during the call that passes it. */
  readonly octets: Uint8Array;
  readonly source: Endpoint;
  /** HTTPS: seconds the answer lay in an HTTP cache (RFC 8484 §5.1); otherwise 0. */
  readonly age: number;
}

/** The exchange is over without an answer; nothing more comes for it. */
export interface ExchangeFailure {
  readonly id: ExchangeId;
  /**
   * The operating system's code, e.g. `ECONNREFUSED`; `CERTIFICATE` when the server is not who it
   * should be, `PROTOCOL` when it does not speak the protocol, `LIMIT` when we have too much open.
   */
  readonly code: string;
}
