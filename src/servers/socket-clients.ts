/** The clients that a Unix socket serves at one time: taken on, counted, and ended together. */

import type { Socket } from "node:net";
import { ClientLimits, type ClientLimitsOptions } from "./client-limits.ts";

export class SocketClients {
  readonly #limits: ClientLimits;
  readonly #sockets = new Set<Socket>();

  constructor(limits: ClientLimitsOptions) {
    this.#limits = new ClientLimits(limits);
  }

  get count(): number {
    return this.#limits.count;
  }

  /** False: one too many, and its connection is over. True: it is served until it ends. */
  take(socket: Socket): boolean {
    socket.on("error", () => socket.destroy());
    if (!this.#limits.admit(socket)) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    return true;
  }

  /** Ends every connection. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
