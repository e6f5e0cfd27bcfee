/** A server of clients that is loaded when the first of them comes. */

import type { Socket } from "node:net";

export interface ClientServer {
  /** Serves a connection until it ends. */
  accept(socket: Socket): void;
  /** Ends every connection. */
  close(): void;
}

export class LazyServer implements ClientServer {
  readonly #load: () => Promise<ClientServer>;
  readonly #onFault: (error: unknown) => void;
  #loading: Promise<ClientServer> | undefined;

  constructor(load: () => Promise<ClientServer>, onFault: (error: unknown) => void) {
    this.#load = load;
    this.#onFault = onFault;
  }

  accept(socket: Socket): void {
    // A client that breaks off meanwhile is no fault of anybody.
    socket.on("error", () => {});
    this.#loading ??= this.#load();
    this.#loading.then((server) => {
      if (!socket.destroyed) server.accept(socket);
    }, this.#onFault);
  }

  close(): void {
    this.#loading?.then((server) => server.close(), this.#onFault);
  }
}
