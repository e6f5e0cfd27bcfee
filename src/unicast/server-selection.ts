/**
 * In which order the servers of a route are asked: those that work before those that fail, the fast
 * before the slow, the listed order among equals; or in turn where `rotate` says so.
 */

import { RTT_BAND } from "./constants.ts";
import type { ServerState } from "./server-state.ts";

/** `turn` counts the questions where servers take turns; undefined: they are chosen by speed. */
export function orderServers(
  servers: readonly ServerState[],
  turn: number | undefined,
): readonly ServerState[] {
  const first = turn === undefined ? 0 : turn % Math.max(1, servers.length);
  const listed = [...servers.slice(first), ...servers.slice(0, first)];
  const speed = (server: ServerState) => (turn === undefined ? bandOf(server) : 0);
  return listed.sort((a, b) => a.failures - b.failures || speed(a) - speed(b));
}

function bandOf(server: ServerState): number {
  return Math.floor(server.cost / RTT_BAND);
}
