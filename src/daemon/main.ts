/**
 * The daemon's process: signals, faults and the exit status. `dotlocal daemon` loads this file and
 * calls `runDaemon`.
 */

import { EXIT_DONE, EXIT_FAULT } from "../core/errors.ts";
import { loadConfiguration } from "../runtime/configuration-source.ts";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { openLog } from "./log.ts";

/** Milliseconds after which a close that hangs is given up. */
const CLOSE_TIMEOUT = 900;

/**
 * Runs until SIGINT or SIGTERM; resolves to the exit status.
 * @throws DotlocalError for a configuration that is not valid.
 */
export async function runDaemon(options: Omit<DaemonOptions, "log">): Promise<number> {
  const { configuration } = loadConfiguration(options.configurationFile, options.overrides);
  const log = openLog(configuration.log.level, configuration.log.format);
  const daemon = await Daemon.start({ ...options, log });
  process.on("SIGHUP", () => {
    daemon.reload().catch((error: Error) => {
      log.error(`not reloaded, the old configuration stays: ${error.message}`);
    });
  });
  return new Promise((resolve) => {
    const stop = (signal: string): void => {
      log.info(`${signal}: saying goodbye`);
      setTimeout(() => resolve(EXIT_DONE), CLOSE_TIMEOUT).unref();
      void daemon.close().then(() => resolve(EXIT_DONE));
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    process.once("uncaughtException", (error) => {
      log.fatal({ err: error, status: statusOf(daemon) }, "a fault of ours: giving up");
      resolve(EXIT_FAULT);
    });
  });
}

function statusOf(daemon: Daemon): unknown {
  try {
    return daemon.status();
  } catch {
    return undefined;
  }
}
