/** A UDP socket connected to one server (`exchange/connected-udp.ts`) on a descriptor of our own. */

import type { ExchangeServer } from "../../core/exchange.ts";
import { type Family, familyOf } from "../../core/ip-address.ts";
import type { ConnectedUdp, ConnectedUdpListeners } from "../exchange/connected-udp.ts";
import { type Libc, SystemError } from "./libc.ts";
import { openUdp } from "./open-socket.ts";
import { type Quiet, Readiness } from "./readiness.ts";
import { readSocketAddress, SOCKET_ADDRESS_SIZE_MAX, socketAddress } from "./socket-address.ts";
import * as option from "./socket-options.ts";

/** What the operating system says where a datagram is lost for want of memory: it may be repeated. */
const LOST: ReadonlySet<string> = new Set(["EAGAIN", "ENOBUFS"]);

const FLAGS = option.MSG_DONTWAIT | option.MSG_NOSIGNAL;

/** One datagram is read at a time. */
const scratch = new Uint8Array(0x1_0000);

/**
 * What is to be sent once the present input is handled, of all sockets: a server on this host is then
 * woken once for many questions.
 */
let unsent: (() => void)[] = [];

function sendSoon(send: () => void): void {
  unsent.push(send);
  if (unsent.length > 1) return;
  process.nextTick(() => {
    const sends = unsent;
    unsent = [];
    for (const sendOne of sends) sendOne();
  });
}

export class NativeConnectedUdp implements ConnectedUdp {
  readonly local: ConnectedUdp["local"];
  readonly #libc: Libc;
  readonly #listeners: ConnectedUdpListeners;
  readonly #descriptor: number = -1;
  readonly #readiness: Readiness | undefined;
  #isClosed = false;

  /** What the operating system refuses is told as a failure. */
  constructor(
    libc: Libc,
    server: ExchangeServer,
    unref: boolean,
    listeners: ConnectedUdpListeners,
  ) {
    this.#libc = libc;
    this.#listeners = listeners;
    try {
      this.#descriptor = openConnected(libc, server);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#failSoon(error.code);
      return;
    }
    this.local = localOf(libc, this.#descriptor, familyOf(server.address));
    this.#readiness = new Readiness(libc, this.#descriptor, () => this.#read());
    if (unref) this.#readiness.unref();
  }

  send(octets: Uint8Array): void {
    sendSoon(() => this.#sendNow(octets));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#readiness === undefined) return;
    this.#readiness.close();
    this.#libc.call("close", this.#descriptor);
  }

  #sendNow(octets: Uint8Array): void {
    if (this.#isClosed || this.#readiness === undefined) return;
    const sendto = this.#libc.function("sendto");
    if (sendto(this.#descriptor, octets, octets.length, FLAGS, null, 0) >= 0) return;
    const code = this.#libc.errorCode();
    if (!LOST.has(code)) this.#failSoon(code);
  }

  #read(): Quiet | undefined {
    const recv = this.#libc.function("recv");
    while (!this.#isClosed) {
      const size = recv(this.#descriptor, scratch, scratch.length, option.MSG_DONTWAIT);
      if (size < 0) {
        const code = this.#libc.errorCode();
        if (code !== "EAGAIN") this.#listeners.failed(code);
        break;
      }
      this.#listeners.received(scratch.subarray(0, size));
    }
    return undefined;
  }

  #failSoon(code: string): void {
    setImmediate(() => {
      if (!this.#isClosed) this.#listeners.failed(code);
    });
  }
}

/** @throws SystemError; nothing is left open then. */
function openConnected(libc: Libc, server: ExchangeServer): number {
  const family = familyOf(server.address);
  return openUdp(libc, family, (descriptor) => {
    const octets = socketAddress(family, server, 0);
    libc.call("connect", descriptor, octets, octets.length);
  });
}

function localOf(libc: Libc, descriptor: number, family: Family): ConnectedUdp["local"] {
  const octets = new Uint8Array(SOCKET_ADDRESS_SIZE_MAX);
  const size = new Uint8Array(Uint32Array.of(octets.length).buffer);
  libc.call("getsockname", descriptor, octets, size);
  return readSocketAddress(octets, 0, family);
}
