/**
 * Replies written straight into the memory that sendmmsg sends from. Those of one socket go out
 * together: when there are many, when another socket's come, or at `flush`.
 */

import type { Libc } from "../../net/native/libc.ts";
import { MessageVector } from "../../net/native/message-vector.ts";
import { MSG_DONTWAIT } from "../../net/native/socket-options.ts";

const BATCH_SIZE = 64;

export class ReplyBatch {
  readonly #libc: Libc;
  readonly #vector: MessageVector;
  readonly #sendmmsg: ReturnType<Libc["function"]>;
  readonly #onUnsent: (count: number) => void;
  #descriptor = -1;
  #count = 0;

  /** `onUnsent` is told of replies that the operating system did not take. */
  constructor(libc: Libc, onUnsent: (count: number) => void) {
    this.#libc = libc;
    this.#vector = new MessageVector(libc, BATCH_SIZE);
    this.#sendmmsg = libc.function("sendmmsg");
    this.#onUnsent = onUnsent;
    for (let slot = 0; slot < BATCH_SIZE; slot++) this.#vector.setControlSize(slot, 0);
  }

  /** Where a reply's octets are written. */
  get octets(): Uint8Array {
    return this.#vector.octets;
  }

  get view(): DataView {
    return this.#vector.view;
  }

  /** Makes room for a reply of this socket; tells where in `octets` it starts. */
  open(descriptor: number): number {
    if (this.#descriptor !== descriptor || this.#count === BATCH_SIZE) this.flush();
    this.#descriptor = descriptor;
    return this.#vector.payloadOffset(this.#count);
  }

  /** Where in `octets` the address of the reply that was opened is written. */
  get addressOffset(): number {
    return this.#vector.socketAddressOffset(this.#count);
  }

  /** The reply that was opened is written, and its address of `addressSize` octets. */
  add(size: number, addressSize: number): void {
    this.#vector.setPayloadSize(this.#count, size);
    this.#vector.setSocketAddressSize(this.#count, addressSize);
    this.#count++;
  }

  /** Like `add`, to the socket address at `at` of `from`. */
  addTo(size: number, from: Uint8Array, at: number, addressSize: number): void {
    const { octets } = this.#vector;
    const start = this.addressOffset;
    for (let index = 0; index < addressSize; index++) octets[start + index] = from[at + index]!;
    this.add(size, addressSize);
  }

  /** Sends what is written. What the operating system does not take is dropped, and asked again. */
  flush(): void {
    const count = this.#count;
    this.#count = 0;
    for (let slot = 0; slot < count; ) {
      const start = this.#vector.addressFrom(slot);
      const sent = this.#sendmmsg(this.#descriptor, start, count - slot, MSG_DONTWAIT);
      if (sent > 0) {
        slot += sent;
        continue;
      }
      const isFull = this.#libc.errorCode() === "EAGAIN";
      this.#onUnsent(isFull ? count - slot : 1);
      slot = isFull ? count : slot + 1;
    }
  }
}
