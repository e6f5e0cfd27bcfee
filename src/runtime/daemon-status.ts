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

/** Another program that takes unicast to a port of ours; a null where the daemon may not look. */
export interface PortHolder {
  readonly pid: number | null;
  readonly name: string | null;
  readonly user: string;
}

/** Where the DNS stub listens. */
export interface StubPlaceStatus {
  readonly address: string;
  readonly port: number;
  /** Those that work. */
  readonly transports: readonly ("udp" | "tcp")[];
  /** What is wrong with it, in sentences. */
  readonly problems: readonly string[];
}

export interface StubStatus {
  readonly places: readonly StubPlaceStatus[];
  /** Queries that wait for their answer. */
  readonly pending: number;
  /** TCP connections. */
  readonly connections: number;
  readonly counters: Readonly<Record<string, number>>;
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
  readonly stub: StubStatus;
  readonly definitions: readonly DefinitionStatus[];
  readonly process: ProcessLoad;
  readonly system: HostLoad;
}
