/**
 * Sockets of `node:dgram` alone, with `multicast-dns` to keep their memberships: where koffi or
 * Linux is missing.
 *
 * Theory of operation: a socket a role, as with native sockets, so that what is sent leaves on the
 * right link and a reply leaves from the address that was asked. An IPv4 group's socket however hears
 * the group on every link of a Linux host, so each takes only what comes from a subnet of its own
 * link. A source in no known subnet is accepted all the same (RFC 6762 §11), by the first link. Two
 * links in one subnet cannot be told apart: what comes in on either is the first one's.
 */

import type { OutboundDatagram } from "../../core/datagram.ts";
import type { IpAddress } from "../../core/ip-address.ts";
import { isOnLink, type Link } from "../../core/link.ts";
import { endpointOf, type SocketRole } from "../socket-role.ts";
import { SocketSet } from "../socket-set.ts";
import type { Transport, TransportListeners, TransportOptions } from "../transport.ts";
import { PortableSocket } from "./portable-socket.ts";

/** Elsewhere a socket hears its group only on the links where it has joined it. */
const HEARS_EVERY_LINK = process.platform === "linux";

export class PortableTransport implements Transport {
  readonly kind = "portable";
  readonly #options: TransportOptions;
  readonly #listeners: TransportListeners;
  readonly #sockets: SocketSet<PortableSocket>;

  constructor(options: TransportOptions, listeners: TransportListeners) {
    this.#options = options;
    this.#listeners = listeners;
    this.#sockets = new SocketSet(
      (role) => new PortableSocket(role, listeners, (source) => this.#accepts(role, source)),
      options,
      listeners.linkFailure,
    );
  }

  reconcile(links: readonly Link[]): void {
    this.#sockets.reconcile(links);
  }

  send(datagram: OutboundDatagram): void {
    const { channel, link, family, from, octets } = datagram;
    const own = from === undefined ? undefined : this.#sockets.ownAddress(channel, link, from);
    const socket = own ?? this.#sockets.sender(channel, link, family);
    const report = (code: string) => this.#listeners.transmitFailure(datagram, { code });
    if (socket === undefined) {
      setImmediate(report, "ENODEV");
      return;
    }
    // The octets are the caller's again when this returns.
    socket.send(octets.slice(), endpointOf(datagram, this.#options), report);
  }

  close(): Promise<void> {
    return this.#sockets.close();
  }

  #accepts({ kind, family, link }: SocketRole, source: IpAddress): boolean {
    if (kind !== "group" || family === "ipv6") return true;
    const links = this.#sockets.links.filter(({ families }) => families.includes("ipv4"));
    const owner = links.find((candidate) => isOnLink(candidate, source));
    if (owner !== undefined) return owner.id === link.id;
    return !HEARS_EVERY_LINK || links[0]?.id === link.id;
  }
}
