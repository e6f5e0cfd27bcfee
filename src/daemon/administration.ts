/** What the control API may ask of the daemon itself, put together from its parts. */

import type { LogLevel } from "../config/configuration.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import type { EngineOnSockets } from "../runtime/engine-on-sockets.ts";
import { HostCache } from "../runtime/host-cache.ts";
import { linkStatuses } from "../runtime/link-status.ts";
import { watchMessages } from "../runtime/watching.ts";
import type { Administered } from "../servers/control/administration-routes.ts";
import type { Logger } from "./log.ts";

export interface AdministrationParts {
  readonly sockets: EngineOnSockets;
  readonly log: Logger;
  status(): DaemonStatus;
  reload(): Promise<unknown>;
}

export function administration({
  sockets,
  log,
  status,
  reload,
}: AdministrationParts): Administered {
  return {
    status,
    reload,
    links: () => linkStatuses(sockets.driver.run((engine, now) => engine.snapshot(now))),
    cache: new HostCache(sockets.driver),
    watch: (signal) => watchMessages(sockets, signal),
    get logLevel() {
      return log.level as LogLevel;
    },
    set logLevel(level) {
      log.level = level;
    },
  };
}
