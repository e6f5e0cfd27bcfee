/**
 * Where the control API is reached: listens from the start, and loads the API with its HTTP server
 * once somebody connects, which many a daemon never sees. Until then connections wait unread.
 */

import { createServer, type Server, type Socket } from "node:net";
import type { ControlServer } from "../servers/control/control-server.ts";
import { listenOnDescriptor, listenOnPath, type PathOptions } from "../servers/unix-listener.ts";

export interface ControlEndpointOptions extends PathOptions {
  /** A listening socket that was handed over, in the place of one at the path. */
  readonly descriptor: number | undefined;
  load(): Promise<ControlServer>;
  /** The API cannot be loaded. */
  readonly onFault: (error: unknown) => void;
}

export class ControlEndpoint {
  readonly #options: ControlEndpointOptions;
  readonly #listener: Server;
  #loading: Promise<ControlServer> | undefined;

  constructor(options: ControlEndpointOptions) {
    this.#options = options;
    this.#listener = createServer({ pauseOnConnect: true }, (socket) => this.#take(socket));
  }

  /** @throws DotlocalError IN_USE, NOT_PERMITTED or SYSTEM. */
  listen(): Promise<void> {
    const { descriptor } = this.#options;
    if (descriptor !== undefined) return listenOnDescriptor(this.#listener, descriptor);
    return listenOnPath(this.#listener, this.#options);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    await (await this.#loading)?.close();
    await closed;
  }

  #take(socket: Socket): void {
    this.#loading ??= this.#load();
    this.#loading.then((server) => server.accept(socket), this.#options.onFault);
  }

  async #load(): Promise<ControlServer> {
    const server = await this.#options.load();
    server.begin();
    return server;
  }
}
