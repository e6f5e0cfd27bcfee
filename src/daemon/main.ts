/**
 * The daemon's process: signals, faults, the user it runs as and the exit status. `dotlocal daemon`
 * loads this file and calls `runDaemon`.
 *
 * Signals are taken from the beginning: one that comes while the daemon starts is acted upon once it
 * has.
 */

import { EXIT_DONE, EXIT_FAULT } from "../core/errors.ts";
import { PROCESS_START } from "../net/clock.ts";
import { takeInheritedSockets } from "../net/listen-fds.ts";
import { loadConfiguration } from "../runtime/configuration-source.ts";
import { Daemon, type DaemonOptions } from "./daemon.ts";
import { settleSoon } from "./frugality.ts";
import { placeSockets } from "./inherited-sockets.ts";
import { type Logger, openLog } from "./log.ts";
import { ServiceReports } from "./service-reports.ts";
import { accountToBecome, becomeUser, isRoot } from "./user-switch.ts";

/** Milliseconds after which a close that hangs is given up. */
const CLOSE_TIMEOUT = 900;

type RunOptions = Pick<DaemonOptions, "configurationFile" | "controlSocket" | "overrides">;

/**
 * Runs until SIGINT or SIGTERM; resolves to the exit status.
 * @throws DotlocalError for a configuration that is not valid, and for a user that there is not.
 */
export async function runDaemon(options: RunOptions): Promise<number> {
  const loaded = await loadConfiguration(options.configurationFile, options.overrides);
  const { configuration } = loaded;
  const log = await openLog(configuration.log.level, configuration.log.format);
  const account = accountToBecome(configuration.user);
  const reports = new ServiceReports();
  const inherited = placeSockets(takeInheritedSockets());
  for (const name of inherited.unknown) log.warn(`there is no use for the socket "${name}"`);
  // Begins once signals are taken.
  const starting = Promise.resolve().then(() =>
    // RFC 6762 §8.1: the random wait before the first probe begins with the process.
    Daemon.start({ ...options, loaded, log, reports, inherited, startedAt: PROCESS_START }),
  );
  const ended = whenEnded(starting, reports, log);
  const daemon = await starting;
  if (account !== undefined) {
    becomeUser(account);
    log.info(`running as user ${account.user} from here on`);
  } else if (isRoot()) {
    log.warn("running as root: name another user in the configuration (user: dotlocal)");
  }
  if (!reports.ready(() => daemon.summary())) {
    log.warn("systemd cannot be told that the daemon is ready: install koffi, or set Type=exec");
  }
  settleSoon();
  return ended;
}

/** Acts on signals and faults; resolves to the exit status. */
function whenEnded(
  starting: Promise<Daemon>,
  reports: ServiceReports,
  log: Logger,
): Promise<number> {
  process.on("SIGHUP", () => {
    const reloaded = starting.then((daemon) => daemon.reload());
    reloaded.catch((error: Error) => {
      log.error(`not reloaded, the old configuration stays: ${error.message}`);
    });
  });
  return new Promise((resolve) => {
    const stop = (signal: string): void => {
      log.info(`${signal}: saying goodbye`);
      reports.stopping();
      setTimeout(() => resolve(EXIT_DONE), CLOSE_TIMEOUT).unref();
      const closed = starting.then((daemon) => daemon.close());
      closed.then(() => resolve(EXIT_DONE), ignoreFailedStart);
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    process.once("uncaughtException", (error) => {
      starting.then(statusOf, ignoreFailedStart).then((status) => {
        log.fatal({ err: error, status }, "a fault of ours: giving up");
        resolve(EXIT_FAULT);
      });
    });
  });
}

/** `runDaemon` itself ends with what went wrong. */
function ignoreFailedStart(): undefined {
  return undefined;
}

function statusOf(daemon: Daemon): unknown {
  try {
    return daemon.status();
  } catch {
    return undefined;
  }
}
