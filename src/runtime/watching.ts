/** Watching what passes, for a few at a time: each gets an async iterator of messages. */

import { DotlocalError } from "../core/errors.ts";
import type { EngineOnSockets } from "./engine-on-sockets.ts";
import { EventBuffer } from "./event-buffer.ts";
import type { SeenMessage } from "./seen-message.ts";

/** How many watch at one time. */
const WATCHERS_MAX = 16;

/**
 * Every message from now on, until the signal is aborted.
 * @throws DotlocalError LIMIT_REACHED.
 */
export function watchMessages(
  sockets: EngineOnSockets,
  signal: AbortSignal | undefined,
): AsyncIterable<SeenMessage> {
  if (sockets.watcherCount >= WATCHERS_MAX) {
    throw new DotlocalError("LIMIT_REACHED", `${WATCHERS_MAX} watch already`);
  }
  const watcher = (message: SeenMessage): void => buffer.push(message);
  const buffer = new EventBuffer<SeenMessage>(() => sockets.unwatch(watcher));
  sockets.watch(watcher);
  buffer.endWith(signal);
  return buffer;
}
