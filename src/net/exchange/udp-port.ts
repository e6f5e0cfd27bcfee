/** One port from which a server is asked by UDP, and the questions under way from there. */

import type { Endpoint } from "../../core/datagram.ts";
import type { ExchangeId, ExchangeServer } from "../../core/exchange.ts";
import type { ChannelOptions } from "./channel.ts";
import { type ConnectedUdp, openConnectedUdp } from "./connected-udp.ts";
import { HEADER_SIZE } from "./constants.ts";

export class UdpPort {
  readonly openedAt = performance.now();
  /** Questions that were sent from it. */
  uses = 0;
  readonly #source: Endpoint;
  readonly #socket: ConnectedUdp;
  readonly #options: ChannelOptions;
  readonly #onEmpty: (port: UdpPort) => void;
  /** Of the questions under way, by message id. */
  readonly #waiting = new Map<number, ExchangeId>();
  #isClosed = false;

  /** `onEmpty` is told when nothing is under way any more, or it has failed. */
  constructor(server: ExchangeServer, options: ChannelOptions, onEmpty: (port: UdpPort) => void) {
    this.#source = { address: server.address, port: server.port };
    this.#options = options;
    this.#onEmpty = onEmpty;
    this.#socket = openConnectedUdp(server, options.unref, {
      received: (octets) => this.#receive(octets),
      failed: (code) => this.#fail(code),
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
    const { local } = this.#socket;
    return local?.port === port && local.address === address;
  }

  /** Whether a question with that id is under way: its replies could not be told apart. */
  isTaken(octets: Uint8Array): boolean {
    return this.#waiting.has(idOf(octets));
  }

  ask(exchange: ExchangeId, octets: Uint8Array): void {
    this.#waiting.set(idOf(octets), exchange);
    this.uses++;
    this.#socket.send(octets);
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

  #receive(octets: Uint8Array): void {
    if (octets.length < HEADER_SIZE) return;
    const exchange = this.#waiting.get(idOf(octets));
    if (exchange === undefined) return;
    this.#options.tell({ kind: "received", exchange, octets, source: this.#source, age: 0 });
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
