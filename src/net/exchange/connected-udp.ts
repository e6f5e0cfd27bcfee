/**
 * One UDP socket on a random port, connected to one server: the kernel lets nobody else in, and tells
 * when nobody listens there. Native where that can be had, as a socket of `node:dgram` takes most of
 * the time of a question and its answer.
 *
 * The operating system chooses the port, at random from its own range, which leaves reserved ports
 * alone (RFC 5452 §9.2).
 */

import type { ExchangeServer } from "../../core/exchange.ts";
import { libc } from "../native/libc.ts";
import { NativeConnectedUdp } from "../native/native-connected-udp.ts";
import { PortableConnectedUdp } from "../portable/portable-connected-udp.ts";

export interface ConnectedUdp {
  /** Its own address and port, once it is connected. */
  readonly local: { readonly address: string; readonly port: number } | undefined;
  /** Before it is connected too. What comes of it is told later, never from within. */
  send(octets: Uint8Array): void;
  /** Nothing more is told. */
  close(): void;
}

export interface ConnectedUdpListeners {
  /** `octets` of a datagram are valid only during the call. */
  received(octets: Uint8Array): void;
  /** It is of no use any more, with the operating system's code. */
  failed(code: string): void;
}

export function openConnectedUdp(
  server: ExchangeServer,
  unref: boolean,
  listeners: ConnectedUdpListeners,
): ConnectedUdp {
  const native = libc();
  // Of an interface only its name is known.
  if (native === undefined || server.interface !== undefined) {
    return new PortableConnectedUdp(server, unref, listeners);
  }
  return new NativeConnectedUdp(native, server, unref, listeners);
}
