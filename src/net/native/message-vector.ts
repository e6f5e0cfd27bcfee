/**
 * `struct mmsghdr` arrays for recvmmsg and sendmmsg in one reused block of memory: a slot a message,
 * each with its header, payload, socket address and control data.
 */

import { PAYLOAD_SIZE_MAX } from "../constants.ts";
import type { Libc } from "./libc.ts";
import { SOCKET_ADDRESS_SIZE_MAX } from "./socket-address.ts";

/** `struct mmsghdr`: a `struct msghdr`, then the message's length. */
const HEADER_SIZE = 64;
const NAME = 0;
const NAME_LENGTH = 8;
const IO_VECTOR = 16;
const IO_VECTOR_COUNT = 24;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const MESSAGE_LENGTH = 56;

/** `struct iovec`: where, how long. */
const IO_VECTOR_SIZE = 16;

/** Room for one packet-information control message of either family. */
const CONTROL_SIZE_MAX = 40;

export class MessageVector {
  readonly slotCount: number;
  readonly view: DataView;
  readonly octets: Uint8Array;
  readonly #address: bigint;
  readonly #ioVectors: number;
  readonly #socketAddresses: number;
  readonly #controls: number;
  readonly #payloads: number;

  constructor(libc: Libc, slotCount: number) {
    this.slotCount = slotCount;
    this.#ioVectors = slotCount * HEADER_SIZE;
    this.#socketAddresses = this.#ioVectors + slotCount * IO_VECTOR_SIZE;
    this.#controls = this.#socketAddresses + slotCount * SOCKET_ADDRESS_SIZE_MAX;
    this.#payloads = this.#controls + slotCount * CONTROL_SIZE_MAX;
    const buffer = new ArrayBuffer(this.#payloads + slotCount * PAYLOAD_SIZE_MAX);
    this.view = new DataView(buffer);
    this.octets = new Uint8Array(buffer);
    this.#address = libc.addressOf(buffer);
    for (let slot = 0; slot < slotCount; slot++) this.#layOut(slot);
  }

  /** The address of the array from `slot` on. */
  addressFrom(slot: number): bigint {
    return this.#address + BigInt(slot * HEADER_SIZE);
  }

  socketAddressOffset(slot: number): number {
    return this.#socketAddresses + slot * SOCKET_ADDRESS_SIZE_MAX;
  }

  controlOffset(slot: number): number {
    return this.#controls + slot * CONTROL_SIZE_MAX;
  }

  payloadOffset(slot: number): number {
    return this.#payloads + slot * PAYLOAD_SIZE_MAX;
  }

  setSocketAddressSize(slot: number, size: number): void {
    this.view.setUint32(slot * HEADER_SIZE + NAME_LENGTH, size, true);
  }

  setControlSize(slot: number, size: number): void {
    this.view.setUint32(slot * HEADER_SIZE + CONTROL_LENGTH, size, true);
  }

  setPayloadSize(slot: number, size: number): void {
    this.view.setUint32(this.#ioVectors + slot * IO_VECTOR_SIZE + 8, size, true);
  }

  /** What was received into a slot; valid until the slot is used again. */
  received(slot: number): Uint8Array {
    const start = this.payloadOffset(slot);
    return this.octets.subarray(start, start + this.receivedSize(slot));
  }

  /** Octets that were received into a slot. */
  receivedSize(slot: number): number {
    return this.view.getUint32(slot * HEADER_SIZE + MESSAGE_LENGTH, true);
  }

  #layOut(slot: number): void {
    const header = slot * HEADER_SIZE;
    const ioVector = this.#ioVectors + slot * IO_VECTOR_SIZE;
    this.#setPointer(header + NAME, this.socketAddressOffset(slot));
    this.setSocketAddressSize(slot, SOCKET_ADDRESS_SIZE_MAX);
    this.#setPointer(header + IO_VECTOR, ioVector);
    this.view.setUint32(header + IO_VECTOR_COUNT, 1, true);
    this.#setPointer(header + CONTROL, this.controlOffset(slot));
    this.#setPointer(ioVector, this.payloadOffset(slot));
    this.setPayloadSize(slot, PAYLOAD_SIZE_MAX);
  }

  #setPointer(offset: number, target: number): void {
    this.view.setBigUint64(offset, this.#address + BigInt(target), true);
  }
}
