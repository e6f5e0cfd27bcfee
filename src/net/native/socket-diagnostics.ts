/** Bound sockets by way of sock_diag: cheaper than /proc/net, and with their interface. */

import { type Family, formatIpv4, formatIpv6 } from "../../core/ip-address.ts";
import type { BoundSocket, Protocol } from "../bound-socket.ts";
import type { Libc } from "./libc.ts";
import { type NetlinkMessage, NetlinkSocket, octetsOf, readAttributes } from "./netlink-socket.ts";
import { AF_INET, AF_INET6 } from "./socket-options.ts";

const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;

/** `struct inet_diag_req_v2`: family, protocol, extensions, states, then the socket's identity. */
const REQUEST_SIZE = 56;
const IPPROTO: Record<Protocol, number> = { tcp: 6, udp: 17 };
const TCP_LISTEN_STATE = 1 << 10;
const EVERY_STATE = 0xffff_ffff;

/** `struct inet_diag_msg`. */
const MESSAGE_SIZE = 72;
const LOCAL_PORT = 4;
const LOCAL_ADDRESS = 8;
const INTERFACE = 40;
const UID = 64;
const INODE = 68;
/** Attribute: the socket takes no IPv4. */
const INET_DIAG_SKV6ONLY = 11;

let shared: NetlinkSocket | undefined;

/** @throws SystemError where the kernel does not offer it. */
export function dumpBoundSockets(libc: Libc, protocol: Protocol, port: number): BoundSocket[] {
  shared ??= new NetlinkSocket(libc, NETLINK_SOCK_DIAG, 0);
  const sockets: BoundSocket[] = [];
  for (const family of ["ipv4", "ipv6"] as const) {
    shared.dump(SOCK_DIAG_BY_FAMILY, request(family, protocol, port), ({ payload }) => {
      if (payload.getUint16(LOCAL_PORT) !== port) return;
      sockets.push(readSocket(payload, family, protocol));
    });
  }
  return sockets;
}

function request(family: Family, protocol: Protocol, port: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(REQUEST_SIZE));
  view.setUint8(0, family === "ipv4" ? AF_INET : AF_INET6);
  view.setUint8(1, IPPROTO[protocol]);
  view.setUint32(4, protocol === "tcp" ? TCP_LISTEN_STATE : EVERY_STATE, true);
  view.setUint16(8, port);
  return octetsOf(view);
}

function readSocket(
  payload: NetlinkMessage["payload"],
  family: Family,
  protocol: Protocol,
): BoundSocket {
  const octets = octetsOf(payload);
  return {
    protocol,
    family,
    address:
      family === "ipv4" ? formatIpv4(octets, LOCAL_ADDRESS) : formatIpv6(octets, LOCAL_ADDRESS),
    port: payload.getUint16(LOCAL_PORT),
    interfaceIndex: payload.getUint32(INTERFACE, true),
    ipv6Only: readAttributes(payload, MESSAGE_SIZE).get(INET_DIAG_SKV6ONLY)?.getUint8(0) === 1,
    uid: payload.getUint32(UID, true),
    inode: payload.getUint32(INODE, true),
  };
}
