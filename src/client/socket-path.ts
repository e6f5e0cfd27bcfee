/** Where a client looks for the daemon's control socket. */

import { existsSync } from "node:fs";
import { SYSTEM_CONTROL_SOCKET, userControlSocket } from "../config/default-paths.ts";

/**
 * The candidates in order: the one asked for, `$DOTLOCAL_SOCKET`, the user's own, the system's. The
 * first of the last two that exists; when neither does, the system's, for the message.
 */
export function findControlSocket(asked: string | undefined): string {
  const named = asked ?? process.env["DOTLOCAL_SOCKET"];
  if (named !== undefined && named !== "") return named;
  const own = userControlSocket({
    isRoot: process.getuid?.() === 0,
    runtimeDirectory: undefined,
    stateDirectory: undefined,
    xdgRuntimeDirectory: process.env["XDG_RUNTIME_DIR"],
    xdgStateHome: undefined,
    home: undefined,
  });
  return own !== undefined && existsSync(own) ? own : SYSTEM_CONTROL_SOCKET;
}
