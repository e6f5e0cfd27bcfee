/** The two ways in which a host may reach the network; suites run once for each. */

import { hideKoffi } from "./daemon.ts";
import type { Host } from "./lan.ts";

export interface SocketKind {
  readonly title: string;
  readonly transport: "native" | "portable";
  /** Makes the host one that has only these; before anything of ours is started there. */
  prepare(...hosts: readonly Host[]): Promise<void>;
}

export const socketKinds: readonly SocketKind[] = [
  { title: "native sockets", transport: "native", prepare: async () => {} },
  {
    title: "portable sockets",
    transport: "portable",
    prepare: async (...hosts) => {
      await Promise.all(hosts.map(hideKoffi));
    },
  },
];
