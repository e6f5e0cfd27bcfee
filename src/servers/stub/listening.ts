/** What the stub's sockets have in common, of whatever transport and however they are made. */

import type { Endpoint } from "../../core/datagram.ts";
import { isLoopback } from "../../core/ip-address.ts";
import { LOOPBACK_PAYLOAD_SIZE_MAX, PAYLOAD_SIZE_MAX } from "./constants.ts";
import type { ReplyPath } from "./reply.ts";

/** Where a socket listens. */
export interface Place extends Endpoint {
  /** The interface of a link-local address; undefined for all others. */
  readonly scope: { readonly name: string; readonly index: number } | undefined;
}

/** An open socket. */
export interface Listening {
  close(): Promise<void>;
}

export interface ListeningOptions {
  readonly place: Place;
  /** A socket that is bound there already, in the place of one of its own. */
  readonly descriptor?: number | undefined;
  /** The socket has failed, and is of no use any more. */
  readonly onFailure: (error: Error) => void;
}

/** The place's address as `node:net` and `node:dgram` take it. */
export function hostOf({ address, scope }: Place): string {
  return scope === undefined ? address : `${address}%${scope.name}`;
}

export function udpPathOf({ address }: Place): ReplyPath {
  const sizeMax = isLoopback(address) ? LOOPBACK_PAYLOAD_SIZE_MAX : PAYLOAD_SIZE_MAX;
  return { transport: "udp", sizeMax };
}
