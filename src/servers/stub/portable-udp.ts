/** UDP on `node:dgram` alone, where native sockets cannot be had. */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Endpoint } from "../../core/datagram.ts";
import { familyOf, type IpAddress } from "../../core/ip-address.ts";
import { asItIs } from "../../net/portable/as-it-is.ts";
import { hostOf, type Listening, type ListeningOptions, udpPathOf } from "./listening.ts";
import type { ReplyPath } from "./reply.ts";
import type { StubQueries } from "./stub-queries.ts";

/** Below are the ports of services, some of which are never answered. */
const ORDINARY_PORT_MIN = 256;

/** One reply is written at a time. */
const scratch = new Uint8Array(0x1_0000);

/** Octets that wait in a socket. */
const BUFFER_SIZE = 1 << 20;

export class PortableUdp implements Listening {
  readonly #queries: StubQueries;
  readonly #path: ReplyPath;
  readonly #socket: Socket;
  #isClosed = false;

  private constructor(queries: StubQueries, { place, onFailure }: ListeningOptions) {
    this.#queries = queries;
    this.#path = udpPathOf(place);
    const isIpv4 = familyOf(place.address) === "ipv4";
    this.#socket = createSocket({
      type: isIpv4 ? "udp4" : "udp6",
      ipv6Only: !isIpv4,
      lookup: asItIs,
      recvBufferSize: BUFFER_SIZE,
      sendBufferSize: BUFFER_SIZE,
    });
    this.#socket.on("error", (error) => {
      if (!this.#isClosed) onFailure(error);
    });
    this.#socket.on("message", (octets, source) => this.#handle(octets, source));
  }

  /** Rejects with the operating system's error. */
  static async open(queries: StubQueries, options: ListeningOptions): Promise<PortableUdp> {
    let fail: (error: Error) => void = options.onFailure;
    const udp = new PortableUdp(queries, { ...options, onFailure: (error) => fail(error) });
    await new Promise<void>((resolve, reject) => {
      fail = reject;
      udp.#bind(options, resolve);
    });
    fail = options.onFailure;
    return udp;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#socket.removeAllListeners("message");
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #bind({ place, descriptor }: ListeningOptions, done: () => void): void {
    if (descriptor !== undefined) this.#socket.bind({ fd: descriptor, exclusive: true }, done);
    else this.#socket.bind({ address: hostOf(place), port: place.port, exclusive: true }, done);
  }

  #handle(octets: Uint8Array, source: RemoteInfo): void {
    const client = { address: source.address.split("%", 1)[0] as IpAddress, port: source.port };
    const isAllowed = this.#queries.isAllowed(client.address);
    const isOrdinary = client.port >= ORDINARY_PORT_MIN;
    const size = isOrdinary ? this.#writeReply(octets, isAllowed) : 0;
    if (size > 0) this.#send(scratch.slice(0, size), source);
    else if (isAllowed) void this.#answer(octets, client, source);
  }

  /** What can be replied at once; 0: nothing. */
  #writeReply(octets: Uint8Array, isAllowed: boolean): number {
    return isAllowed
      ? this.#queries.writeCachedReply(octets, 0, octets.length, this.#path, scratch, 0)
      : this.#queries.writeRefusal(octets, scratch, 0);
  }

  async #answer(octets: Uint8Array, client: Endpoint, source: RemoteInfo): Promise<void> {
    const reply = await this.#queries.answer(octets, client, this.#path);
    if (reply !== undefined) this.#send(reply, source);
  }

  #send(reply: Uint8Array, { address, port }: RemoteInfo): void {
    if (this.#isClosed || port === 0) return;
    this.#socket.send(reply, port, address, (error) => {
      if (error !== null) this.#queries.count("unsent-replies");
    });
  }
}
