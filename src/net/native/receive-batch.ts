/** Reads up to a batch of datagrams from a descriptor with one recvmmsg. */

import type { Endpoint } from "../../core/datagram.ts";
import type { Family } from "../../core/ip-address.ts";
import type { Libc } from "./libc.ts";
import { MessageVector } from "./message-vector.ts";
import {
  isSameAddress,
  readPort,
  readSocketAddress,
  SOCKET_ADDRESS_SIZE_MAX,
} from "./socket-address.ts";
import { MSG_DONTWAIT } from "./socket-options.ts";

const BATCH_SIZE = 32;

export class ReceiveBatch {
  readonly #vector: MessageVector;
  readonly #recvmmsg: ReturnType<Libc["function"]>;

  constructor(libc: Libc) {
    this.#vector = new MessageVector(libc, BATCH_SIZE);
    this.#recvmmsg = libc.function("recvmmsg");
  }

  /** How many messages a full batch has; fewer means that the descriptor is drained. */
  get sizeMax(): number {
    return BATCH_SIZE;
  }

  /** How many datagrams were read; 0 as well when there was an error, which the next read meets. */
  receive(descriptor: number): number {
    const start = this.#vector.addressFrom(0);
    const count = this.#recvmmsg(descriptor, start, BATCH_SIZE, MSG_DONTWAIT, null);
    for (let slot = 0; slot < count; slot++) {
      this.#vector.setSocketAddressSize(slot, SOCKET_ADDRESS_SIZE_MAX);
    }
    return Math.max(count, 0);
  }

  /** Valid until the next `receive`. */
  octets(slot: number): Uint8Array {
    return this.#vector.received(slot);
  }

  /** Where the message of a slot came from; `previous` is what this returned for the slot before. */
  source(slot: number, family: Family, previous: Endpoint | undefined): Endpoint {
    const { octets } = this.#vector;
    const offset = this.#vector.socketAddressOffset(slot);
    // A burst is often of one host, whose address need not be made text again.
    if (previous === undefined || slot === 0) return readSocketAddress(octets, offset, family);
    const before = this.#vector.socketAddressOffset(slot - 1);
    if (!isSameAddress(octets, offset, before, family)) {
      return readSocketAddress(octets, offset, family);
    }
    return { address: previous.address, port: readPort(octets, offset) };
  }
}
