/**
 * Sockets that systemd opened and hands over: the protocol of sd_listen_fds(3).
 *
 * A listening socket goes to `net.Server.listen({ fd })`, a datagram socket to `dgram`'s
 * `bind({ fd })`.
 */

import type { IpAddress } from "../core/ip-address.ts";
import { type Libc, libc } from "./native/libc.ts";
import { readSocketAddress } from "./native/socket-address.ts";
import { AF_INET, AF_INET6, AF_UNIX, SO_TYPE, SOL_SOCKET } from "./native/socket-options.ts";

/** The first descriptor that is handed over. */
const DESCRIPTOR_FIRST = 3;

const F_SETFD = 2;
const FD_CLOEXEC = 1;

const KINDS = new Map([
  [1, "stream"],
  [2, "datagram"],
] as const);
const FAMILIES = new Map([
  [AF_INET, "ipv4"],
  [AF_INET6, "ipv6"],
  [AF_UNIX, "unix"],
] as const);

export interface InheritedSocket {
  readonly descriptor: number;
  /** FileDescriptorName= of the socket unit; `unknown` when it has none. */
  readonly name: string;
  /** Undefined where koffi is missing. */
  readonly kind: "stream" | "datagram" | undefined;
  /** Undefined where koffi is missing, and for families this project does not use. */
  readonly family: "ipv4" | "ipv6" | "unix" | undefined;
  /** The bound address and port of an IP socket. */
  readonly address: IpAddress | undefined;
  readonly port: number | undefined;
}

/**
 * The sockets handed over to this process, at most once: the variables are taken out of the
 * environment, so that a child does not take the sockets for its own.
 */
export function takeInheritedSockets(
  environment: NodeJS.ProcessEnv = process.env,
): InheritedSocket[] {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names } = environment;
  delete environment["LISTEN_PID"];
  delete environment["LISTEN_FDS"];
  delete environment["LISTEN_FDNAMES"];
  if (pid !== String(process.pid) || count === undefined || !/^\d{1,4}$/.test(count)) return [];
  const nameList = names?.split(":") ?? [];
  const native = libc();
  return Array.from({ length: Number(count) }, (_, index) => {
    const descriptor = DESCRIPTOR_FIRST + index;
    return { descriptor, name: nameList[index] || "unknown", ...describe(native, descriptor) };
  });
}

type Description = Omit<InheritedSocket, "descriptor" | "name">;

function describe(native: Libc | undefined, descriptor: number): Description {
  const unknown = { kind: undefined, family: undefined, address: undefined, port: undefined };
  if (native === undefined) return unknown;
  try {
    native.call("fcntl", descriptor, F_SETFD, FD_CLOEXEC);
    const type = native.option(descriptor, SOL_SOCKET, SO_TYPE, 4);
    const octets = localAddress(native, descriptor);
    const family = FAMILIES.get(octets[0] as typeof AF_INET);
    const isIp = family === "ipv4" || family === "ipv6";
    const bound = isIp
      ? readSocketAddress(octets, 0, family)
      : { address: undefined, port: undefined };
    return { kind: KINDS.get(type[0] as 1), family, ...bound };
  } catch {
    return unknown;
  }
}

function localAddress(native: Libc, descriptor: number): Uint8Array {
  const address = new Uint8Array(128);
  const size = new Uint8Array(Uint32Array.of(address.length).buffer);
  native.call("getsockname", descriptor, address, size);
  return address;
}
