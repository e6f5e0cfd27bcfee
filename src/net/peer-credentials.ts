/**
 * Who is at the other end of a Unix socket: SO_PEERCRED and SO_PEERGROUPS, as of when it connected.
 */

import type { Socket } from "node:net";
import { type Libc, libc, SystemError } from "./native/libc.ts";
import { SO_PEERCRED, SO_PEERGROUPS, SOL_SOCKET } from "./native/socket-options.ts";

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** `gid` and the supplementary groups, which kernels before Linux 4.13 do not tell. */
  readonly groups: readonly number[];
}

/** `struct ucred`: process, user and group. */
const CREDENTIALS_SIZE = 12;
const GROUP_SIZE = 4;
const GROUPS_USUAL = 64;
/** <linux/limits.h>: NGROUPS_MAX. */
const GROUPS_MAX = 65_536;

/** Whether this system tells who the peer is. */
export function hasPeerCredentials(): boolean {
  return libc() !== undefined;
}

/** Undefined where the system does not tell, or when the socket is no open Unix socket. */
export function readPeerCredentials(socket: Socket): PeerCredentials | undefined {
  const native = libc();
  const descriptor = descriptorOf(socket);
  if (native === undefined || descriptor === undefined) return undefined;
  try {
    const octets = native.option(descriptor, SOL_SOCKET, SO_PEERCRED, CREDENTIALS_SIZE);
    const view = new DataView(octets.buffer);
    const gid = view.getUint32(8, true);
    return {
      pid: view.getInt32(0, true),
      uid: view.getUint32(4, true),
      gid,
      groups: [gid, ...readGroups(native, descriptor)],
    };
  } catch {
    return undefined;
  }
}

function readGroups(native: Libc, descriptor: number): number[] {
  try {
    return readGroupsUpTo(native, descriptor, GROUPS_USUAL);
  } catch (error) {
    if (!(error instanceof SystemError && error.code === "ERANGE")) return [];
    return readGroupsUpTo(native, descriptor, GROUPS_MAX);
  }
}

function readGroupsUpTo(native: Libc, descriptor: number, countMax: number): number[] {
  const octets = native.option(descriptor, SOL_SOCKET, SO_PEERGROUPS, countMax * GROUP_SIZE);
  return [...new Uint32Array(octets.buffer, 0, octets.length / GROUP_SIZE)];
}

/** Node keeps the descriptor in the socket's handle and offers no other way to it. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { _handle: { fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
}
