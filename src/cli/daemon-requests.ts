/** Commands that are one request to the running daemon. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { EXIT_DONE } from "../core/errors.ts";
import type { SocketOptions } from "./options.ts";

export async function reloadCommand(options: SocketOptions): Promise<number> {
  await connection(options).call({ method: "POST", path: "/v1/reload" });
  return EXIT_DONE;
}

export async function cacheFlushCommand(options: SocketOptions): Promise<number> {
  await connection(options).call({ method: "POST", path: "/v1/cache/flush" });
  return EXIT_DONE;
}

function connection({ socket }: SocketOptions): DaemonConnection {
  return new DaemonConnection(findControlSocket(socket));
}
