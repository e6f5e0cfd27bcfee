/**
 * The sockets of exchanges (`core/exchange.ts`): a UDP socket or a TCP connection each, opened, used
 * and closed as an engine's commands say, and the connections that other hosts make to us.
 *
 * With koffi the sockets are kept to their link and TCP to its hop limit; without it they are bound to
 * an own address of the link, which comes to the same but for the hop limit.
 */

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, Socket } from "node:net";
import type { Endpoint } from "../core/datagram.ts";
import type { ExchangeCommand, ExchangeEvent, ExchangeId, ExchangeSpec } from "../core/exchange.ts";
import { familyOf, type IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { HOP_LIMIT, LLMNR_PORT } from "./constants.ts";
import { ExchangeListener } from "./exchange-listener.ts";
import { MessageStream } from "./message-stream.ts";
import { openTcpConnection, openUdpExchange } from "./native/exchange-descriptor.ts";
import { libc } from "./native/libc.ts";
import { numericLookup, scopeOf, withScope } from "./portable/portable-socket.ts";

export interface ExchangeListeners {
  /** `octets` of a message are valid only during the call. */
  exchange(event: ExchangeEvent): void;
}

export interface ExchangesOptions {
  /** Asked whenever the links change: whether connections of other hosts are taken. */
  readonly listens?: () => boolean;
  /** A port at an own address cannot be listened at; UDP goes on. Told anew with every try. */
  readonly onListenFailure?: (link: Link, address: IpAddress, error: Error) => void;
  /** The sockets alone do not keep the process alive. Default false. */
  readonly unref?: boolean;
}

/** What an exchange is once it is open. */
interface OpenExchange {
  send(octets: Uint8Array): void;
  close(): void;
}

/** Connections of other hosts that are taken at once; an engine bounds them far below. */
const CONNECTIONS_MAX = 256;

export class Exchanges {
  readonly #options: ExchangesOptions;
  readonly #listeners: ExchangeListeners;
  readonly #listener: ExchangeListener;
  readonly #open = new Map<ExchangeId, OpenExchange>();
  readonly #links = new Map<LinkId, Link>();
  #accepted = 0;
  #isClosed = false;

  constructor(options: ExchangesOptions, listeners: ExchangeListeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#listener = new ExchangeListener({
      port: LLMNR_PORT,
      unref: options.unref ?? false,
      onConnection: (link, peer, socket) => this.#accept(link, peer, socket),
      onFailure: (link, address, error) => options.onListenFailure?.(link, address, error),
    });
  }

  reconcile(links: readonly Link[]): void {
    if (this.#isClosed) return;
    this.#links.clear();
    for (const link of links) this.#links.set(link.id, link);
    this.#listener.reconcile(this.#options.listens?.() === true ? links : []);
  }

  handleCommand(command: ExchangeCommand): void {
    const { exchange } = command;
    switch (command.kind) {
      case "open":
        this.#tryOpen(exchange, command.spec);
        break;
      case "send":
        this.#open.get(exchange)?.send(command.octets);
        break;
      case "close":
        this.#open.get(exchange)?.close();
        this.#open.delete(exchange);
        break;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const exchange of this.#open.values()) exchange.close();
    this.#open.clear();
  }

  /** What fails is told in a turn of its own: an engine is never called from within its own drain. */
  #tryOpen(exchange: ExchangeId, spec: ExchangeSpec): void {
    const link = this.#links.get(spec.link);
    try {
      if (link === undefined) throw Object.assign(new Error("no such link"), { code: "ENODEV" });
      const opened = spec.transport === "udp" ? this.#openUdp : this.#openTcp;
      this.#open.set(exchange, opened.call(this, exchange, link, spec));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      setImmediate(() => this.#end(exchange, code));
    }
  }

  #openUdp(exchange: ExchangeId, link: Link, spec: ExchangeSpec): OpenExchange {
    const socket = openUdpSocket(link, spec);
    socket.on("error", (error: NodeJS.ErrnoException) => this.#end(exchange, error.code));
    socket.on("message", (octets, sender) => {
      const address = sender.address.split("%", 1)[0] as IpAddress;
      this.#tell({ kind: "received", exchange, octets, source: { address, port: sender.port } });
    });
    if (this.#options.unref === true) socket.unref();
    const { address, port } = spec.destination;
    const host = withScope(address, link);
    let isOpen = true;
    return {
      // A query that cannot be sent is one that is not answered.
      send: (octets) => socket.send(octets.slice(), port, host, () => {}),
      close: () => {
        if (isOpen) socket.close();
        isOpen = false;
      },
    };
  }

  #openTcp(exchange: ExchangeId, link: Link, spec: ExchangeSpec): OpenExchange {
    const socket = openTcpSocket(link, spec);
    if (this.#options.unref === true) socket.unref();
    return this.#stream(exchange, socket, spec.destination);
  }

  #accept(link: Link, peer: Endpoint, socket: Socket): void {
    if (this.#isClosed || this.#open.size >= CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    const exchange = -++this.#accepted as ExchangeId;
    this.#open.set(exchange, this.#stream(exchange, socket, peer));
    this.#tell({ kind: "accepted", exchange, channel: "llmnr", link: link.id, peer });
  }

  #stream(exchange: ExchangeId, socket: Socket, peer: Endpoint): MessageStream {
    return new MessageStream(socket, {
      message: (octets) => this.#tell({ kind: "received", exchange, octets, source: peer }),
      ended: (code) => this.#end(exchange, code),
    });
  }

  #end(exchange: ExchangeId, code: string | undefined): void {
    this.#open.get(exchange)?.close();
    this.#open.delete(exchange);
    this.#tell({ kind: "ended", exchange, code });
  }

  #tell(event: ExchangeEvent): void {
    if (!this.#isClosed) this.#listeners.exchange(event);
  }
}

function openUdpSocket(link: Link, { from, destination }: ExchangeSpec): UdpSocket {
  const family = familyOf(destination.address);
  const type = family === "ipv4" ? "udp4" : "udp6";
  const socket = createSocket({
    type,
    ipv6Only: family === "ipv6",
    lookup: numericLookup as never,
  });
  const native = libc();
  if (native !== undefined && from !== undefined) {
    socket.bind({ fd: openUdpExchange(native, link, from), exclusive: true });
    return socket;
  }
  const address = from === undefined ? {} : { address: withScope(from, link) };
  socket.bind({ port: 0, exclusive: true, ...address });
  socket.setMulticastInterface(family === "ipv4" ? (from ?? "0.0.0.0") : `::%${scopeOf(link)}`);
  socket.setMulticastTTL(HOP_LIMIT);
  return socket;
}

function openTcpSocket(link: Link, { from, destination, hopLimit }: ExchangeSpec): Socket {
  const native = libc();
  if (native !== undefined) {
    const fd = openTcpConnection(native, link, destination, from, hopLimit);
    return new Socket({ fd, readable: true, writable: true });
  }
  const localAddress = from === undefined ? {} : { localAddress: withScope(from, link) };
  const { address, port } = destination;
  return connect({ host: withScope(address, link), port, ...localAddress });
}
