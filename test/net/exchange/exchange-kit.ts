/** The exchange sockets with their events awaited, and small servers on loopback. */

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { ExchangeId, ExchangeServer, ServerEvent } from "../../../src/core/exchange.ts";
import type { IpAddress } from "../../../src/core/ip-address.ts";
import {
  ServerExchanges,
  type ServerExchangesOptions,
} from "../../../src/net/exchange/server-exchanges.ts";

/** An event with its octets copied. */
export type Told = ServerEvent;

export class Client {
  readonly exchanges: ServerExchanges;
  readonly told: Told[] = [];
  #lastId = 0;
  #watchers: (() => void)[] = [];

  constructor(options: Partial<ServerExchangesOptions> = {}) {
    this.exchanges = new ServerExchanges({
      onEvent: (event) => {
        this.told.push(
          event.kind === "received" ? { ...event, octets: Uint8Array.from(event.octets) } : event,
        );
        for (const watch of this.#watchers.splice(0)) watch();
      },
      ...options,
    });
  }

  ask(server: ExchangeServer, octets: Uint8Array, onFreshConnection = false): ExchangeId {
    const exchange = ++this.#lastId as ExchangeId;
    this.exchanges.take({ kind: "ask", exchange, server, octets, onFreshConnection });
    return exchange;
  }

  /** Closes the exchange, as the engine does once it has its answer. */
  finish(exchange: ExchangeId): void {
    this.exchanges.take({ kind: "close", exchange });
  }

  /** The first event of an exchange; waits for it. */
  async event(exchange: ExchangeId): Promise<Told> {
    for (;;) {
      const found = this.told.find((event) => event.exchange === exchange);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Asks and tells what came: the octets behind the header as text, or `ended: CODE`. */
  async exchange(server: ExchangeServer, octets: Uint8Array): Promise<string> {
    const exchange = this.ask(server, octets);
    const event = await this.event(exchange);
    this.finish(exchange);
    return shown(event);
  }

  close(): void {
    this.exchanges.close();
  }
}

export function shown(event: Told): string {
  if (event.kind === "ended") return `ended: ${event.code}`;
  return Buffer.from(event.octets.subarray(12)).toString("latin1");
}

/** A message of which the sockets only care for the id. */
export function message(id: number, text = ""): Buffer {
  const octets = Buffer.alloc(12 + text.length);
  octets.writeUInt16BE(id, 0);
  octets.write(text, 12, "latin1");
  return octets;
}

export function target(
  transport: ExchangeServer["transport"],
  port: number,
  parts: Partial<ExchangeServer> = {},
): ExchangeServer {
  return {
    transport,
    address: "127.0.0.1" as IpAddress,
    port,
    interface: undefined,
    serverName: undefined,
    path: undefined,
    ...parts,
  };
}

export async function serveUdp(
  answer: (octets: Buffer, source: RemoteInfo, socket: UdpSocket) => void,
): Promise<{ readonly port: number; readonly socket: UdpSocket }> {
  const socket = createSocket("udp4");
  socket.on("message", (octets, source) => answer(octets, source, socket));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { port: socket.address().port, socket };
}

/** Calls `answer` with every message of every connection. */
export async function serveTcp(
  answer: (octets: Buffer, socket: Socket) => void,
  server: Server = createServer(),
  event = "connection",
): Promise<{ readonly port: number; readonly server: Server; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  server.on(event, (socket: Socket) => {
    sockets.push(socket);
    let rest = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (octets: Buffer) => {
      rest = Buffer.concat([rest, octets]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        answer(Buffer.from(rest.subarray(2, end)), socket);
        rest = rest.subarray(end);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, server, sockets };
}

export function framed(octets: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(octets.length);
  return Buffer.concat([length, octets]);
}
