/**
 * One role's socket: our descriptor, handed to `node:dgram`, which tells when it is readable.
 *
 * Theory of operation: libuv reads the first datagram of a burst and emits it; from within that
 * event the rest is read with recvmmsg, so that libuv finds nothing more and the loop goes on. A
 * turn of the event loop reads at most `TURN_SIZE_MAX` that way, so that a flooded socket does not
 * starve the others.
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Arrival } from "../../core/datagram.ts";
import type { IpAddress } from "../../core/ip-address.ts";
import { arrivalOf, type SocketRole } from "../socket-role.ts";
import type { TransportListeners } from "../transport.ts";
import type { Libc } from "./libc.ts";
import { openSocket } from "./open-socket.ts";
import type { ReceiveBatch } from "./receive-batch.ts";

/** Datagrams read with recvmmsg in one turn of the event loop. */
const TURN_SIZE_MAX = 256;

export class NativeSocket {
  readonly role: SocketRole;
  readonly descriptor: number;
  readonly #socket: Socket;
  readonly #batch: ReceiveBatch;
  readonly #listeners: TransportListeners;
  readonly #arrival: Arrival;
  /** Read so far in this turn; undefined when the turn has not begun. */
  #readInTurn: number | undefined;

  /** @throws SystemError when the operating system refuses. */
  constructor(libc: Libc, role: SocketRole, batch: ReceiveBatch, listeners: TransportListeners) {
    this.role = role;
    this.#batch = batch;
    this.#listeners = listeners;
    this.#arrival = arrivalOf(role);
    this.descriptor = openSocket(libc, role);
    this.#socket = createSocket(role.family === "ipv4" ? "udp4" : "udp6");
    this.#socket.on("error", (error) => listeners.linkFailure(role.link, role.family, error));
    this.#socket.on("message", (octets, source) => this.#handleReadable(octets, source));
    try {
      this.#socket.bind({ fd: this.descriptor, exclusive: true });
    } catch (error) {
      libc.call("close", this.descriptor);
      throw error;
    }
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): Promise<void> {
    this.#socket.removeAllListeners("message");
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #handleReadable(octets: Uint8Array, { address, port }: RemoteInfo): void {
    const scope = address.indexOf("%");
    const bare = (scope < 0 ? address : address.slice(0, scope)) as IpAddress;
    this.#pass(octets, { address: bare, port });
    this.#drain();
    this.#listeners.burstEnd();
  }

  #drain(): void {
    if (this.#readInTurn === undefined) {
      this.#readInTurn = 0;
      setImmediate(() => {
        this.#readInTurn = undefined;
      });
    }
    const { sizeMax } = this.#batch;
    let count = sizeMax;
    while (count === sizeMax && this.#readInTurn < TURN_SIZE_MAX) {
      count = this.#batch.receive(this.descriptor);
      this.#readInTurn += count;
      for (let slot = 0; slot < count; slot++) {
        this.#pass(this.#batch.octets(slot), this.#batch.source(slot, this.role.family));
      }
    }
  }

  #pass(octets: Uint8Array, source: { address: IpAddress; port: number }): void {
    const { channel, link, family } = this.role;
    const arrival = this.#arrival;
    this.#listeners.datagram({ channel, octets, link: link.id, family, source, arrival });
  }
}
