/** What the library does when the daemon that served it has ended: it waits a little and begins anew. */

import { setTimeout } from "node:timers/promises";
import { DotlocalError } from "../core/errors.ts";

/** Milliseconds: a daemon that is restarted is back by then, or soon after. */
const RECONNECT_WAIT = 1000;

/** Whether the error says that the daemon is no longer there, and not that it refuses. */
export function isDaemonGone(error: unknown): boolean {
  return error instanceof DotlocalError && (error.code === "SYSTEM" || error.code === "NO_DAEMON");
}

/** Resolves when it is time to try again, or at once when the signal is aborted. */
export async function reconnectWait(signal: AbortSignal): Promise<void> {
  await setTimeout(RECONNECT_WAIT, undefined, { signal }).catch(() => undefined);
}
