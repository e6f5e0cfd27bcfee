/**
 * Sockets with every option Linux has, made through libc: each datagram is known by its link and
 * destination, bursts are read with recvmmsg and answered with sendmmsg.
 *
 * Everything leaves through the group's socket of its link and family (source port 5353 or 5355);
 * the sockets bound to own addresses only receive.
 */

import type { Channel, Endpoint, OutboundDatagram } from "../../core/datagram.ts";
import type { Family } from "../../core/ip-address.ts";
import type { Link, LinkId } from "../../core/link.ts";
import { groupOf } from "../constants.ts";
import { groupPort, rolesOf } from "../socket-role.ts";
import type { Transport, TransportListeners, TransportOptions } from "../transport.ts";
import type { Libc } from "./libc.ts";
import { NativeSocket } from "./native-socket.ts";
import { ReceiveBatch } from "./receive-batch.ts";
import { SendBatch, type SendFailure } from "./send-batch.ts";

/** How soon a socket that could not be made is tried again, in milliseconds. */
const OPEN_RETRY_INTERVAL = 5_000;

/** How soon sending goes on after the operating system's buffers were full, in milliseconds. */
const SEND_RETRY_INTERVAL = 5;

export class NativeTransport implements Transport {
  readonly kind = "native";
  readonly #libc: Libc;
  readonly #options: TransportOptions;
  readonly #listeners: TransportListeners;
  readonly #received: ReceiveBatch;
  readonly #queued: SendBatch;
  readonly #sockets = new Map<string, NativeSocket>();
  /** The sockets that send, by channel, link and family. */
  #senders = new Map<string, NativeSocket>();
  /** What was said of the sockets that could not be made, so that each is said once. */
  #failures = new Map<string, string>();
  #links: readonly Link[] = [];
  #openTimer: NodeJS.Timeout | undefined;
  #flushPlan: "none" | "this-turn" | "when-writable" = "none";
  #flushTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(libc: Libc, options: TransportOptions, listeners: TransportListeners) {
    this.#libc = libc;
    this.#options = options;
    this.#listeners = listeners;
    this.#received = new ReceiveBatch(libc);
    this.#queued = new SendBatch(libc);
  }

  reconcile(links: readonly Link[]): void {
    if (this.#isClosed) return;
    this.#flush();
    this.#links = links;
    const roles = rolesOf(links, this.#options);
    for (const [key, socket] of this.#sockets) {
      if (roles.has(key)) continue;
      this.#sockets.delete(key);
      void socket.close();
    }
    const failures = new Map<string, string>();
    for (const [key, role] of roles) {
      if (this.#sockets.has(key)) continue;
      try {
        this.#open(key, new NativeSocket(this.#libc, role, this.#received, this.#listeners));
      } catch (error) {
        failures.set(key, String(error));
        if (this.#failures.get(key) === String(error)) continue;
        this.#listeners.linkFailure(role.link, role.family, error as Error);
      }
    }
    this.#failures = failures;
    this.#senders = sendersOf(this.#sockets.values());
    this.#planRetry();
  }

  send(datagram: OutboundDatagram): void {
    const code = this.#queue(datagram);
    if (code !== undefined) this.#report([{ datagram, code }]);
    else if (this.#flushPlan === "none") this.#planFlush();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    clearTimeout(this.#openTimer);
    clearTimeout(this.#flushTimer);
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
  }

  #open(key: string, socket: NativeSocket): void {
    if (this.#options.unref === true) socket.unref();
    this.#sockets.set(key, socket);
  }

  #planRetry(): void {
    clearTimeout(this.#openTimer);
    if (this.#failures.size === 0) return;
    this.#openTimer = setTimeout(() => this.reconcile(this.#links), OPEN_RETRY_INTERVAL);
    this.#openTimer.unref();
  }

  /** Returns why the datagram cannot be sent, or undefined when it is queued. */
  #queue(datagram: OutboundDatagram): string | undefined {
    const { channel, link, family, destination } = datagram;
    const sender = this.#senders.get(senderKey(channel, link, family));
    if (sender === undefined) return "ENODEV";
    if (this.#queued.isFull) this.#flush();
    const endpoint = destination === "group" ? this.#groupEndpoint(channel, family) : destination;
    return this.#queued.add(sender.descriptor, datagram, endpoint);
  }

  #planFlush(): void {
    this.#flushPlan = "this-turn";
    process.nextTick(() => {
      if (this.#flushPlan === "this-turn") this.#flush();
    });
  }

  #groupEndpoint(channel: Channel, family: Family): Endpoint {
    return { address: groupOf(channel, family), port: groupPort(channel, this.#options) };
  }

  #flush(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#flushTimer);
    const failures = this.#queued.flush();
    this.#flushPlan = this.#queued.isEmpty ? "none" : "when-writable";
    if (this.#flushPlan === "when-writable") {
      this.#flushTimer = setTimeout(() => this.#flush(), SEND_RETRY_INTERVAL);
    }
    if (failures.length > 0) this.#report(failures);
  }

  /** Told in a turn of its own: an engine is never called from within its own drain. */
  #report(failures: readonly SendFailure[]): void {
    setImmediate(() => {
      if (this.#isClosed) return;
      for (const { datagram, code } of failures) {
        this.#listeners.transmitFailure(datagram, { code });
      }
    });
  }
}

function senderKey(channel: Channel, link: LinkId, family: Family): string {
  return `${channel} ${link} ${family}`;
}

function sendersOf(sockets: Iterable<NativeSocket>): Map<string, NativeSocket> {
  const senders = new Map<string, NativeSocket>();
  for (const socket of sockets) {
    const { kind, channel, link, family } = socket.role;
    if (kind !== "own-address") senders.set(senderKey(channel, link.id, family), socket);
  }
  return senders;
}
