/**
 * Which of the daemon's places each socket that systemd opened is for: by the name that its unit gives
 * it (`FileDescriptorName=`), else by what it is.
 */

import type { InheritedSocket } from "../net/listen-fds.ts";

export interface InheritedSockets {
  /** Descriptors of listening Unix sockets; undefined: the daemon opens its own. */
  readonly control: number | undefined;
  readonly avahi: number | undefined;
  readonly resolved: number | undefined;
  /** The DNS stub's, both datagram and listening ones. */
  readonly stub: readonly InheritedSocket[];
  /** Names of those that are for nothing. */
  readonly unknown: readonly string[];
}

export function placeSockets(sockets: readonly InheritedSocket[]): InheritedSockets {
  const placed = sockets.map((socket) => ({ socket, place: placeOf(socket) }));
  const at = (place: Place) =>
    placed.filter((entry) => entry.place === place).map(({ socket }) => socket);
  return {
    control: at("control")[0]?.descriptor,
    avahi: at("avahi")[0]?.descriptor,
    resolved: at("resolved")[0]?.descriptor,
    stub: at("stub"),
    unknown: at("unknown").map(({ name }) => name),
  };
}

type Place = "control" | "avahi" | "resolved" | "stub" | "unknown";

const NAMED_PLACES: readonly Place[] = ["control", "avahi", "resolved", "stub"];

function placeOf({ name, family }: InheritedSocket): Place {
  const named = NAMED_PLACES.find((place) => place === name);
  if (named !== undefined) return named;
  if (family === "ipv4" || family === "ipv6") return "stub";
  return family === "unix" ? "control" : "unknown";
}
