/**
 * The interface behind which native and portable sockets stand, and the choice between the two.
 *
 * A transport opens and closes sockets so that they match a set of links, hands in what arrives with
 * its link, family and destination, and sends what an engine gives out. It reads no message.
 */

import type { Channel, InboundDatagram, OutboundDatagram } from "../core/datagram.ts";
import type { TransmitFailure } from "../core/engine.ts";
import type { Family } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import { isPortableForced, libc } from "./native/libc.ts";
import { NativeTransport } from "./native/native-transport.ts";
import { PortableTransport } from "./portable/portable-transport.ts";

export type TransportMode = "auto" | "native" | "portable";

export interface TransportListeners {
  /** `datagram.octets` is valid only during the call. */
  datagram(datagram: InboundDatagram): void;
  /**
   * All that was readable at one go has been passed to `datagram`: the time to drain an engine.
   * Returns `quiet` where neither this nor `datagram` has left anything to promises and ticks.
   */
  burstEnd(): "quiet" | undefined;
  transmitFailure(datagram: OutboundDatagram, failure: TransmitFailure): void;
  /** A socket of that link and family could not be made; it is tried again by itself. */
  linkFailure(link: Link, family: Family, error: Error): void;
}

export interface TransportOptions {
  readonly channels: readonly Channel[];
  /** Asked whenever sockets are opened and closed: which of the channels are in use. Default: all. */
  readonly uses?: (channel: Channel) => boolean;
  /**
   * Whether sockets are bound to the link's own addresses, so that unicast to the port reaches us.
   * Default: not for mDNS on a link with `sharesPort` (RFC 6762 §15.1), else always.
   */
  readonly bindsUnicast?: (channel: Channel, link: Link) => boolean;
  /** Other ports than 5353 and 5355, for tests. */
  readonly ports?: Partial<Record<Channel, number>>;
  /** The sockets alone do not keep the process alive. Default false. */
  readonly unref?: boolean;
}

export interface Transport {
  readonly kind: "native" | "portable";
  /**
   * Opens and closes sockets so that they match `links`. A failure on one link is reported to
   * `linkFailure` and leaves the others alone.
   */
  reconcile(links: readonly Link[]): void;
  /** Queues a datagram; those queued in one turn of the event loop go out together. */
  send(datagram: OutboundDatagram): void;
  /** Sends what is queued and closes every socket. */
  close(): Promise<void>;
}

/**
 * `auto` is native where koffi loads on Linux, else portable. The environment's
 * `DOTLOCAL_TRANSPORT=portable` makes it portable whatever `mode` says.
 * @throws Error when `native` is asked for and koffi cannot be loaded.
 */
export function createTransport(
  mode: TransportMode,
  options: TransportOptions,
  listeners: TransportListeners,
): Transport {
  const native = mode === "portable" ? undefined : libc();
  if (native !== undefined) return new NativeTransport(native, options, listeners);
  if (mode === "native" && !isPortableForced()) {
    throw new Error("native sockets need Linux and koffi");
  }
  return new PortableTransport(options, listeners);
}
