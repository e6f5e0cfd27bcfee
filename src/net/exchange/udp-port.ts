/**
 * One UDP socket on a random port, connected to one server: the kernel lets nobody else in, and tells
 * when nobody listens there.
 *
 * The operating system chooses the port, at random from its own range, which leaves reserved ports
 * alone (RFC 5452 §9.2).
 */

import { createSocket, type Socket } from "node:dgram";
import type { Endpoint } from "../../core/datagram.ts";
import type { ExchangeId, ExchangeServer } from "../../core/exchange.ts";
import { familyOf, parseIpAddress } from "../../core/ip-address.ts";
import { type ChannelOptions, codeOf, hostOf } from "./channel.ts";
import { HEADER_SIZE } from "./constants.ts";

export class UdpPort {
  readonly openedAt = performance.now();
  /** Questions that were sent from it. */
  uses = 0;
  usedAt = this.openedAt;
  readonly #socket: Socket;
  readonly #options: ChannelOptions;
  readonly #onEmpty: (port: UdpPort) => void;
  /** Of the questions under way, by message id. */
  readonly #waiting = new Map<number, ExchangeId>();
  #unsent: (() => void)[] | undefined = [];
  /** Its own address and port, once it is connected. */
  #local: { readonly address: string; readonly port: number } | undefined;
  #isClosed = false;

  /** `onEmpty` is told when nothing is under way any more, or it has failed. */
  constructor(server: ExchangeServer, options: ChannelOptions, onEmpty: (port: UdpPort) => void) {
    this.#options = options;
    this.#onEmpty = onEmpty;
    const isIpv4 = familyOf(server.address) === "ipv4";
    this.#socket = createSocket({ type: isIpv4 ? "udp4" : "udp6", lookup: asItIs });
    this.#socket.on("error", (error) => this.#fail(codeOf(error)));
    this.#socket.on("message", (octets, { address, port }) => this.#receive(octets, address, port));
    if (options.unref) this.#socket.unref();
    this.#socket.connect(server.port, hostOf(server), (error?: Error) => {
      if (error !== undefined) this.#fail(codeOf(error));
      else this.#sendUnsent();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Whether its packets come from there. */
  isAt({ address, port }: Endpoint): boolean {
    return this.#local?.port === port && this.#local.address === address;
  }

  /** Whether a question with that id is under way: its replies could not be told apart. */
  isTaken(octets: Uint8Array): boolean {
    return this.#waiting.has(idOf(octets));
  }

  ask(exchange: ExchangeId, octets: Uint8Array): void {
    this.#waiting.set(idOf(octets), exchange);
    this.uses++;
    this.usedAt = performance.now();
    const send = () => this.#socket.send(octets, (error) => this.#handleSent(error, exchange));
    if (this.#unsent === undefined) send();
    else this.#unsent.push(send);
  }

  forget(exchange: ExchangeId): void {
    for (const [id, waiting] of this.#waiting) if (waiting === exchange) this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#onEmpty(this);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.clear();
    this.#socket.close();
  }

  #sendUnsent(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    if (this.#isClosed) return;
    this.#local = this.#socket.address();
    for (const send of unsent) send();
  }

  #handleSent(error: Error | null, exchange: ExchangeId): void {
    if (error === null || this.#isClosed) return;
    for (const [id, waiting] of this.#waiting) {
      if (waiting !== exchange) continue;
      this.#waiting.delete(id);
      this.#options.tell({ kind: "ended", exchange, code: codeOf(error) });
    }
  }

  #receive(octets: Uint8Array, host: string, port: number): void {
    if (octets.length < HEADER_SIZE) return;
    const exchange = this.#waiting.get(idOf(octets));
    const address = parseIpAddress(host);
    if (exchange === undefined || address === undefined) return;
    this.#options.tell({ kind: "received", exchange, octets, source: { address, port }, age: 0 });
  }

  #fail(code: string): void {
    if (this.#isClosed) return;
    const ended = [...this.#waiting.values()];
    this.close();
    for (const exchange of ended) this.#options.tell({ kind: "ended", exchange, code });
    this.#onEmpty(this);
  }
}

function idOf(octets: Uint8Array): number {
  return (octets[0]! << 8) | octets[1]!;
}

/** Addresses are no names: they need no look-up. */
function asItIs(
  host: string,
  options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, host, typeof options === "number" ? options : host.includes(":") ? 6 : 4);
}
