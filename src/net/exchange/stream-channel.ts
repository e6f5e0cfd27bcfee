/**
 * The TCP or TLS connections to one server (RFC 7766 §6.2): as few as take all questions, kept while
 * they are used.
 */

import { connect, type Socket } from "node:net";
import type { ExchangeId, ExchangeServer } from "../../core/exchange.ts";
import { type ChannelOptions, hostOf, type ServerChannel } from "./channel.ts";
import { CONNECTIONS_MAX, TCP_IDLE_MAX, TLS_IDLE_MAX } from "./constants.ts";
import { connectSecurely, type TrustedAuthorities } from "./secure-connection.ts";
import { StreamConnection } from "./stream-connection.ts";

export class StreamChannel implements ServerChannel {
  readonly #server: ExchangeServer;
  readonly #options: ChannelOptions;
  readonly #authorities: TrustedAuthorities;
  readonly #connections = new Set<StreamConnection>();
  readonly #connectionOf = new Map<ExchangeId, StreamConnection>();
  /** Resumes TLS without a whole handshake (RFC 7858 §3.4). */
  #session: Buffer | undefined;

  constructor(server: ExchangeServer, options: ChannelOptions, authorities: TrustedAuthorities) {
    this.#server = server;
    this.#options = options;
    this.#authorities = authorities;
  }

  get size(): number {
    return this.#connectionOf.size;
  }

  ask(exchange: ExchangeId, octets: Uint8Array, onFreshConnection: boolean): void {
    if (onFreshConnection) for (const connection of [...this.#connections]) connection.giveUp();
    const connection = this.#choose();
    if (connection === undefined) {
      setImmediate(() => this.#options.tell({ kind: "ended", exchange, code: "LIMIT" }));
      return;
    }
    this.#connectionOf.set(exchange, connection);
    connection.ask(exchange, octets);
  }

  forget(exchange: ExchangeId): void {
    this.#connectionOf.get(exchange)?.forget(exchange);
    this.#connectionOf.delete(exchange);
  }

  handleNetworkChange(): void {
    for (const connection of [...this.#connections]) connection.abandon();
  }

  close(): void {
    for (const connection of [...this.#connections]) connection.close();
    this.#connectionOf.clear();
  }

  /** One that takes more, or another; where too many wait on given up ones the oldest of them goes. */
  #choose(): StreamConnection | undefined {
    for (const connection of this.#connections) if (connection.takesMore) return connection;
    if (this.#connections.size >= CONNECTIONS_MAX) {
      const oldest = [...this.#connections].find(({ isGivenUp }) => isGivenUp);
      if (oldest === undefined) return undefined;
      oldest.abandon();
    }
    return this.#open();
  }

  #open(): StreamConnection {
    const isSecure = this.#server.transport === "tls";
    const { address, port } = this.#server;
    const connection = new StreamConnection(isSecure ? this.#connectTls() : this.#connectTcp(), {
      ...this.#options,
      source: { address, port },
      idleMax: isSecure ? TLS_IDLE_MAX : TCP_IDLE_MAX,
      readyEvent: isSecure ? "secureConnect" : "connect",
      onClosed: (closed) => this.#connections.delete(closed),
    });
    this.#connections.add(connection);
    return connection;
  }

  #connectTcp(): Socket {
    return connect({ host: hostOf(this.#server), port: this.#server.port });
  }

  #connectTls(): Socket {
    const resumed = this.#session === undefined ? {} : { session: this.#session };
    const socket = connectSecurely(this.#server, this.#authorities, {
      ALPNProtocols: ["dot"],
      ...resumed,
    });
    socket.on("session", (session) => {
      this.#session = session;
    });
    socket.on("error", () => {
      this.#session = undefined;
    });
    return socket;
  }
}
