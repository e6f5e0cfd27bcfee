/**
 * One role's socket with nothing but `node:dgram`.
 *
 * IPv6 groups and link-local addresses are bound together with their scope, which keeps links apart.
 * IPv4 groups cannot be: see `PortableTransport` for how the link is found.
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Endpoint } from "../../core/datagram.ts";
import { type IpAddress, isLinkLocal } from "../../core/ip-address.ts";
import type { Link } from "../../core/link.ts";
import { groupOf, HOP_LIMIT } from "../constants.ts";
import { arrivalOf, primaryIpv4, type SocketRole } from "../socket-role.ts";
import type { TransportListeners } from "../transport.ts";
import { Membership } from "./membership.ts";

const RECEIVE_BUFFER_SIZE = 1 << 20;

export class PortableSocket {
  readonly role: SocketRole;
  readonly #socket: Socket;
  readonly #membership: Membership | undefined;
  #isClosed = false;

  /**
   * `accepts` says whether a datagram from a source is this link's.
   * @throws Error when the operating system refuses; nothing is left open then.
   */
  constructor(
    role: SocketRole,
    listeners: TransportListeners,
    accepts: (source: IpAddress) => boolean,
  ) {
    this.role = role;
    this.#socket = openSocket(role);
    try {
      this.#membership = prepare(this.#socket, role);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    const { channel, link, family } = role;
    const arrival = arrivalOf(role);
    this.#socket.on("error", (error) => listeners.linkFailure(link, family, error));
    this.#socket.on("message", (octets, sender) => {
      const source = sourceOf(sender);
      if (this.#isClosed || !accepts(source.address)) return;
      listeners.datagram({ channel, octets, link: link.id, family, source, arrival });
      listeners.burstEnd();
    });
  }

  send(octets: Uint8Array, { address, port }: Endpoint, onFailure: (code: string) => void): void {
    const scoped = withScope(address, this.role.link);
    this.#socket.send(octets, port, scoped, (error) => {
      if (error !== null) onFailure((error as NodeJS.ErrnoException).code ?? "EIO");
    });
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#membership !== undefined) return this.#membership.close();
    return new Promise((resolve) => this.#socket.close(resolve));
  }
}

/** Addresses are numeric, so nothing is looked up and binding is done when `bind` returns. */
export function numericLookup(
  host: string,
  family: number,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, host, family);
}

function openSocket(role: SocketRole): Socket {
  const socket = createSocket({
    type: role.family === "ipv4" ? "udp4" : "udp6",
    reuseAddr: true,
    ipv6Only: role.family === "ipv6",
    recvBufferSize: RECEIVE_BUFFER_SIZE,
    lookup: numericLookup as never,
  });
  let failure: Error | undefined;
  socket.once("error", (error) => {
    failure = error;
  });
  const address = addressToBind(role);
  socket.bind({ port: role.port, exclusive: true, ...(address === undefined ? {} : { address }) });
  if (failure !== undefined) throw failure;
  socket.removeAllListeners("error");
  return socket;
}

/** The address a role binds; undefined for all addresses. */
function addressToBind(role: SocketRole): string | undefined {
  if (role.kind === "own-address") return withScope(role.address, role.link);
  // Windows binds no socket to a group.
  if (process.platform === "win32") return undefined;
  return withScope(groupOf(role.channel, role.family), role.link);
}

function prepare(socket: Socket, role: SocketRole): Membership | undefined {
  socket.setTTL(HOP_LIMIT);
  socket.setMulticastTTL(HOP_LIMIT);
  // RFC 6762 §15: other responders of this host hear us.
  socket.setMulticastLoopback(true);
  if (role.kind === "own-address") return undefined;
  const name = role.family === "ipv4" ? primaryIpv4(role.link) : `::%${scopeOf(role.link)}`;
  if (name === undefined) throw new Error(`${role.link.name} has no IPv4 address`);
  return new Membership(socket, role.family, groupOf(role.channel, role.family), name);
}

export function withScope(address: IpAddress, link: Link): string {
  const needsScope = address.includes(":") && (isLinkLocal(address) || address.startsWith("ff02:"));
  return needsScope ? `${address}%${scopeOf(link)}` : address;
}

export function scopeOf({ id, name }: Link): string {
  return process.platform === "win32" ? String(id) : name;
}

function sourceOf({ address, port }: RemoteInfo): Endpoint {
  const scope = address.indexOf("%");
  return { address: (scope < 0 ? address : address.slice(0, scope)) as IpAddress, port };
}
