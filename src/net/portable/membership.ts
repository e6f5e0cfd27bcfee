/// <reference path="./multicast-dns.d.ts" />
/**
 * A socket's membership in its group, kept by `multicast-dns`.
 *
 * The package gets a facade as its socket, which passes the calls about groups on and no events:
 * `message` never reaches its decoder (this project parses its messages itself), and without
 * `listening` it sets no timer of its own.
 */

import type { Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import multicastDns from "multicast-dns";
import type { Family } from "../../core/ip-address.ts";

export class Membership {
  readonly #keeper: ReturnType<typeof multicastDns>;

  /**
   * Joins `group` on an interface, named by an own IPv4 address or by `::%` and its scope.
   * @throws Error when the operating system refuses.
   */
  constructor(socket: Socket, family: Family, group: string, interfaceName: string) {
    this.#keeper = multicastDns({
      socket: new GroupSocket(socket),
      type: family === "ipv4" ? "udp4" : "udp6",
      ip: group,
      port: socket.address().port,
      interface: interfaceName,
      bind: false,
    });
    let failure: Error | undefined;
    this.#keeper.on("warning", (warning: Error) => {
      failure ??= warning;
    });
    this.#keeper.update();
    if (failure !== undefined) throw failure;
  }

  /** Leaves the group and closes the socket. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#keeper.destroy(resolve));
  }
}

/** What `multicast-dns` sees of the socket. */
class GroupSocket extends EventEmitter {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  addMembership(group: string, interfaceName: string): void {
    this.#socket.addMembership(group, interfaceName);
  }

  dropMembership(group: string, interfaceName: string): void {
    this.#socket.dropMembership(group, interfaceName);
  }

  setMulticastInterface(interfaceName: string): void {
    this.#socket.setMulticastInterface(interfaceName);
  }

  close(callback: () => void): void {
    this.#socket.close(callback);
  }
}
