/**
 * One TCP or TLS connection to a server with many questions under way: they are pipelined, and
 * answers come in any order (RFC 7766 §6.2.1.1, §7). Each has an id of its own on the connection.
 */

import type { Socket } from "node:net";
import type { Endpoint } from "../../core/datagram.ts";
import type { ExchangeId } from "../../core/exchange.ts";
import { SystemRandom } from "../system-random.ts";
import type { ChannelOptions } from "./channel.ts";
import { CONNECT_TIME_MAX, HEADER_SIZE, PIPELINE_MAX } from "./constants.ts";
import { FrameReader, frame } from "./frame-reader.ts";
import { failureCode } from "./secure-connection.ts";

const random = new SystemRandom();

interface Waiting {
  readonly exchange: ExchangeId;
  /** The id of the question as it was given to us. */
  readonly id: number;
}

export interface ConnectionOptions extends ChannelOptions {
  /** Where answers are said to come from. */
  readonly source: Endpoint;
  readonly idleMax: number;
  /** `secureConnect` for TLS. */
  readonly readyEvent: "connect" | "secureConnect";
  readonly onClosed: (connection: StreamConnection) => void;
}

export class StreamConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader = new FrameReader();
  readonly #waiting = new Map<number, Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isReady = false;
  #isClosed = false;
  /** Takes no more questions. */
  isGivenUp = false;

  /** `socket` is connecting already. */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    if (options.unref) socket.unref();
    socket.once(options.readyEvent, () => {
      this.#isReady = true;
      this.#watch();
    });
    socket.on("data", (octets: Buffer) => this.#receive(octets));
    socket.on("error", (error) => this.#fail(failureCode(error)));
    socket.on("close", () => this.#fail("CLOSED"));
    this.#watch();
  }

  get size(): number {
    return this.#waiting.size;
  }

  get takesMore(): boolean {
    return !this.isGivenUp && !this.#isClosed && this.#waiting.size < PIPELINE_MAX;
  }

  ask(exchange: ExchangeId, octets: Uint8Array): void {
    const id = (octets[0]! << 8) | octets[1]!;
    const own = this.#freeId(id);
    const framed = frame(octets);
    framed.writeUInt16BE(own, 2);
    this.#waiting.set(own, { exchange, id });
    this.#socket.write(framed);
    this.#watch();
  }

  forget(exchange: ExchangeId): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.exchange === exchange) this.#waiting.delete(id);
    }
    this.#closeIfDone();
  }

  /** What is under way is still waited for. */
  giveUp(): void {
    this.isGivenUp = true;
    this.#closeIfDone();
  }

  /** Ends it with what is under way, which is told with `code`. */
  #fail(code: string): void {
    if (this.#isClosed) return;
    const ended = [...this.#waiting.values()];
    this.close();
    for (const { exchange } of ended) this.#options.tell({ kind: "ended", exchange, code });
  }

  /** Ends it as if the server had; what is under way is told. */
  abandon(): void {
    this.#fail("CLOSED");
  }

  /** Ends it and tells nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#options.onClosed(this);
  }

  #closeIfDone(): void {
    if (this.#waiting.size > 0) return;
    if (this.isGivenUp) this.close();
    else this.#watch();
  }

  #receive(octets: Buffer): void {
    for (const message of this.#reader.read(octets)) {
      if (this.#isClosed) return;
      this.#deliver(message);
    }
  }

  #deliver(message: Buffer): void {
    if (message.length < HEADER_SIZE) {
      this.#fail("PROTOCOL");
      return;
    }
    const own = message.readUInt16BE(0);
    const waiting = this.#waiting.get(own);
    if (waiting === undefined) return;
    message.writeUInt16BE(waiting.id, 0);
    const { exchange } = waiting;
    const { tell, source } = this.#options;
    tell({ kind: "received", exchange, octets: message, source, age: 0 });
  }

  /** The id itself where it is free on this connection. */
  #freeId(id: number): number {
    let free = id;
    while (this.#waiting.has(free)) free = random.integer(0, 0xffff);
    return free;
  }

  /** Until it stands there is a time to connect, and then one to be idle. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || (this.#isReady && this.#waiting.size > 0)) return;
    const wait = this.#isReady ? this.#options.idleMax : CONNECT_TIME_MAX;
    this.#timer = setTimeout(() => this.#fail("ETIMEDOUT"), wait);
    this.#timer.unref();
  }
}
