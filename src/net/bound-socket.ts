/**
 * Which sockets of this network namespace are bound to a port: from sock_diag where koffi loads,
 * else from /proc/net. Empty where the system offers neither.
 */

import { readFileSync } from "node:fs";
import { type Family, formatIpv4, formatIpv6, type IpAddress } from "../core/ip-address.ts";
import { libc } from "./native/libc.ts";
import { dumpBoundSockets } from "./native/socket-diagnostics.ts";

export type Protocol = "udp" | "tcp";

export interface BoundSocket {
  readonly protocol: Protocol;
  readonly family: Family;
  /** `0.0.0.0` or `::` for all addresses. */
  readonly address: IpAddress;
  readonly port: number;
  /** The index of the interface it is bound to; 0: all, or not known. */
  readonly interfaceIndex: number;
  /** An IPv6 socket that takes no IPv4; false where it is not known. */
  readonly ipv6Only: boolean;
  /** The user whose process made it. */
  readonly uid: number;
  /** Names the socket in /proc/PID/fd. */
  readonly inode: number;
}

/** The sockets bound to `port`; of TCP those that listen. */
export function readBoundSockets(protocol: Protocol, port: number): BoundSocket[] {
  const native = libc();
  if (native !== undefined) {
    try {
      return dumpBoundSockets(native, protocol, port);
    } catch {
      // A kernel without sock_diag: /proc/net says the same, less cheaply.
    }
  }
  return [...readTable(protocol, "ipv4", port), ...readTable(protocol, "ipv6", port)];
}

/** /proc/net/tcp: the state of a socket that listens. */
const TCP_LISTEN = "0A";

function readTable(protocol: Protocol, family: Family, port: number): BoundSocket[] {
  let table: string;
  try {
    table = readFileSync(`/proc/net/${protocol}${family === "ipv4" ? "" : "6"}`, "latin1");
  } catch {
    return [];
  }
  return parseSocketTable(table, protocol, family, port);
}

/** Reads the text of /proc/net/udp, udp6, tcp or tcp6. */
export function parseSocketTable(
  table: string,
  protocol: Protocol,
  family: Family,
  port: number,
): BoundSocket[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets: BoundSocket[] = [];
  for (const line of table.split("\n")) {
    if (!line.includes(suffix)) continue;
    const [, local, , state, , , , uid, , inode] = line.trim().split(/ +/);
    if (local === undefined || !local.endsWith(suffix)) continue;
    if (protocol === "tcp" && state !== TCP_LISTEN) continue;
    const address = readHexAddress(local.slice(0, -suffix.length), family);
    const unknown = { interfaceIndex: 0, ipv6Only: false };
    const owner = { uid: Number(uid), inode: Number(inode) };
    sockets.push({ protocol, family, address, port, ...unknown, ...owner });
  }
  return sockets;
}

/** An address in groups of four octets, each in the order of a little-endian machine. */
function readHexAddress(text: string, family: Family): IpAddress {
  const octets = Buffer.from(text, "hex");
  for (let start = 0; start + 4 <= octets.length; start += 4) {
    octets.subarray(start, start + 4).reverse();
  }
  return family === "ipv4" ? formatIpv4(octets, 0) : formatIpv6(octets, 0);
}
