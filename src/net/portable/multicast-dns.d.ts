/** The part of `multicast-dns` that keeps a socket's memberships; the package has no types. */

declare module "multicast-dns" {
  import type { EventEmitter } from "node:events";

  interface MulticastDns extends EventEmitter {
    /** Joins what is not joined yet; a failure is a `warning` event. */
    update(): void;
    /** Leaves the groups and closes the socket. */
    destroy(callback?: () => void): void;
  }

  interface Options {
    readonly socket: EventEmitter;
    readonly type: "udp4" | "udp6";
    readonly ip: string;
    readonly port: number;
    readonly interface: string;
    readonly bind: false;
  }

  export default function multicastDns(options: Options): MulticastDns;
}
