/**
 * Exchanges of simulated processes: UDP sockets on ports of their own, and TCP connections between
 * hosts of a link.
 *
 * A connection loses nothing and keeps the order; it takes one delay of the link to be made and one a
 * message. Nobody at the address means silence, nobody at the port a refusal. Who hears whom is looked
 * at when a connection is made and with every message.
 */

import type { Endpoint } from "../core/datagram.ts";
import type { ExchangeCommand, ExchangeEvent, ExchangeId, ExchangeSpec } from "../core/exchange.ts";
import { familyOf } from "../core/ip-address.ts";
import { after, type Duration, type Instant, milliseconds, seconds } from "../core/time.ts";
import { EPHEMERAL_PORT_FIRST, GROUP_ADDRESSES, LLMNR_PORT } from "./constants.ts";
import type { Packet } from "./packet.ts";
import type { Interface, Process, SimulatedHost } from "./simulated-host.ts";

/** How long a connection to nobody is tried. */
const CONNECT_TIMEOUT = seconds(3);

/** What the network does for exchanges. */
export interface ExchangeMedium {
  readonly now: Instant;
  schedule(at: Instant, occurrence: () => void): void;
  /** Gives the process's engine the event and drains it. */
  handOver(process: Process, event: ExchangeEvent): void;
  sendUdp(
    process: Process,
    from: Interface,
    source: Endpoint,
    destination: "group" | Endpoint,
    octets: Uint8Array,
  ): void;
  /** Shows a message of a connection to the observers. */
  showTcp(
    sender: string,
    from: Interface,
    source: Endpoint,
    destination: Endpoint,
    octets: Uint8Array,
  ): Packet;
  showTcpReceived(packet: Packet, receiver: Interface): void;
}

/** One side of a connection. */
export interface ConnectionEnd {
  readonly name: string;
  readonly at: Interface;
  readonly endpoint: Endpoint;
  /** A message has come. */
  receive(octets: Uint8Array, source: Endpoint): void;
  /** The other side has closed, or there is none. */
  end(code: string | undefined): void;
}

/** Takes connections at a host that runs no engine. */
export type Acceptor = (peer: Connection) => ConnectionEnd | undefined;

export class Connection {
  readonly client: ConnectionEnd;
  server: ConnectionEnd | undefined;
  state: "opening" | "open" | "closed" = "opening";
  readonly waiting: Uint8Array[] = [];

  constructor(client: ConnectionEnd) {
    this.client = client;
  }

  /** Closed, perhaps as soon as it was accepted. */
  get isOver(): boolean {
    return this.state === "closed";
  }

  otherEnd(end: ConnectionEnd): ConnectionEnd | undefined {
    return end === this.client ? this.server : this.client;
  }
}

type Socket =
  | { readonly kind: "udp"; readonly spec: ExchangeSpec; readonly port: number }
  | { readonly kind: "tcp"; readonly connection: Connection; readonly end: ConnectionEnd };

export class SimulatedExchanges {
  readonly #medium: ExchangeMedium;
  readonly #sockets = new Map<Process, Map<ExchangeId, Socket>>();
  readonly #acceptors = new Map<SimulatedHost, Acceptor>();
  #lastPort = EPHEMERAL_PORT_FIRST;
  #accepted = 0;

  constructor(medium: ExchangeMedium) {
    this.#medium = medium;
  }

  /** The host takes connections although no engine runs on it. */
  listen(host: SimulatedHost, acceptor: Acceptor): void {
    this.#acceptors.set(host, acceptor);
  }

  handleCommand(process: Process, command: ExchangeCommand): void {
    const sockets = this.#socketsOf(process);
    const { exchange } = command;
    switch (command.kind) {
      case "open":
        this.#open(process, exchange, command.spec);
        break;
      case "send":
        this.#send(process, sockets.get(exchange), command.octets.slice());
        break;
      case "close": {
        const socket = sockets.get(exchange);
        sockets.delete(exchange);
        if (socket?.kind === "tcp") this.close(socket.connection, socket.end);
        break;
      }
    }
  }

  /** Whether a unicast packet is for an exchange of one of the host's processes. */
  deliver(packet: Packet, host: SimulatedHost): boolean {
    for (const process of host.processes) {
      for (const [exchange, socket] of this.#sockets.get(process) ?? []) {
        if (socket.kind !== "udp" || socket.port !== packet.destination.port) continue;
        const { octets, source } = packet;
        this.#medium.handOver(process, { kind: "received", exchange, octets, source });
        return true;
      }
    }
    return false;
  }

  /** The process is gone with its sockets. */
  forget(process: Process): void {
    const sockets = this.#sockets.get(process) ?? new Map<ExchangeId, Socket>();
    this.#sockets.delete(process);
    for (const socket of sockets.values()) {
      if (socket.kind === "tcp") this.close(socket.connection, socket.end);
    }
  }

  /** Makes a connection from an interface. */
  connect(client: ConnectionEnd, destination: Endpoint): Connection {
    const connection = new Connection(client);
    const { link } = client.at;
    const there = link.interfaces.find(
      (own) => own.has(destination.address) && own.carrier === "up" && link.hears(client.at, own),
    );
    if (there === undefined || there.host.state === "asleep") {
      this.#later(CONNECT_TIMEOUT, () => this.#fail(connection, "ETIMEDOUT"));
      return connection;
    }
    this.#later(this.#delayOf(client.at), () => {
      if (connection.state === "closed") return;
      const server = this.#accept(connection, there, destination);
      if (server === undefined) {
        this.#later(this.#delayOf(client.at), () => this.#fail(connection, "ECONNREFUSED"));
        return;
      }
      connection.server = server;
      if (connection.isOver) {
        this.#later(this.#delayOf(client.at), () => client.end(undefined));
        return;
      }
      connection.state = "open";
      for (const octets of connection.waiting.splice(0)) this.send(connection, client, octets);
    });
    return connection;
  }

  send(connection: Connection, from: ConnectionEnd, octets: Uint8Array): void {
    if (connection.state === "opening") connection.waiting.push(octets);
    const to = connection.otherEnd(from);
    if (connection.state !== "open" || to === undefined) return;
    const packet = this.#medium.showTcp(from.name, from.at, from.endpoint, to.endpoint, octets);
    this.#later(this.#delayOf(from.at), () => {
      if (!from.at.link.hears(from.at, to.at) || to.at.host.state === "asleep") return;
      this.#medium.showTcpReceived(packet, to.at);
      to.receive(octets, from.endpoint);
    });
  }

  close(connection: Connection, by: ConnectionEnd): void {
    if (connection.state === "closed") return;
    const other = connection.otherEnd(by);
    const wasOpen = connection.state === "open";
    connection.state = "closed";
    if (wasOpen) this.#later(this.#delayOf(by.at), () => other?.end(undefined));
  }

  #socketsOf(process: Process): Map<ExchangeId, Socket> {
    const known = this.#sockets.get(process) ?? new Map<ExchangeId, Socket>();
    this.#sockets.set(process, known);
    return known;
  }

  #open(process: Process, exchange: ExchangeId, spec: ExchangeSpec): void {
    const sockets = this.#socketsOf(process);
    const port = this.#nextPort();
    if (spec.transport === "udp") {
      sockets.set(exchange, { kind: "udp", spec, port });
      return;
    }
    const at = interfaceFor(process, spec);
    const address = spec.from ?? at?.sourceAddress(familyOf(spec.destination.address));
    if (at === undefined || address === undefined) {
      this.#later(milliseconds(0), () => {
        this.#medium.handOver(process, { kind: "ended", exchange, code: "ENETUNREACH" });
      });
      return;
    }
    const end = this.#endOf(process, exchange, at, { address, port });
    sockets.set(exchange, { kind: "tcp", connection: this.connect(end, spec.destination), end });
  }

  #send(process: Process, socket: Socket | undefined, octets: Uint8Array): void {
    if (socket === undefined) return;
    if (socket.kind === "tcp") {
      this.send(socket.connection, socket.end, octets);
      return;
    }
    const { spec, port } = socket;
    const { destination } = spec;
    const family = familyOf(destination.address);
    const from = interfaceFor(process, spec);
    const address = spec.from ?? from?.sourceAddress(family);
    if (from === undefined || from.carrier === "down" || address === undefined) return;
    const isGroup = destination.address === GROUP_ADDRESSES.llmnr[family];
    const to = isGroup ? "group" : destination;
    this.#medium.sendUdp(process, from, { address, port }, to, octets);
  }

  #accept(connection: Connection, at: Interface, endpoint: Endpoint): ConnectionEnd | undefined {
    const acceptor = this.#acceptors.get(at.host);
    if (acceptor !== undefined) return acceptor(connection);
    const listener = at.host.processes.find((own) => own.channels.includes("llmnr"));
    if (listener === undefined || endpoint.port !== LLMNR_PORT) return undefined;
    const exchange = -++this.#accepted as ExchangeId;
    const end = this.#endOf(listener, exchange, at, endpoint);
    this.#socketsOf(listener).set(exchange, { kind: "tcp", connection, end });
    const { endpoint: peer } = connection.client;
    const link = at.link.id;
    this.#medium.handOver(listener, { kind: "accepted", exchange, channel: "llmnr", link, peer });
    return end;
  }

  #endOf(process: Process, exchange: ExchangeId, at: Interface, endpoint: Endpoint): ConnectionEnd {
    const isHeld = () => this.#sockets.get(process)?.has(exchange) === true;
    return {
      name: process.name,
      at,
      endpoint,
      receive: (octets, source) => {
        if (isHeld())
          this.#medium.handOver(process, { kind: "received", exchange, octets, source });
      },
      end: (code) => {
        if (!isHeld()) return;
        this.#sockets.get(process)!.delete(exchange);
        this.#medium.handOver(process, { kind: "ended", exchange, code });
      },
    };
  }

  #fail(connection: Connection, code: string): void {
    if (connection.state !== "opening") return;
    connection.state = "closed";
    connection.client.end(code);
  }

  #delayOf({ link }: Interface): Duration {
    return link.conditions.latency;
  }

  #later(delay: Duration, occurrence: () => void): void {
    this.#medium.schedule(after(this.#medium.now, delay), occurrence);
  }

  /** Every one is another, so that who is sent to is never in doubt. */
  #nextPort(): number {
    this.#lastPort = this.#lastPort >= 0xffff ? EPHEMERAL_PORT_FIRST : this.#lastPort + 1;
    return this.#lastPort;
  }
}

function interfaceFor(process: Process, { link }: ExchangeSpec): Interface | undefined {
  return process.host.interfaces.find((own) => own.link.id === link);
}
