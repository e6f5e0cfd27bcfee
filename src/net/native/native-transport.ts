/**
 * Sockets with every option Linux has, made through libc: each datagram is known by its link and
 * destination, bursts are read with recvmmsg and answered with sendmmsg.
 *
 * A reply leaves through the socket that is bound to the address that was asked, everything else
 * through the group's socket of its link and family (source port 5353 or 5355).
 */

import type { Endpoint, OutboundDatagram } from "../../core/datagram.ts";
import type { IpAddress } from "../../core/ip-address.ts";
import type { Link } from "../../core/link.ts";
import { arrivalOf, endpointOf } from "../socket-role.ts";
import { SocketSet } from "../socket-set.ts";
import type { Transport, TransportListeners, TransportOptions } from "../transport.ts";
import type { Libc } from "./libc.ts";
import { NativeSocket } from "./native-socket.ts";
import type { Quiet } from "./readiness.ts";
import { ReceiveBatch } from "./receive-batch.ts";
import { SendBatch, type SendFailure } from "./send-batch.ts";

/** Datagrams read from a socket at one go, so that a flooded one does not starve the others. */
const BURST_SIZE_MAX = 256;

/** Milliseconds until sending goes on after the operating system's buffers were full. */
const SEND_RETRY_INTERVAL = 5;

/** By which socket a datagram leaves. */
interface Way extends Pick<OutboundDatagram, "channel" | "link" | "family" | "from"> {
  readonly descriptor: number;
  /** The packet itself must tell where it is from. */
  readonly packetFrom: IpAddress | undefined;
}

export class NativeTransport implements Transport {
  readonly kind = "native";
  readonly #options: TransportOptions;
  readonly #listeners: TransportListeners;
  readonly #sockets: SocketSet<NativeSocket>;
  readonly #received: ReceiveBatch;
  readonly #batch: SendBatch;
  /** Of the datagram queued last; that of the next one is often the same. */
  #way: Way | undefined;
  #isReading = false;
  #flushPlan: "none" | "this-turn" | "when-writable" = "none";
  #flushTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(libc: Libc, options: TransportOptions, listeners: TransportListeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#batch = new SendBatch(libc);
    this.#received = new ReceiveBatch(libc);
    this.#sockets = new SocketSet(
      (role) => new NativeSocket(libc, role, (socket) => this.#read(socket)),
      options,
      listeners.linkFailure,
    );
  }

  reconcile(links: readonly Link[]): void {
    // What is queued names descriptors that may be about to close.
    this.#flush();
    this.#way = undefined;
    this.#sockets.reconcile(links);
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
    clearTimeout(this.#flushTimer);
    await this.#sockets.close();
  }

  /** Passes on a burst and sends what comes of it. */
  #read(socket: NativeSocket): Quiet | undefined {
    this.#isReading = true;
    try {
      this.#passAll(socket);
      return this.#listeners.burstEnd();
    } finally {
      this.#isReading = false;
      if (this.#flushPlan === "this-turn") this.#flush();
    }
  }

  #passAll({ descriptor, role }: NativeSocket): void {
    const batch = this.#received;
    const { channel, link, family } = role;
    const arrival = arrivalOf(role);
    let source: Endpoint | undefined;
    let count = batch.sizeMax;
    for (let read = 0; count === batch.sizeMax && read < BURST_SIZE_MAX; read += count) {
      count = batch.receive(descriptor);
      for (let slot = 0; slot < count; slot++) {
        const octets = batch.octets(slot);
        source = batch.source(slot, family, source);
        this.#listeners.datagram({ channel, octets, link: link.id, family, source, arrival });
      }
    }
  }

  /** Returns why the datagram cannot be sent, or undefined when it is queued. */
  #queue(datagram: OutboundDatagram): string | undefined {
    if (!isSameWay(this.#way, datagram)) this.#way = this.#wayOf(datagram);
    if (this.#way === undefined) return "ENODEV";
    if (this.#batch.isFull) this.#flush();
    const { descriptor, packetFrom } = this.#way;
    return this.#batch.add(descriptor, datagram, endpointOf(datagram, this.#options), packetFrom);
  }

  #wayOf({ channel, link, family, from }: OutboundDatagram): Way | undefined {
    const own = from === undefined ? undefined : this.#sockets.ownAddress(channel, link, from);
    const sender = own ?? this.#sockets.sender(channel, link, family);
    if (sender === undefined) return undefined;
    const packetFrom = own === undefined ? from : undefined;
    return { channel, link, family, from, descriptor: sender.descriptor, packetFrom };
  }

  #planFlush(): void {
    this.#flushPlan = "this-turn";
    // The end of the burst sends it.
    if (this.#isReading) return;
    process.nextTick(() => {
      if (this.#flushPlan === "this-turn") this.#flush();
    });
  }

  #flush(): void {
    if (this.#isClosed) return;
    clearTimeout(this.#flushTimer);
    const failures = this.#batch.flush();
    this.#flushPlan = this.#batch.isEmpty ? "none" : "when-writable";
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

function isSameWay(way: Way | undefined, datagram: OutboundDatagram): boolean {
  return (
    way !== undefined &&
    way.link === datagram.link &&
    way.family === datagram.family &&
    way.from === datagram.from &&
    way.channel === datagram.channel
  );
}
