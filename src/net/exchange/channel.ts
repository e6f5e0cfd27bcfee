/** One server as the exchanges see it: something that takes questions and tells events. */

import type { Endpoint } from "../../core/datagram.ts";
import type { ExchangeId, ExchangeServer, ServerEvent } from "../../core/exchange.ts";

export interface ServerChannel {
  /** Sends a question. Whatever comes of it is told later, never from within. */
  ask(exchange: ExchangeId, octets: Uint8Array, onFreshConnection: boolean): void;
  /** Nothing more is told of the exchange. */
  forget(exchange: ExchangeId): void;
  /** Own addresses or routes have changed: sockets made before may lead nowhere. */
  handleNetworkChange(): void;
  /** Whether questions leave from that endpoint of this host; only UDP ports tell. */
  isAt?(source: Endpoint): boolean;
  /** Questions under way. */
  readonly size: number;
  close(): void;
}

export interface ChannelOptions {
  readonly tell: (event: ServerEvent) => void;
  /** Sockets and timers alone do not keep the process alive. */
  readonly unref: boolean;
  /** A file of further certificate authorities, in PEM. */
  readonly caFile: string | undefined;
}

/** The address as the operating system takes it, with the interface of a link-local one. */
export function hostOf(server: ExchangeServer): string {
  return server.interface === undefined ? server.address : `${server.address}%${server.interface}`;
}

export function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? "EIO";
}
