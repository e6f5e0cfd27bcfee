/**
 * Exchanges: conversations that have a socket of their own, beside the datagrams of the shared group
 * sockets. An LLMNR query from a random port, a TCP connection in either direction, a question to a
 * name server is one each.
 *
 * Theory of operation: an engine opens an exchange under an id that it drew, sends whole messages on
 * it and closes it; what arrives comes back with the id. Opening never waits: messages sent before a
 * connection stands go out when it does. A connection that a peer made is told as `accepted`, with an
 * id drawn by the sockets. Streams are framed by the sockets (RFC 1035 §4.2.2), so an engine only ever
 * sees messages. Messages on an id that is not known (any longer) are dropped on both sides.
 */

import type { Endpoint } from "./datagram.ts";
import type { IpAddress } from "./ip-address.ts";
import type { LinkId } from "./link.ts";

declare const exchangeIdBrand: unique symbol;

/** Positive where an engine opened it, negative where it was accepted. */
export type ExchangeId = number & { readonly [exchangeIdBrand]: true };

/** Draws the ids of what the engines of one process open, so that no two engines draw the same. */
export class ExchangeIds {
  #last = 0;

  next(): ExchangeId {
    return ++this.#last as ExchangeId;
  }
}

export interface ExchangeSpec {
  /**
   * - `udp`: a port chosen at random. To a group, whoever answers is heard; to one address, only that
   *   endpoint is.
   * - `tcp`: a connection, each message with its length before it.
   */
  readonly transport: "udp" | "tcp";
  readonly destination: Endpoint;
  /** Its packets leave and arrive on this link alone. */
  readonly link: LinkId;
  /** The own address to send from; undefined leaves the choice to the operating system. */
  readonly from: IpAddress | undefined;
  /** TTL or hop limit of its packets, where the sockets can set it; undefined: the system's. */
  readonly hopLimit: number | undefined;
}

/** What an engine wants done (`Engine.pollExchange`). */
export type ExchangeCommand =
  | { readonly kind: "open"; readonly exchange: ExchangeId; readonly spec: ExchangeSpec }
  | { readonly kind: "send"; readonly exchange: ExchangeId; readonly octets: Uint8Array }
  /** What was sent still goes out; no event follows. */
  | { readonly kind: "close"; readonly exchange: ExchangeId };

/** Which protocol's port a connection was made to. */
export type ListeningChannel = "llmnr";

/** What happened (`Engine.handleExchange`). */
export type ExchangeEvent =
  | {
      readonly kind: "accepted";
      readonly exchange: ExchangeId;
      readonly channel: ListeningChannel;
      readonly link: LinkId;
      readonly peer: Endpoint;
    }
  | {
      readonly kind: "received";
      readonly exchange: ExchangeId;
      /** One message; valid only during the call that passes it. */
      readonly octets: Uint8Array;
      readonly source: Endpoint;
    }
  /**
   * It is over, though the engine did not close it: the peer closed it, or it failed or could not be
   * opened, with the operating system's code (`ECONNREFUSED`, `EHOSTUNREACH`).
   */
  | { readonly kind: "ended"; readonly exchange: ExchangeId; readonly code: string | undefined };

/** A name server, and how it is spoken to. */
export interface ExchangeServer extends Endpoint {
  /** `tls`: RFC 7858. `https`: RFC 8484. */
  readonly transport: "udp" | "tcp" | "tls" | "https";
  /** Name of the interface, for link-local addresses; undefined: routing decides. */
  readonly interface: string | undefined;
  /** TLS and HTTPS: the name its certificate must carry; undefined: its address. */
  readonly serverName: string | undefined;
  /** HTTPS: the path, with a query if there is one. */
  readonly path: string | undefined;
}

/**
 * Exchanges of one question each on sockets that many share: ports that rotate, connections that are
 * kept. `ask` opens the exchange and sends its message; `close` ends it, and so does `ended`.
 */
export type ServerCommand =
  | {
      readonly kind: "ask";
      readonly exchange: ExchangeId;
      readonly server: ExchangeServer;
      readonly octets: Uint8Array;
      /** The kept connection has gone silent: another is made for this message. */
      readonly onFreshConnection: boolean;
    }
  | { readonly kind: "close"; readonly exchange: ExchangeId };

export type ServerEvent =
  | {
      readonly kind: "received";
      readonly exchange: ExchangeId;
      /**
       * One message with the id of the question, on its socket or connection; the rest is the
       * engine's to check. Valid only during the call that passes it.
       */
      readonly octets: Uint8Array;
      readonly source: Endpoint;
      /** HTTPS: seconds that it lay in an HTTP cache (RFC 8484 §5.1); otherwise 0. */
      readonly age: number;
    }
  /**
   * Nothing more comes: the operating system's code (`ECONNREFUSED`), or `CERTIFICATE` when the server
   * is not who it should be, `PROTOCOL` when it does not speak as it should, `LIMIT` when too much is
   * open.
   */
  | { readonly kind: "ended"; readonly exchange: ExchangeId; readonly code: string };
