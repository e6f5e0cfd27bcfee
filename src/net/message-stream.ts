/**
 * DNS messages on a TCP connection, each with its length before it (RFC 1035 §4.2.2).
 *
 * What a peer can make us keep is bounded: one message on the way in, and `BACKLOG_MAX` octets on the
 * way out, beyond which a peer that does not read loses its connection.
 */

import type { Socket } from "node:net";

/** Octets that wait to be sent. */
const BACKLOG_MAX = 256 * 1024;

const LENGTH_SIZE = 2;

export interface MessageStreamListeners {
  /** `octets` is valid only during the call. */
  message(octets: Uint8Array): void;
  /** The connection is over without having been closed by us; called once. */
  ended(code: string | undefined): void;
}

export class MessageStream {
  readonly #socket: Socket;
  readonly #listeners: MessageStreamListeners;
  #unread: Buffer = Buffer.alloc(0);
  #state: "open" | "closing" | "over" = "open";

  constructor(socket: Socket, listeners: MessageStreamListeners) {
    this.#socket = socket;
    this.#listeners = listeners;
    socket.setNoDelay(true);
    let code: string | undefined;
    socket.on("data", (octets: Buffer) => this.#read(octets));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    socket.on("close", () => this.#end(code));
  }

  send(octets: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#socket.writableLength > BACKLOG_MAX) {
      this.#socket.destroy();
      return;
    }
    const framed = Buffer.allocUnsafe(LENGTH_SIZE + octets.length);
    framed.writeUInt16BE(octets.length, 0);
    framed.set(octets, LENGTH_SIZE);
    this.#socket.write(framed);
  }

  /** What was sent still goes out, unless the peer does not take it. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    if (this.#socket.writableLength === 0) this.#socket.end(() => this.#socket.destroy());
    else this.#socket.end();
    this.#socket.setTimeout(CLOSE_WAIT, () => this.#socket.destroy());
  }

  #read(octets: Buffer): void {
    if (this.#state !== "open") return;
    let unread = this.#unread.length === 0 ? octets : Buffer.concat([this.#unread, octets]);
    while (this.#state === "open" && unread.length >= LENGTH_SIZE) {
      const end = LENGTH_SIZE + unread.readUInt16BE(0);
      if (unread.length < end) break;
      this.#listeners.message(unread.subarray(LENGTH_SIZE, end));
      unread = unread.subarray(end);
    }
    this.#unread = Buffer.from(unread);
  }

  #end(code: string | undefined): void {
    const wasOpen = this.#state === "open";
    this.#state = "over";
    this.#unread = Buffer.alloc(0);
    if (wasOpen) this.#listeners.ended(code);
  }
}

/** Milliseconds until a connection that we have closed is given up. */
const CLOSE_WAIT = 2_000;
