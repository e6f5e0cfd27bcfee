/** `dotlocal daemon`: options to overrides, and into the daemon. */

import type { LogLevel } from "../config/configuration.ts";
import type { ConfigOptions, LinkOptions, SocketOptions } from "./options.ts";

export interface DaemonCommandOptions extends SocketOptions, ConfigOptions, LinkOptions {
  readonly hostname?: string;
  readonly serviceDefs?: readonly string[];
  /** false: `--no-stub`. */
  readonly stub?: readonly string[] | boolean;
  readonly llmnr?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export async function daemonCommand(options: DaemonCommandOptions): Promise<number> {
  const { runDaemon } = await import("../daemon/main.ts");
  return runDaemon({
    configurationFile: options.config,
    controlSocket: options.socket,
    overrides: {
      hostname: options.hostname,
      serviceDefs: options.serviceDefs,
      stub: typeof options.stub === "boolean" ? undefined : options.stub,
      noStub: options.stub === false,
      llmnr: options.llmnr,
      logLevel: options.logLevel ?? verboseLevel(options),
      logFormat: options.logFormat ?? (options.json ? "json" : undefined),
      interfaces: options.interface,
      ipv4Only: options["4"],
      ipv6Only: options["6"],
    },
  });
}

function verboseLevel({ verbose }: DaemonCommandOptions): LogLevel | undefined {
  return verbose ? "debug" : undefined;
}
