/**
 * This project's daemon and command on a host, as its users start them: through `bin/dotlocal.js`,
 * built from the sources as they are. The host has its own /run, /etc and /var, so the daemon uses
 * its default paths.
 */

import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Host } from "./lan.ts";
import { repositoryRoot } from "./paths.ts";
import type { RunningProcess, RunOptions, RunResult, SpawnOptions } from "./process.ts";

export interface DaemonOptions {
  /** dotlocal.yaml: its text, or an object. Default: no file, every default. */
  readonly configuration?: string | object;
  /** Service definitions: file names, e.g. `web.yaml`, to their text or an object. */
  readonly services?: Readonly<Record<string, string | object>>;
  /** Further arguments of `dotlocal daemon`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly transport?: "native" | "portable";
}

const LAUNCHER = join(repositoryRoot, "bin/dotlocal.js");
const CONFIGURATION_FILE = "/etc/dotlocal/dotlocal.yaml";
const SERVICES_FOLDER = "/etc/dotlocal/services";
const CONTROL_SOCKET = "/run/dotlocal/control.sock";
const START_TIMEOUT = 15_000;

export class Daemon implements AsyncDisposable {
  readonly host: Host;
  /** Its log is `process.lines`. */
  readonly process: RunningProcess;

  private constructor(host: Host, process: RunningProcess) {
    this.host = host;
    this.process = process;
  }

  /** Resolves once its control socket takes connections; it probes for its name from then on. */
  static async start(host: Host, options: DaemonOptions = {}): Promise<Daemon> {
    if (options.configuration !== undefined) Daemon.configure(host, options.configuration);
    for (const [name, definition] of Object.entries(options.services ?? {})) {
      Daemon.define(host, name, definition);
    }
    const daemon = new Daemon(host, spawnDaemon(host, options));
    await daemon.#whenListening();
    return daemon;
  }

  /** Resolves once it has its name on the host's first link. */
  static async startNamed(host: Host, options: DaemonOptions = {}): Promise<Daemon> {
    const daemon = await Daemon.start(host, options);
    await daemon.process.line(/this host is \S+ on eth0/);
    return daemon;
  }

  /** Writes the host's configuration file; `reload` makes a running daemon read it. */
  static configure(host: Host, configuration: string | object): void {
    host.writeFile(CONFIGURATION_FILE, yaml(configuration));
  }

  /** Writes a service definition, which a running daemon notices. */
  static define(host: Host, name: string, definition: string | object): void {
    host.writeFile(`${SERVICES_FOLDER}/${name}`, yaml(definition));
  }

  /** The command on the same host, which finds this daemon. */
  command(...args: readonly string[]): Promise<RunResult> {
    return dotlocal(this.host, ...args);
  }

  /** SIGHUP: reads its configuration and service definitions again. */
  reload(): void {
    this.process.signal("SIGHUP");
  }

  /** SIGTERM: it says goodbye. Returns its exit status. */
  stop(): Promise<number> {
    return this.process.stop();
  }

  /** SIGKILL: no goodbye. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #whenListening(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT;
    while (!(await accepts(this.host.namespace.path(CONTROL_SOCKET)))) {
      const { isRunning, title, status, lines } = this.process;
      const log = lines.join("\n");
      if (!isRunning) throw new Error(`${title} ended with status ${status}\n${log}`);
      if (Date.now() > deadline) throw new Error(`${title} opens no control socket\n${log}`);
      await setTimeout(20);
    }
  }
}

/** Runs the command to its end: `dotlocal(host, "resolve", "printer.local")`. */
export function dotlocal(host: Host, ...args: readonly string[]): Promise<RunResult> {
  return runDotlocal(host, args);
}

/** Like `dotlocal`, with a time-out, an environment or standard input. */
export function runDotlocal(
  host: Host,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  buildOnce();
  return host.run(process.execPath, [LAUNCHER, ...args], options);
}

/** Starts a command that goes on: `browse`, `publish`, `monitor`. */
export function spawnDotlocal(
  host: Host,
  args: readonly string[],
  options: SpawnOptions = {},
): RunningProcess {
  buildOnce();
  return host.spawn(process.execPath, [LAUNCHER, ...args], options);
}

/** From now on the host is one where the optional native module is not installed. */
export async function hideKoffi(host: Host): Promise<void> {
  const folder = join(repositoryRoot, "node_modules/koffi");
  await host.output("mount", ["-t", "tmpfs", "tmpfs", folder]);
}

function spawnDaemon(host: Host, options: DaemonOptions): RunningProcess {
  const configuration = options.configuration === undefined ? [] : ["-c", CONFIGURATION_FILE];
  const transport =
    options.transport === undefined ? {} : { DOTLOCAL_TRANSPORT: options.transport };
  return spawnDotlocal(host, ["daemon", ...configuration, ...(options.args ?? [])], {
    env: { ...transport, ...options.env },
  });
}

let isBuilt = false;

function buildOnce(): void {
  if (isBuilt) return;
  const script = join(repositoryRoot, "scripts/build.js");
  execFileSync(process.execPath, [script, "commands", "--if-stale"], { stdio: "pipe" });
  isBuilt = true;
}

/** JSON is YAML. */
function yaml(value: string | object): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
