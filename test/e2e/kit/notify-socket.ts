/**
 * systemd's side of sd_notify(3) on a host: a datagram socket at a path of the host, whose messages
 * are told one after the other.
 */

import { setTimeout } from "node:timers/promises";
import { libc } from "../../../src/net/native/libc.ts";
import type { Host } from "./lan.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK = 2 | 0o4000;
const MESSAGE_SIZE_MAX = 4096;
const UNTIL_TIMEOUT = 10_000;
const POLL_INTERVAL = 10;

export class NotifySocket implements Disposable {
  /** For the service's environment. */
  readonly env = { NOTIFY_SOCKET: "/run/notify" };
  readonly #native = libc()!;
  readonly #descriptor: number;
  readonly #messages: string[] = [];
  #read = 0;

  constructor(host: Host) {
    this.#descriptor = this.#native.call("socket", AF_UNIX, SOCK_DGRAM_NONBLOCK, 0);
    const path = host.namespace.path(this.env.NOTIFY_SOCKET);
    const address = new Uint8Array(Buffer.from(`\x01\0${path}\0`));
    this.#native.call("bind", this.#descriptor, address, address.length);
  }

  /** Every message so far. */
  get messages(): readonly string[] {
    this.#drain();
    return this.#messages;
  }

  /** The next message that matches; those before it are passed over. */
  async next(pattern: RegExp, timeout = UNTIL_TIMEOUT): Promise<string> {
    const deadline = Date.now() + timeout;
    for (;;) {
      const { messages } = this;
      while (this.#read < messages.length) {
        const message = messages[this.#read++]!;
        if (pattern.test(message)) return message;
      }
      if (Date.now() > deadline) {
        throw new Error(`no ${pattern} within ${timeout} ms:\n${messages.join("\n--\n")}`);
      }
      await setTimeout(POLL_INTERVAL);
    }
  }

  [Symbol.dispose](): void {
    this.#native.call("close", this.#descriptor);
  }

  #drain(): void {
    const octets = new Uint8Array(MESSAGE_SIZE_MAX);
    const receive = this.#native.function("recv");
    for (;;) {
      const length = receive(this.#descriptor, octets, octets.length, 0);
      if (length < 0) return;
      this.#messages.push(Buffer.from(octets.subarray(0, length)).toString());
    }
  }
}
