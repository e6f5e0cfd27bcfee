/**
 * One address of the stub: its UDP socket and its TCP listener at the same port. Where port 53 is not
 * permitted both are at another. What cannot be had is told and tried again; the rest works.
 */

import { DNS_PORT } from "../../config/network-values.ts";
import type { ClientCounts } from "./client-counts.ts";
import { FALLBACK_PORT } from "./constants.ts";
import type { HandedOverPorts } from "./handed-over-ports.ts";
import type { Listening, ListeningOptions, Place } from "./listening.ts";
import { NativeUdp, type NativeUdpMemory } from "./native-udp.ts";
import { PortableUdp } from "./portable-udp.ts";
import type { StubQueries } from "./stub-queries.ts";
import { TcpListener } from "./tcp-listener.ts";

export type StubTransport = "udp" | "tcp";

export interface StubPlaceFailure {
  readonly transport: StubTransport;
  readonly error: NodeJS.ErrnoException;
}

export interface StubPlaceContext {
  readonly queries: StubQueries;
  readonly connections: ClientCounts;
  /** Undefined where native sockets cannot be had. */
  readonly memory: NativeUdpMemory | undefined;
  readonly idleTimeout?: number | undefined;
  /** Sockets that are bound already. */
  readonly handedOver: HandedOverPorts;
  /** Something has opened, or failed. */
  readonly onChange: (place: StubPlace) => void;
}

const TRANSPORTS: readonly StubTransport[] = ["udp", "tcp"];

export class StubPlace {
  /** As it was asked for. */
  readonly wanted: Place;
  readonly #context: StubPlaceContext;
  readonly #open = new Map<StubTransport, Listening>();
  #port: number;
  #failure: StubPlaceFailure | undefined;
  #isClosed = false;

  constructor(wanted: Place, context: StubPlaceContext) {
    this.wanted = wanted;
    this.#context = context;
    this.#port = wanted.port;
  }

  /** Where it listens: the port that was asked for, or `FALLBACK_PORT`. */
  get port(): number {
    return this.#port;
  }

  /** What works. */
  get transports(): readonly StubTransport[] {
    return TRANSPORTS.filter((transport) => this.#open.has(transport));
  }

  /** What does not, and why; undefined when all is well. */
  get failure(): StubPlaceFailure | undefined {
    return this.#failure;
  }

  /** Opens what is missing. */
  async open(): Promise<void> {
    const before = this.#failure?.error.code;
    this.#failure = undefined;
    let hasOpened = false;
    for (const transport of TRANSPORTS) {
      if (this.#isClosed || this.#open.has(transport)) continue;
      hasOpened = (await this.#tryOpen(transport)) || hasOpened;
    }
    const { failure } = this;
    if (hasOpened || failure?.error.code !== before) this.#context.onChange(this);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((listening) => listening.close()));
  }

  async #tryOpen(transport: StubTransport): Promise<boolean> {
    try {
      const listening = await this.#openAtSomePort(transport);
      if (this.#isClosed) await listening.close();
      else this.#open.set(transport, listening);
      return true;
    } catch (error) {
      this.#failure ??= { transport, error: error as NodeJS.ErrnoException };
      return false;
    }
  }

  async #openAtSomePort(transport: StubTransport): Promise<Listening> {
    try {
      return await this.#openAt(transport, this.#port);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isRefused = code === "EACCES" || code === "EPERM";
      if (!isRefused || this.#port !== DNS_PORT || this.#open.size > 0) throw error;
      this.#port = FALLBACK_PORT;
      return await this.#openAt(transport, FALLBACK_PORT);
    }
  }

  async #openAt(transport: StubTransport, port: number): Promise<Listening> {
    const { queries, memory, connections, idleTimeout, handedOver } = this.#context;
    const options: ListeningOptions = {
      place: { ...this.wanted, port },
      descriptor: handedOver.take(transport, { address: this.wanted.address, port }),
      onFailure: (error) => this.#fail(transport, error),
    };
    if (transport === "tcp") {
      return await TcpListener.open(queries, { ...options, counts: connections, idleTimeout });
    }
    if (memory === undefined) return await PortableUdp.open(queries, options);
    return new NativeUdp(memory, queries, options);
  }

  #fail(transport: StubTransport, error: NodeJS.ErrnoException): void {
    const listening = this.#open.get(transport);
    if (listening === undefined) return;
    this.#open.delete(transport);
    void listening.close();
    this.#failure = { transport, error };
    this.#context.onChange(this);
  }
}
