/**
 * UDP on descriptors of our own: bursts are read with recvmmsg and their replies sent with sendmmsg,
 * and a plain query passes without an object made for its client.
 *
 * Theory of operation: as in `net/native/native-socket.ts`, `node:dgram` tells of the first datagram
 * of a burst, and the rest is read from within that event. Each socket is bound to one address, so a
 * reply leaves from the address that was asked.
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { type Family, familyOf, type IpAddress, ipAddressOctets } from "../../core/ip-address.ts";
import type { Libc } from "../../net/native/libc.ts";
import { MessageVector } from "../../net/native/message-vector.ts";
import { setBufferSize } from "../../net/native/open-socket.ts";
import {
  readSocketAddress,
  SOCKET_ADDRESS_SIZE_MAX,
  socketAddress,
  writeSocketAddress,
} from "../../net/native/socket-address.ts";
import * as option from "../../net/native/socket-options.ts";
import { type Listening, type ListeningOptions, type Place, udpPathOf } from "./listening.ts";
import type { ReplyPath } from "./reply.ts";
import { ReplyBatch } from "./reply-batch.ts";
import type { StubQueries } from "./stub-queries.ts";

/** Octets that wait in a socket. */
const RECEIVE_BUFFER_SIZE = 1 << 20;
const SEND_BUFFER_SIZE = 1 << 20;

/** Datagrams read with one recvmmsg, and so read in one turn of the event loop. */
const BATCH_SIZE = 64;
const TURN_SIZE_MAX = 512;

/** <netinet/in.h>: octets of a socket address, and where its own address is. */
const ADDRESS_SIZES: Record<Family, number> = { ipv4: 16, ipv6: 28 };
const ADDRESS_OFFSETS: Record<Family, number> = { ipv4: 4, ipv6: 8 };

/** Where the upper octet of a socket address's port is: 0 for the ports of services. */
const PORT_OFFSET = 2;

/** The memory that all sockets share: one reads and answers at a time. */
export class NativeUdpMemory {
  readonly libc: Libc;
  readonly received: MessageVector;
  readonly replies: ReplyBatch;

  constructor(libc: Libc, queries: StubQueries) {
    this.libc = libc;
    this.received = new MessageVector(libc, BATCH_SIZE);
    this.replies = new ReplyBatch(libc, (count) => queries.count("unsent-replies", count));
  }
}

export class NativeUdp implements Listening {
  readonly #memory: NativeUdpMemory;
  readonly #recvmmsg: ReturnType<Libc["function"]>;
  readonly #queries: StubQueries;
  readonly #family: Family;
  readonly #scope: number;
  readonly #path: ReplyPath;
  readonly #descriptor: number;
  readonly #socket: Socket;
  /** Read so far in this turn; undefined when the turn has not begun. */
  #readInTurn: number | undefined;
  #isFlushPlanned = false;
  #isClosed = false;

  /** @throws SystemError when the operating system refuses. */
  constructor(memory: NativeUdpMemory, queries: StubQueries, options: ListeningOptions) {
    const { place, descriptor } = options;
    this.#memory = memory;
    this.#recvmmsg = memory.libc.function("recvmmsg");
    this.#queries = queries;
    this.#family = familyOf(place.address);
    this.#scope = place.scope?.index ?? 0;
    this.#path = udpPathOf(place);
    this.#descriptor = descriptor ?? openDescriptor(memory.libc, place);
    this.#socket = createSocket(this.#family === "ipv4" ? "udp4" : "udp6");
    this.#socket.on("error", options.onFailure);
    this.#socket.on("message", (octets, source) => this.#handleReadable(octets, source));
    try {
      this.#socket.bind({ fd: this.#descriptor, exclusive: true });
    } catch (error) {
      memory.libc.call("close", this.#descriptor);
      throw error;
    }
  }

  close(): Promise<void> {
    // What is written names a descriptor that is about to close.
    this.#memory.replies.flush();
    this.#isClosed = true;
    this.#socket.removeAllListeners("message");
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #handleReadable(octets: Uint8Array, source: RemoteInfo): void {
    this.#handleFirst(octets, source);
    this.#drain();
    this.#memory.replies.flush();
  }

  /** The one datagram of a burst that comes without its socket address. */
  #handleFirst(octets: Uint8Array, { address, port }: RemoteInfo): void {
    const bare = address.split("%", 1)[0] as IpAddress;
    const client = new Uint8Array(SOCKET_ADDRESS_SIZE_MAX);
    const view = new DataView(client.buffer);
    writeSocketAddress(view, 0, this.#family, ipAddressOctets(bare), port, this.#scope);
    this.#handle(octets, client, 0);
  }

  #drain(): void {
    if (this.#readInTurn === undefined) {
      this.#readInTurn = 0;
      setImmediate(() => {
        this.#readInTurn = undefined;
      });
    }
    const { received } = this.#memory;
    const start = received.addressFrom(0);
    let count = BATCH_SIZE;
    while (count === BATCH_SIZE && this.#readInTurn < TURN_SIZE_MAX) {
      count = this.#recvmmsg(this.#descriptor, start, BATCH_SIZE, option.MSG_DONTWAIT, null);
      this.#readInTurn += Math.max(count, 0);
      for (let slot = 0; slot < count; slot++) {
        this.#handle(received.received(slot), received.octets, received.socketAddressOffset(slot));
        received.setSocketAddressSize(slot, SOCKET_ADDRESS_SIZE_MAX);
      }
    }
  }

  /** A datagram from the socket address at `at` of `client`. */
  #handle(query: Uint8Array, client: Uint8Array, at: number): void {
    const addressAt = at + ADDRESS_OFFSETS[this.#family];
    const isAllowed = this.#queries.isAllowedOctets(client, addressAt, this.#family);
    const isOrdinary = client[at + PORT_OFFSET] !== 0;
    const size = isOrdinary ? this.#writeReply(query, isAllowed) : 0;
    if (size > 0) this.#memory.replies.addTo(size, client, at, ADDRESS_SIZES[this.#family]);
    else if (isAllowed) void this.#answer(query, client.slice(at, at + SOCKET_ADDRESS_SIZE_MAX));
  }

  /** What can be replied at once; 0: nothing. */
  #writeReply(query: Uint8Array, isAllowed: boolean): number {
    const { replies } = this.#memory;
    const start = replies.open(this.#descriptor);
    return isAllowed
      ? this.#queries.writeCachedReply(query, this.#path, replies.octets, start)
      : this.#queries.writeRefusal(query, replies.octets, start);
  }

  async #answer(query: Uint8Array, client: Uint8Array): Promise<void> {
    const source = readSocketAddress(client, 0, this.#family);
    const reply = await this.#queries.answer(query, source, this.#path);
    if (reply === undefined || this.#isClosed) return;
    const { replies } = this.#memory;
    replies.octets.set(reply, replies.open(this.#descriptor));
    replies.addTo(reply.length, client, 0, ADDRESS_SIZES[this.#family]);
    this.#planFlush();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    process.nextTick(() => {
      this.#isFlushPlanned = false;
      if (!this.#isClosed) this.#memory.replies.flush();
    });
  }
}

function openDescriptor(libc: Libc, place: Place): number {
  const family = familyOf(place.address);
  const domain = family === "ipv4" ? option.AF_INET : option.AF_INET6;
  const type = option.SOCK_DGRAM | option.SOCK_NONBLOCK | option.SOCK_CLOEXEC;
  const descriptor = libc.call("socket", domain, type, 0);
  try {
    if (family === "ipv6")
      libc.setIntOption(descriptor, option.IPPROTO_IPV6, option.IPV6_V6ONLY, 1);
    setBuffers(libc, descriptor);
    const octets = socketAddress(family, place, place.scope?.index ?? 0);
    libc.call("bind", descriptor, octets, octets.length);
    return descriptor;
  } catch (error) {
    libc.call("close", descriptor);
    throw error;
  }
}

function setBuffers(libc: Libc, descriptor: number): void {
  const { SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE } = option;
  setBufferSize(libc, descriptor, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER_SIZE);
  setBufferSize(libc, descriptor, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER_SIZE);
}
