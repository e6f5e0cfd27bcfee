/**
 * TCP connections to one address of the stub: who may have one, how many, and for how long without a
 * query (RFC 7766 §6.2.3). Where there are too many, the one that has been idle for the longest makes
 * room.
 */

import { createServer, type Server, type Socket } from "node:net";
import { familyOf, type IpAddress } from "../../core/ip-address.ts";
import type { ClientCounts } from "./client-counts.ts";
import { IDLE_LOOK_INTERVAL, IDLE_TIMEOUT } from "./constants.ts";
import { hostOf, type Listening, type ListeningOptions } from "./listening.ts";
import type { StubQueries } from "./stub-queries.ts";
import { TcpConnection } from "./tcp-connection.ts";

/** Connections that the operating system holds ready for us. */
const ACCEPT_BACKLOG = 256;

export interface TcpListenerOptions extends ListeningOptions {
  /** Of all addresses together. */
  readonly counts: ClientCounts;
  /** Milliseconds; default `IDLE_TIMEOUT`. */
  readonly idleTimeout?: number | undefined;
}

export class TcpListener implements Listening {
  readonly #options: TcpListenerOptions;
  readonly #queries: StubQueries;
  readonly #server: Server;
  readonly #connections = new Set<TcpConnection>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(queries: StubQueries, options: TcpListenerOptions) {
    this.#queries = queries;
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket),
    );
  }

  /** Rejects with the operating system's error. */
  static async open(queries: StubQueries, options: TcpListenerOptions): Promise<TcpListener> {
    const listener = new TcpListener(queries, options);
    const server = listener.#server;
    const { place, descriptor } = options;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(
        descriptor === undefined
          ? {
              ...{ host: hostOf(place), port: place.port, backlog: ACCEPT_BACKLOG },
              ...{ exclusive: true, ipv6Only: familyOf(place.address) === "ipv6" },
            }
          : { fd: descriptor },
        () => {
          server.off("error", reject);
          server.on("error", options.onFailure);
          resolve();
        },
      );
    });
    return listener;
  }

  /** Ends every connection. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const { remoteAddress, remotePort } = socket;
    const address = remoteAddress?.split("%", 1)[0] as IpAddress | undefined;
    if (address === undefined || remotePort === undefined || !this.#admit(address)) {
      socket.destroy();
      return;
    }
    this.#queries.count("connections");
    const client = { address, port: remotePort };
    const connection = new TcpConnection(socket, client, this.#queries);
    this.#connections.add(connection);
    this.#timer ??= setInterval(() => this.#lookForIdle(), IDLE_LOOK_INTERVAL).unref();
    socket.once("close", () => {
      this.#connections.delete(connection);
      this.#options.counts.release(address);
    });
  }

  #admit(client: IpAddress): boolean {
    if (!this.#queries.isAllowed(client)) {
      this.#queries.count("refused-clients");
      return false;
    }
    if (this.#options.counts.admit(client)) return true;
    this.#queries.count("connections-over-limit");
    this.#longestIdle()?.close();
    return false;
  }

  #longestIdle(): TcpConnection | undefined {
    let longest: TcpConnection | undefined;
    for (const connection of this.#connections) {
      if (!connection.isIdle) continue;
      if (longest === undefined || connection.usedAt < longest.usedAt) longest = connection;
    }
    return longest;
  }

  /**
   * Where the process had to wait for the processor, queries wait in the sockets by now: the event
   * loop reads them between its timers and its immediates.
   */
  #lookForIdle(): void {
    setImmediate(() => this.#endIdle());
  }

  #endIdle(): void {
    const since = performance.now() - (this.#options.idleTimeout ?? IDLE_TIMEOUT);
    for (const connection of this.#connections) {
      if (connection.isIdle && connection.usedAt < since) connection.close();
    }
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
