/**
 * Listens for TCP connections at each own address of the links (RFC 4795 §2.3), with a TTL or hop
 * limit of one where the system lets us set it (§2.5). A port that another process holds is tried
 * again from time to time.
 */

import { createServer, type Server, type Socket } from "node:net";
import type { Endpoint } from "../core/datagram.ts";
import type { IpAddress } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { openTcpListener } from "./native/exchange-descriptor.ts";
import { libc } from "./native/libc.ts";
import { withScope } from "./portable/portable-socket.ts";

/** RFC 4795 §2.5. */
const HOP_LIMIT = 1;

/** Milliseconds until a port that could not be had is tried again. */
const RETRY_INTERVAL = 30_000;

export interface ListenerOptions {
  readonly port: number;
  readonly unref: boolean;
  readonly onConnection: (link: Link, peer: Endpoint, socket: Socket) => void;
  readonly onFailure: (link: Link, address: IpAddress, error: NodeJS.ErrnoException) => void;
}

interface Place {
  readonly link: Link;
  readonly address: IpAddress;
}

export class ExchangeListener {
  readonly #options: ListenerOptions;
  readonly #servers = new Map<string, Server>();
  #places = new Map<string, Place>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens at every address of these links and at no others. */
  reconcile(links: readonly Link[]): void {
    this.#places = new Map();
    for (const link of links) {
      if (link.loopback) continue;
      for (const { address } of link.addresses) {
        this.#places.set(`${link.id} ${address}`, { link, address });
      }
    }
    for (const [key, server] of this.#servers) {
      if (this.#places.has(key)) continue;
      this.#servers.delete(key);
      server.close();
    }
    this.#listenWhereMissing();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.reconcile([]);
  }

  #listenWhereMissing(): void {
    for (const [key, place] of this.#places) {
      if (!this.#servers.has(key)) this.#listen(key, place);
    }
  }

  #listen(key: string, { link, address }: Place): void {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(key, socket));
    this.#servers.set(key, server);
    server.on("error", (error) => this.#fail(key, server, error));
    try {
      server.listen({ ...this.#where(link, address), exclusive: true });
      if (this.#options.unref) server.unref();
    } catch (error) {
      this.#fail(key, server, error as NodeJS.ErrnoException);
    }
  }

  #where(link: Link, address: IpAddress): { fd: number } | { host: string; port: number } {
    const { port } = this.#options;
    const native = libc();
    if (native !== undefined) {
      return { fd: openTcpListener(native, link, { address, port }, HOP_LIMIT) };
    }
    return { host: withScope(address, link), port };
  }

  #accept(key: string, socket: Socket): void {
    const place = this.#places.get(key);
    const { remoteAddress, remotePort } = socket;
    if (place === undefined || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    const address = remoteAddress.split("%", 1)[0] as IpAddress;
    this.#options.onConnection(place.link, { address, port: remotePort }, socket);
  }

  #fail(key: string, server: Server, error: NodeJS.ErrnoException): void {
    if (this.#servers.get(key) !== server) return;
    this.#servers.delete(key);
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#options.onFailure(place.link, place.address, error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#listenWhereMissing(), RETRY_INTERVAL);
    this.#timer.unref();
  }
}
