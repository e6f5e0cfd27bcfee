/**
 * Where the control socket and the state directory are when the configuration does not say: the
 * facts of the host and of its environment come as an argument.
 */

import type { Configuration } from "./configuration.ts";

export interface PathFacts {
  readonly isRoot: boolean;
  /** $RUNTIME_DIRECTORY, as systemd sets it; may hold several, separated by colons. */
  readonly runtimeDirectory: string | undefined;
  /** $STATE_DIRECTORY, likewise. */
  readonly stateDirectory: string | undefined;
  /** $XDG_RUNTIME_DIR */
  readonly xdgRuntimeDirectory: string | undefined;
  /** $XDG_STATE_HOME */
  readonly xdgStateHome: string | undefined;
  /** $HOME */
  readonly home: string | undefined;
}

export const SYSTEM_CONTROL_SOCKET = "/run/dotlocal/control.sock";

export const SYSTEM_STATE_DIRECTORY = "/var/lib/dotlocal";

/** Where the daemon listens. */
export function controlSocketPath(configuration: Configuration, facts: PathFacts): string {
  const configured = configuration.control.socket;
  if (configured !== undefined) return configured;
  const runtime = firstPath(facts.runtimeDirectory);
  if (runtime !== undefined) return `${runtime}/control.sock`;
  return userControlSocket(facts) ?? SYSTEM_CONTROL_SOCKET;
}

/** The socket of a daemon that a user started as themselves; undefined for root. */
export function userControlSocket(facts: PathFacts): string | undefined {
  if (facts.isRoot || !facts.xdgRuntimeDirectory) return undefined;
  return `${facts.xdgRuntimeDirectory}/dotlocal/control.sock`;
}

export function stateDirectoryPath(configuration: Configuration, facts: PathFacts): string {
  const configured = configuration.stateDirectory ?? firstPath(facts.stateDirectory);
  if (configured !== undefined) return configured;
  const home = facts.xdgStateHome || (facts.home && `${facts.home}/.local/state`);
  return facts.isRoot || !home ? SYSTEM_STATE_DIRECTORY : `${home}/dotlocal`;
}

function firstPath(list: string | undefined): string | undefined {
  return list?.split(":").find((path) => path !== "");
}
