/** A netlink socket: requests, and the messages that come back or are announced to its groups. */

import { type Libc, SystemError } from "./libc.ts";
import * as option from "./socket-options.ts";

/** `struct nlmsghdr`: length, type, flags, sequence, port. */
const NETLINK_HEADER_SIZE = 16;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 0x1;
const NLM_F_DUMP = 0x300;
/** In an answer: the tables changed while they were read. */
const NLM_F_DUMP_INTR = 0x10;

/** Large enough for what the kernel packs into one datagram of a dump. */
const BUFFER_SIZE = 1 << 15;

/** How often a dump that was interrupted by changes is asked for again. */
const DUMP_TRIES = 4;

const ATTRIBUTE_HEADER_SIZE = 4;
/** The upper bits of an attribute's type are flags. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

export interface NetlinkMessage {
  readonly type: number;
  /** What follows the header; valid only during the call that passes it. */
  readonly payload: DataView;
}

/** `drained`: all was read. `overrun`: messages were lost, so the tables must be read anew. */
export type Reading = "drained" | "overrun";

export class NetlinkSocket {
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #view = new DataView(this.#buffer.buffer);

  /** @throws SystemError */
  constructor(libc: Libc, protocol: number, groups: number) {
    this.#libc = libc;
    const type = option.SOCK_RAW | option.SOCK_NONBLOCK | option.SOCK_CLOEXEC;
    this.descriptor = libc.call("socket", option.AF_NETLINK, type, protocol);
    const address = new DataView(new ArrayBuffer(12));
    address.setUint16(0, option.AF_NETLINK, true);
    address.setUint32(8, groups, true);
    libc.call("bind", this.descriptor, new Uint8Array(address.buffer), address.byteLength);
  }

  /** Reads whatever has come, without waiting. */
  readPending(onMessage: (message: NetlinkMessage) => void): Reading {
    const recv = this.#libc.function("recv");
    for (;;) {
      const length = recv(this.descriptor, this.#buffer, BUFFER_SIZE, option.MSG_DONTWAIT);
      if (length < 0) return this.#libc.errorCode() === "ENOBUFS" ? "overrun" : "drained";
      this.#parse(length, onMessage);
    }
  }

  /**
   * Reads a whole table, without waiting: the kernel writes a dump while it is read.
   * @throws SystemError
   */
  dump(type: number, request: Uint8Array, onMessage: (message: NetlinkMessage) => void): void {
    for (let tries = 0; tries < DUMP_TRIES; tries++) {
      this.request(type, NLM_F_DUMP, request);
      if (this.#readDump(onMessage)) return;
    }
  }

  /** @throws SystemError */
  request(type: number, flags: number, payload: Uint8Array): void {
    const message = new Uint8Array(NETLINK_HEADER_SIZE + payload.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, message.length, true);
    view.setUint16(4, type, true);
    view.setUint16(6, NLM_F_REQUEST | flags, true);
    message.set(payload, NETLINK_HEADER_SIZE);
    this.#libc.call("sendto", this.descriptor, message, message.length, 0, null, 0);
  }

  close(): void {
    this.#libc.call("close", this.descriptor);
  }

  /** Whether the dump was whole. */
  #readDump(onMessage: (message: NetlinkMessage) => void): boolean {
    let isWhole = true;
    for (;;) {
      const length = this.#libc.call("recv", this.descriptor, this.#buffer, BUFFER_SIZE, 0);
      let isOver = false;
      this.#parse(length, (message, flags) => {
        if ((flags & NLM_F_DUMP_INTR) !== 0) isWhole = false;
        if (message.type === NLMSG_ERROR) throwError(message);
        if (message.type === NLMSG_DONE) isOver = true;
        else onMessage(message);
      });
      if (isOver) return isWhole;
    }
  }

  #parse(length: number, onMessage: (message: NetlinkMessage, flags: number) => void): void {
    let offset = 0;
    while (offset + NETLINK_HEADER_SIZE <= length) {
      const size = this.#view.getUint32(offset, true);
      if (size < NETLINK_HEADER_SIZE || offset + size > length) return;
      const start = offset + NETLINK_HEADER_SIZE;
      const payload = new DataView(this.#buffer.buffer, start, size - NETLINK_HEADER_SIZE);
      const type = this.#view.getUint16(offset + 4, true);
      onMessage({ type, payload }, this.#view.getUint16(offset + 6, true));
      offset += (size + 3) & ~3;
    }
  }
}

/** The payload of an error begins with its number, negated. */
function throwError({ payload }: NetlinkMessage): never {
  throw new SystemError("netlink", -payload.getInt32(0, true));
}

/** The attributes after a message's fixed part of `fixedSize` octets, by type. */
export function readAttributes(payload: DataView, fixedSize: number): Map<number, DataView> {
  const attributes = new Map<number, DataView>();
  let offset = fixedSize;
  while (offset + ATTRIBUTE_HEADER_SIZE <= payload.byteLength) {
    const size = payload.getUint16(offset, true);
    if (size < ATTRIBUTE_HEADER_SIZE || offset + size > payload.byteLength) break;
    const type = payload.getUint16(offset + 2, true) & ATTRIBUTE_TYPE_MASK;
    const start = payload.byteOffset + offset + ATTRIBUTE_HEADER_SIZE;
    attributes.set(type, new DataView(payload.buffer, start, size - ATTRIBUTE_HEADER_SIZE));
    offset += (size + 3) & ~3;
  }
  return attributes;
}

export function octetsOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
