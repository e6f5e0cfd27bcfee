/** Commands that are one request to the running daemon. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { EXIT_DONE, EXIT_USAGE } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { DefinitionsReport } from "../runtime/definition-status.ts";
import type { SocketOptions } from "./options.ts";

/** The part of a reload's answer that is shown. */
interface Reloaded {
  readonly definitions: DefinitionsReport;
}

/** What is wrong with definitions is printed; all the others are in force. */
export async function reloadCommand(options: SocketOptions): Promise<number> {
  const { definitions } = await connection(options).call<Reloaded>({
    method: "POST",
    path: "/v1/reload",
  });
  for (const problem of definitions.problems) process.stderr.write(`${printable(problem)}\n`);
  return definitions.hasErrors ? EXIT_USAGE : EXIT_DONE;
}

function connection({ socket }: SocketOptions): DaemonConnection {
  return new DaemonConnection(findControlSocket(socket));
}
