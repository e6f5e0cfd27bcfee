/** What a running daemon tells of itself: the answer of `GET /v1/status`, as plain data. */

import type { HostSnapshot } from "../host/types.ts";
import type { DefinitionStatus } from "./definition-status.ts";

export interface ProcessLoad {
  readonly pid: number;
  /** Seconds since the daemon started. */
  readonly uptime: number;
  /** Octets. */
  readonly memory: { readonly resident: number; readonly heap: number };
  /** Seconds of processor time, user and system. */
  readonly processorTime: number;
}

export interface HostLoad {
  /** Averages over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  readonly processors: number;
  /** Octets. */
  readonly memory: { readonly free: number; readonly total: number };
  /** Seconds since the host started. */
  readonly uptime: number;
}

/** Another program that takes unicast to a port of ours. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

export interface DaemonStatus {
  readonly version: string;
  /** Sentences about what is not as it should be; the most important first. */
  readonly warnings: readonly string[];
  readonly configurationFile: string | null;
  readonly controlSocket: string | null;
  readonly transport: "native" | "portable";
  /** Other processes that take unicast to port 5353. */
  readonly portHolders: readonly PortHolder[];
  readonly host: HostSnapshot;
  readonly definitions: readonly DefinitionStatus[];
  readonly process: ProcessLoad;
  readonly system: HostLoad;
}
