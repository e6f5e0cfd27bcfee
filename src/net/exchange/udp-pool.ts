/**
 * The ports from which one server is asked (RFC 5452 §9.2): a handful at a time, each given up after
 * some questions or some time, so that a port is new often and a socket need not be made for each
 * question. Two questions in a row never leave from the same port, so that a repeated one may take
 * another way to another instance of an anycast address.
 */

import type { Endpoint } from "../../core/datagram.ts";
import type { ExchangeId, ExchangeServer } from "../../core/exchange.ts";
import { SystemRandom } from "../system-random.ts";
import type { ChannelOptions, ServerChannel } from "./channel.ts";
import { PORT_AGE_MAX, PORT_USES_MAX, PORTS_IN_USE, PORTS_MAX } from "./constants.ts";
import { UdpPort } from "./udp-port.ts";

const random = new SystemRandom();

export class UdpPool implements ServerChannel {
  readonly #server: ExchangeServer;
  readonly #options: ChannelOptions;
  /** Those that take questions. */
  #ports: UdpPort[] = [];
  /** Those that only wait for what is under way. */
  readonly #givenUp = new Set<UdpPort>();
  readonly #portOf = new Map<ExchangeId, UdpPort>();
  #last: UdpPort | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(server: ExchangeServer, options: ChannelOptions) {
    this.#server = server;
    this.#options = options;
  }

  get size(): number {
    return this.#portOf.size;
  }

  ask(exchange: ExchangeId, octets: Uint8Array): void {
    const port = this.#choose(octets);
    if (port === undefined) {
      const event = { kind: "ended", exchange, code: "LIMIT" } as const;
      setImmediate(() => this.#options.tell(event));
      return;
    }
    this.#last = port;
    this.#portOf.set(exchange, port);
    port.ask(exchange, octets);
    if (port.uses >= PORT_USES_MAX) this.#giveUp(port);
    this.#planReview();
  }

  isAt(source: Endpoint): boolean {
    return [...this.#ports, ...this.#givenUp].some((port) => port.isAt(source));
  }

  forget(exchange: ExchangeId): void {
    this.#portOf.get(exchange)?.forget(exchange);
    this.#portOf.delete(exchange);
  }

  /** A connected socket keeps the address it was made with. */
  handleNetworkChange(): void {
    for (const port of [...this.#ports]) this.#giveUp(port);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const port of [...this.#ports, ...this.#givenUp]) port.close();
    this.#ports = [];
    this.#givenUp.clear();
    this.#portOf.clear();
  }

  #choose(octets: Uint8Array): UdpPort | undefined {
    const now = performance.now();
    for (const port of [...this.#ports]) {
      if (port.isClosed || now - port.openedAt > PORT_AGE_MAX) this.#giveUp(port);
    }
    const hasRoom = this.#ports.length + this.#givenUp.size < PORTS_MAX;
    if (hasRoom && this.#ports.length < PORTS_IN_USE) return this.#open();
    const free = this.#ports.filter((port) => port !== this.#last && !port.isTaken(octets));
    return free.length > 0
      ? free[random.integer(0, free.length - 1)]
      : hasRoom
        ? this.#open()
        : undefined;
  }

  #open(): UdpPort {
    const port = new UdpPort(this.#server, this.#options, (empty) => this.#handleEmpty(empty));
    this.#ports.push(port);
    return port;
  }

  #giveUp(port: UdpPort): void {
    this.#ports = this.#ports.filter((other) => other !== port);
    if (port.isClosed) return;
    if (port.size === 0) port.close();
    else this.#givenUp.add(port);
  }

  #handleEmpty(port: UdpPort): void {
    if (port.isClosed) this.#ports = this.#ports.filter((other) => other !== port);
    if (this.#givenUp.delete(port)) port.close();
  }

  /** Closes what has not been used for a while. */
  #planReview(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      for (const port of this.#ports) if (now - port.openedAt > PORT_AGE_MAX) this.#giveUp(port);
      if (this.#ports.length > 0) this.#planReview();
    }, PORT_AGE_MAX);
    this.#timer.unref();
  }
}
