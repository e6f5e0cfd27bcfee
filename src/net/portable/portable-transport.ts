/** Sockets of `node:dgram` alone. */
import type { OutboundDatagram } from "../../core/datagram.ts";
import type { Link } from "../../core/link.ts";
import type { Transport, TransportListeners, TransportOptions } from "../transport.ts";

export class PortableTransport implements Transport {
  readonly kind = "portable";
  constructor(_options: TransportOptions, _listeners: TransportListeners) {}
  reconcile(_links: readonly Link[]): void {}
  send(_datagram: OutboundDatagram): void {}
  async close(): Promise<void> {}
}
