/**
 * UDP on descriptors of our own: bursts are read with recvmmsg and their replies sent with sendmmsg,
 * and a plain query passes without an object made for it or for its client. Each socket is bound to
 * one address, so a reply leaves from the address that was asked.
 */

import { type Family, familyOf } from "../../core/ip-address.ts";
import type { Libc } from "../../net/native/libc.ts";
import { MessageVector } from "../../net/native/message-vector.ts";
import { openUdp, setBufferSize } from "../../net/native/open-socket.ts";
import { type Quiet, Readiness } from "../../net/native/readiness.ts";
import {
  readSocketAddress,
  SOCKET_ADDRESS_SIZE_MAX,
  socketAddress,
} from "../../net/native/socket-address.ts";
import * as option from "../../net/native/socket-options.ts";
import { type Listening, type ListeningOptions, type Place, udpPathOf } from "./listening.ts";
import type { ReplyPath } from "./reply.ts";
import { ReplyBatch } from "./reply-batch.ts";
import type { StubQueries } from "./stub-queries.ts";

/** Octets that wait in a socket. */
const RECEIVE_BUFFER_SIZE = 1 << 20;
const SEND_BUFFER_SIZE = 1 << 20;

/** Datagrams read with one recvmmsg, and at one go, so that a flooded socket starves no other. */
const BATCH_SIZE = 64;
const BURST_SIZE_MAX = 512;

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
  readonly #path: ReplyPath;
  readonly #descriptor: number;
  readonly #readiness: Readiness;
  #isFlushPlanned = false;
  #isClosed = false;

  /** @throws SystemError when the operating system refuses. */
  constructor(
    memory: NativeUdpMemory,
    queries: StubQueries,
    { place, descriptor }: ListeningOptions,
  ) {
    this.#memory = memory;
    this.#recvmmsg = memory.libc.function("recvmmsg");
    this.#queries = queries;
    this.#family = familyOf(place.address);
    this.#path = udpPathOf(place);
    this.#descriptor = descriptor ?? openDescriptor(memory.libc, place);
    this.#readiness = new Readiness(memory.libc, this.#descriptor, () => this.#read());
  }

  async close(): Promise<void> {
    // What is written names a descriptor that is about to close.
    this.#memory.replies.flush();
    this.#isClosed = true;
    this.#readiness.close();
    this.#memory.libc.call("close", this.#descriptor);
  }

  /** A burst; quiet when all of it could be replied to at once. */
  #read(): Quiet | undefined {
    const { received, replies } = this.#memory;
    const start = received.addressFrom(0);
    let isQuiet = true;
    let count = BATCH_SIZE;
    for (let read = 0; count === BATCH_SIZE && read < BURST_SIZE_MAX; read += count) {
      count = this.#recvmmsg(this.#descriptor, start, BATCH_SIZE, option.MSG_DONTWAIT, null);
      for (let slot = 0; slot < count; slot++) {
        isQuiet = this.#handle(slot) && isQuiet;
        received.setSocketAddressSize(slot, SOCKET_ADDRESS_SIZE_MAX);
      }
    }
    replies.flush();
    return isQuiet ? "quiet" : undefined;
  }

  /** The query in a slot; false when its reply, if it gets one, is yet to come. */
  #handle(slot: number): boolean {
    const { received, replies } = this.#memory;
    const { octets } = received;
    const at = received.socketAddressOffset(slot);
    const addressAt = at + ADDRESS_OFFSETS[this.#family];
    const isAllowed = this.#queries.isAllowedOctets(octets, addressAt, this.#family);
    const isOrdinary = octets[at + PORT_OFFSET] !== 0;
    const size = isOrdinary ? this.#writeReply(slot, isAllowed) : 0;
    if (size > 0) replies.addTo(size, octets, at, ADDRESS_SIZES[this.#family]);
    else if (isAllowed) {
      const client = octets.slice(at, at + SOCKET_ADDRESS_SIZE_MAX);
      void this.#answer(received.received(slot), client);
      return false;
    }
    return true;
  }

  /** What can be replied at once; 0: nothing. */
  #writeReply(slot: number, isAllowed: boolean): number {
    const { received, replies } = this.#memory;
    const at = replies.open(this.#descriptor);
    if (!isAllowed) {
      return this.#queries.writeRefusal(received.received(slot), replies.octets, at);
    }
    const start = received.payloadOffset(slot);
    const size = received.receivedSize(slot);
    const { octets } = replies;
    return this.#queries.writeCachedReply(received.octets, start, size, this.#path, octets, at);
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

  /** When all the answers that came together are written. */
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
  return openUdp(libc, family, (descriptor) => {
    if (family === "ipv6") {
      libc.setIntOption(descriptor, option.IPPROTO_IPV6, option.IPV6_V6ONLY, 1);
    }
    setBuffers(libc, descriptor);
    const octets = socketAddress(family, place, place.scope?.index ?? 0);
    libc.call("bind", descriptor, octets, octets.length);
  });
}

function setBuffers(libc: Libc, descriptor: number): void {
  const { SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE } = option;
  setBufferSize(libc, descriptor, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER_SIZE);
  setBufferSize(libc, descriptor, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER_SIZE);
}
