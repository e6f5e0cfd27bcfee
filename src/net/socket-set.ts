/**
 * The sockets of a set of links: opens and closes them so that there is one for each role, and tries
 * again those that the operating system refused.
 */

import type { Channel } from "../core/datagram.ts";
import type { Family, IpAddress } from "../core/ip-address.ts";
import type { Link, LinkId } from "../core/link.ts";
import { rolesOf, type SocketRole } from "./socket-role.ts";
import type { TransportListeners, TransportOptions } from "./transport.ts";

/** Milliseconds until a socket that could not be opened is tried again. */
const RETRY_INTERVAL = 5_000;

export interface RoleSocket {
  readonly role: SocketRole;
  unref(): void;
  close(): Promise<void>;
}

export class SocketSet<Opened extends RoleSocket> {
  readonly #open: (role: SocketRole) => Opened;
  readonly #options: TransportOptions;
  readonly #onFailure: TransportListeners["linkFailure"];
  readonly #sockets = new Map<string, Opened>();
  readonly #senders = new Map<string, Opened>();
  /** What was said of the sockets that could not be opened, so that each is said once. */
  #failures = new Map<string, string>();
  #links: readonly Link[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `open` throws when the operating system refuses. */
  constructor(
    open: (role: SocketRole) => Opened,
    options: TransportOptions,
    onFailure: TransportListeners["linkFailure"],
  ) {
    this.#open = open;
    this.#options = options;
    this.#onFailure = onFailure;
  }

  get links(): readonly Link[] {
    return this.#links;
  }

  reconcile(links: readonly Link[]): void {
    if (this.#isClosed) return;
    this.#links = links;
    const roles = rolesOf(links, this.#options);
    for (const [key, socket] of this.#sockets) if (!roles.has(key)) this.#close(key, socket);
    const before = this.#failures;
    this.#failures = new Map();
    for (const [key, role] of roles) {
      if (!this.#sockets.has(key)) this.#tryOpen(key, role, before.get(key));
    }
    this.#planRetry();
  }

  /** The socket that sends for a channel on a link and family: the group's. */
  sender(channel: Channel, link: LinkId, family: Family): Opened | undefined {
    return this.#senders.get(senderKey(channel, link, family));
  }

  /** The socket bound to one of the own addresses. */
  ownAddress(channel: Channel, link: LinkId, address: IpAddress): Opened | undefined {
    return this.#senders.get(`${channel} ${link} ${address}`);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close()));
  }

  #tryOpen(key: string, role: SocketRole, saidBefore: string | undefined): void {
    try {
      const socket = this.#open(role);
      if (this.#options.unref === true) socket.unref();
      this.#sockets.set(key, socket);
      this.#senders.set(indexKey(role), socket);
    } catch (error) {
      this.#failures.set(key, String(error));
      if (String(error) !== saidBefore) this.#onFailure(role.link, role.family, error as Error);
    }
  }

  #close(key: string, socket: Opened): void {
    this.#sockets.delete(key);
    this.#senders.delete(indexKey(socket.role));
    void socket.close();
  }

  #planRetry(): void {
    clearTimeout(this.#timer);
    if (this.#failures.size === 0) return;
    this.#timer = setTimeout(() => this.reconcile(this.#links), RETRY_INTERVAL);
    this.#timer.unref();
  }
}

function senderKey(channel: Channel, link: LinkId, family: Family): string {
  return `${channel} ${link} ${family}`;
}

function indexKey(role: SocketRole): string {
  const { channel, link, family } = role;
  if (role.kind === "own-address") return `${channel} ${link.id} ${role.address}`;
  return senderKey(channel, link.id, family);
}
