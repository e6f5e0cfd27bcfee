/**
 * Ports that whoever started this process opened for the stub (systemd's socket units): each serves
 * once, for the place whose address and port it has.
 */

import type { Endpoint } from "../../core/datagram.ts";
import type { InheritedSocket } from "../../net/listen-fds.ts";

const KINDS = { udp: "datagram", tcp: "stream" } as const;

export class HandedOverPorts {
  #sockets: readonly InheritedSocket[];

  constructor(sockets: readonly InheritedSocket[]) {
    this.#sockets = sockets;
  }

  /** The descriptor of the socket that is bound there; undefined: there is none, or no more. */
  take(transport: keyof typeof KINDS, { address, port }: Endpoint): number | undefined {
    const found = this.#sockets.find(
      (socket) =>
        socket.kind === KINDS[transport] && socket.address === address && socket.port === port,
    );
    this.#sockets = this.#sockets.filter((socket) => socket !== found);
    return found?.descriptor;
  }
}
