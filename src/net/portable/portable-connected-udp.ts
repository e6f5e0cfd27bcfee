/** A UDP socket connected to one server (`exchange/connected-udp.ts`) on `node:dgram`. */

import { createSocket, type Socket } from "node:dgram";
import type { ExchangeServer } from "../../core/exchange.ts";
import { familyOf } from "../../core/ip-address.ts";
import { codeOf, hostOf } from "../exchange/channel.ts";
import type { ConnectedUdp, ConnectedUdpListeners } from "../exchange/connected-udp.ts";
import { asItIs } from "./as-it-is.ts";

export class PortableConnectedUdp implements ConnectedUdp {
  readonly #socket: Socket;
  readonly #listeners: ConnectedUdpListeners;
  #unsent: Uint8Array[] | undefined = [];
  #local: ConnectedUdp["local"];
  #isClosed = false;

  constructor(server: ExchangeServer, unref: boolean, listeners: ConnectedUdpListeners) {
    this.#listeners = listeners;
    const isIpv4 = familyOf(server.address) === "ipv4";
    this.#socket = createSocket({ type: isIpv4 ? "udp4" : "udp6", lookup: asItIs });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("message", (octets) => listeners.received(octets));
    if (unref) this.#socket.unref();
    this.#socket.connect(server.port, hostOf(server), (error?: Error) => {
      if (error !== undefined) this.#fail(error);
      else this.#sendUnsent();
    });
  }

  get local(): ConnectedUdp["local"] {
    return this.#local;
  }

  send(octets: Uint8Array): void {
    if (this.#unsent !== undefined) this.#unsent.push(octets);
    else this.#socket.send(octets, (error) => error !== null && this.#fail(error));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.removeAllListeners("message");
    this.#socket.close();
  }

  #sendUnsent(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    if (this.#isClosed) return;
    this.#local = this.#socket.address();
    for (const octets of unsent) this.send(octets);
  }

  #fail(error: Error): void {
    if (!this.#isClosed) this.#listeners.failed(codeOf(error));
  }
}
