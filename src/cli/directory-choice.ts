/** Who answers a command's questions: the running daemon where there is one, else this process. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { DotlocalError, type ErrorCode } from "../core/errors.ts";
import type { Directory } from "../runtime/directory.ts";
import type { LookupOptions } from "./options.ts";

/**
 * Asks the daemon; where none answers, once more an engine of our own. `--socket` insists on the
 * daemon, `--standalone` on our own. With `publishes`, our own engine publishes too, and a daemon
 * that does not allow it to the user has the last word.
 */
export async function withDirectory<Outcome>(
  options: LookupOptions,
  use: (directory: Directory) => Promise<Outcome>,
  publishes?: "services" | "hosts",
): Promise<Outcome> {
  if (!options.standalone) {
    const daemon = new DaemonConnection(findControlSocket(options.socket));
    try {
      return await use(daemon);
    } catch (error) {
      const isRefused = publishes !== undefined && isCode(error, "NOT_PERMITTED");
      if (isRefused) throw refusal(error as DotlocalError);
      if (!isWithoutDaemon(error) || options.socket !== undefined) throw error;
      if (options.verbose) process.stderr.write(`${error.message}: looking ourselves\n`);
    }
  }
  const { openStandalone } = await import("../client/standalone.ts");
  const directory = await openStandalone({
    configurationFile: options.config,
    interfaces: options.interface,
    ipv4Only: options["4"],
    ipv6Only: options["6"],
    publishes,
  });
  try {
    return await use(directory);
  } finally {
    const closed = directory.close();
    // The end of the process closes all else.
    if (publishes !== undefined) await closed;
  }
}

function isWithoutDaemon(error: unknown): error is DotlocalError {
  return isCode(error, "NO_DAEMON") || isCode(error, "NOT_PERMITTED");
}

function isCode(error: unknown, code: ErrorCode): error is DotlocalError {
  return error instanceof DotlocalError && error.code === code;
}

function refusal({ message }: DotlocalError): DotlocalError {
  const remedy = "join the group that control.group names, or use --standalone";
  return new DotlocalError("NOT_PERMITTED", `${message}: ${remedy}`);
}
