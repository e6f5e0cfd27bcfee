/**
 * Queues datagrams and sends them with as few sendmmsg calls as there are changes of descriptor.
 *
 * Octets are copied in when queued, so a caller may reuse its buffers at once. A datagram that needs it
 * carries the address to leave from as packet information.
 */

import { BoundedMap } from "../../core/bounded.ts";
import type { Endpoint, OutboundDatagram } from "../../core/datagram.ts";
import { type IpAddress, ipAddressOctets } from "../../core/ip-address.ts";
import { PAYLOAD_SIZE_MAX } from "../constants.ts";
import type { Libc } from "./libc.ts";
import { MessageVector } from "./message-vector.ts";
import { writeSocketAddress } from "./socket-address.ts";
import * as option from "./socket-options.ts";

const BATCH_SIZE = 64;

/** `struct cmsghdr`: its length, level, type; then the data. */
const CONTROL_LEVEL = 8;
const CONTROL_TYPE = 12;
const CONTROL_DATA = 16;

/** `struct in_pktinfo`: interface index, address to send from, a destination. */
const IPV4_INFORMATION_SIZE = 12;
/** `struct in6_pktinfo`: address to send from, interface index. */
const IPV6_INFORMATION_SIZE = 20;

/** Remembered conversions of addresses to octets. */
const ADDRESS_CACHE_SIZE = 512;

export interface SendFailure {
  readonly datagram: OutboundDatagram;
  readonly code: string;
}

interface Queued {
  readonly descriptor: number;
  readonly datagram: OutboundDatagram;
}

export class SendBatch {
  readonly #libc: Libc;
  readonly #vector: MessageVector;
  readonly #sendmmsg: ReturnType<Libc["function"]>;
  readonly #addressOctets = new BoundedMap<IpAddress, Uint8Array>(ADDRESS_CACHE_SIZE);
  #queue: Queued[] = [];
  /** The slot of the first queued datagram: what lies before it has gone out. */
  #head = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#vector = new MessageVector(libc, BATCH_SIZE);
    this.#sendmmsg = libc.function("sendmmsg");
  }

  get isEmpty(): boolean {
    return this.#head === this.#queue.length;
  }

  get isFull(): boolean {
    return this.#queue.length === BATCH_SIZE;
  }

  /**
   * Queues a datagram; `from` where the descriptor is not bound to the address that it leaves from.
   * Returns why it cannot be queued, or undefined when it is.
   */
  add(
    descriptor: number,
    datagram: OutboundDatagram,
    destination: Endpoint,
    from: IpAddress | undefined,
  ): string | undefined {
    if (this.isFull) return "ENOBUFS";
    const { octets, link } = datagram;
    if (octets.length > PAYLOAD_SIZE_MAX) return "EMSGSIZE";
    const slot = this.#queue.length;
    const vector = this.#vector;
    vector.octets.set(octets, vector.payloadOffset(slot));
    vector.setPayloadSize(slot, octets.length);
    const addressOffset = vector.socketAddressOffset(slot);
    const address = this.#octetsOf(destination.address);
    const { port } = destination;
    const size = writeSocketAddress(vector.octets, addressOffset, address, port, link);
    vector.setSocketAddressSize(slot, size);
    if (from === undefined) vector.setControlSize(slot, 0);
    else this.#writeSource(slot, this.#octetsOf(from), link);
    this.#queue.push({ descriptor, datagram });
    return undefined;
  }

  /**
   * Sends all that is queued, in order. Returns the datagrams that the operating system refused.
   * Where its buffers are full the rest stays queued, for another `flush`.
   */
  flush(): SendFailure[] {
    const failures: SendFailure[] = [];
    while (!this.isEmpty) {
      const sent = this.#sendRun();
      if (sent < 0) {
        const code = this.#libc.errorCode();
        if (code === "EAGAIN") return failures;
        failures.push({ datagram: this.#queue[this.#head]!.datagram, code });
      }
      this.#head += Math.max(sent, 1);
    }
    this.#queue = [];
    this.#head = 0;
    return failures;
  }

  /** Sends the queued datagrams of the first one's descriptor; how many went, or -1. */
  #sendRun(): number {
    const { descriptor } = this.#queue[this.#head]!;
    let end = this.#head + 1;
    while (this.#queue[end]?.descriptor === descriptor) end++;
    const start = this.#vector.addressFrom(this.#head);
    return this.#sendmmsg(descriptor, start, end - this.#head, option.MSG_DONTWAIT);
  }

  #writeSource(slot: number, from: Uint8Array, index: number): void {
    const isIpv4 = from.length === 4;
    const size = isIpv4 ? IPV4_INFORMATION_SIZE : IPV6_INFORMATION_SIZE;
    const { view, octets } = this.#vector;
    const start = this.#vector.controlOffset(slot);
    const data = start + CONTROL_DATA;
    view.setBigUint64(start, BigInt(CONTROL_DATA + size), true);
    view.setUint32(start + CONTROL_LEVEL, isIpv4 ? option.IPPROTO_IP : option.IPPROTO_IPV6, true);
    view.setUint32(start + CONTROL_TYPE, isIpv4 ? option.IP_PKTINFO : option.IPV6_PKTINFO, true);
    view.setUint32(isIpv4 ? data : data + 16, index, true);
    octets.set(from, isIpv4 ? data + 4 : data);
    this.#vector.setControlSize(slot, alignUp(CONTROL_DATA + size));
  }

  #octetsOf(address: IpAddress): Uint8Array {
    const known = this.#addressOctets.peek(address);
    if (known !== undefined) return known;
    const octets = ipAddressOctets(address);
    this.#addressOctets.set(address, octets);
    return octets;
  }
}

/** Control messages are aligned to 8 octets. */
function alignUp(size: number): number {
  return (size + 7) & ~7;
}
