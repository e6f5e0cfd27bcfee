/** `dotlocal status`: what the running daemon holds, warnings first. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { EXIT_DONE } from "../core/errors.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import type { SocketOptions } from "./options.ts";
import { formatStatus } from "./status-text.ts";

export interface StatusOptions extends SocketOptions {
  readonly json?: boolean;
  readonly color?: boolean;
}

export async function statusCommand(options: StatusOptions): Promise<number> {
  const daemon = new DaemonConnection(findControlSocket(options.socket));
  const status = await daemon.call<DaemonStatus>({ method: "GET", path: "/v1/status" });
  process.stdout.write(options.json ? `${JSON.stringify(status)}\n` : formatStatus(status));
  return EXIT_DONE;
}
