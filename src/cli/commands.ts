/** Every subcommand's help page, and which file does its work. */

import type { Command } from "commander";
import type { CheckOptions } from "./check-command.ts";
import type { DaemonCommandOptions } from "./daemon-command.ts";
import {
  addConfigOption,
  addLinkOptions,
  addLookupOptions,
  addOutputOptions,
  addSocketOption,
  type LookupOptions,
  repeatable,
} from "./options.ts";
import type { ResolveOptions } from "./resolve-command.ts";
import type { StatusOptions } from "./status-command.ts";

export function addCommands(program: Command): void {
  addDaemon(program);
  addResolve(program);
  addStatus(program);
  addCache(program);
  addReload(program);
  addCheck(program);
}

function addDaemon(program: Command): void {
  const command = program
    .command("daemon")
    .description("run the responder and the resolver in the foreground")
    .option("--hostname <label>", "this host's label")
    .addOption(repeatable("--service-defs <dir>", "directory of service definitions (repeatable)"))
    .addOption(repeatable("--stub <address:port>", "where the DNS stub listens (repeatable)"))
    .option("--no-stub", "no DNS stub")
    .option("--llmnr <mode>", "full, resolve or off")
    .option("--log-level <level>", "trace, debug, info, warn, error, fatal or silent")
    .option("--log-format <format>", "pretty or json")
    .addHelpText(
      "after",
      `
Ends on SIGINT and SIGTERM with goodbyes for everything published; SIGHUP reads the
configuration and the service definitions again.

Examples:
  dotlocal daemon
  dotlocal daemon --hostname node-1 -i "eth*" --service-defs ./services`,
    )
    .action(async (options: DaemonCommandOptions) => {
      const { daemonCommand } = await import("./daemon-command.ts");
      process.exitCode = await daemonCommand(options);
    });
  addLinkOptions(addConfigOption(addSocketOption(command)));
  addOutputOptions(command);
}

function addResolve(program: Command): void {
  const command = program
    .command("resolve")
    .description("forward or reverse look-up of names and addresses")
    .argument("<name|address...>", "e.g. node-1.local, 192.168.1.7, fe80::1%eth0")
    .option("-t, --type <type>", "records of this type instead of addresses")
    .addHelpText(
      "after",
      `
Prints NAME<TAB>ADDRESS a line (link-local IPv6 with %interface); for an address,
ADDRESS<TAB>NAME; with -t, NAME<TAB>TTL<TAB>TYPE<TAB>DATA.

Examples:
  dotlocal resolve node-1.local
  dotlocal resolve -6 node-1.local node-2.local
  dotlocal resolve 192.168.1.7
  dotlocal resolve -t PTR _http._tcp.local
  dotlocal resolve --json --timeout 800ms printer.local`,
    )
    .action(async (names: string[], options: ResolveOptions) => {
      const { resolveCommand } = await import("./resolve-command.ts");
      process.exitCode = await resolveCommand(names, options);
    });
  addLookupOptions(command);
}

function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("what the running daemon holds")
    .addHelpText(
      "after",
      `
Examples:
  dotlocal status
  dotlocal status --json`,
    )
    .action(async (options: StatusOptions) => {
      const { statusCommand } = await import("./status-command.ts");
      process.exitCode = await statusCommand(options);
    });
  addOutputOptions(addSocketOption(command));
}

function addCache(program: Command): void {
  const cache = program.command("cache").description("look into and act on the daemon's cache");
  const flush = cache
    .command("flush")
    .description("forget everything heard on the links")
    .action(async (options: LookupOptions) => {
      const { cacheFlushCommand } = await import("./daemon-requests.ts");
      process.exitCode = await cacheFlushCommand(options);
    });
  addSocketOption(flush);
}

function addReload(program: Command): void {
  const command = program
    .command("reload")
    .description("make the daemon read its configuration and service definitions again")
    .action(async (options: LookupOptions) => {
      const { reloadCommand } = await import("./daemon-requests.ts");
      process.exitCode = await reloadCommand(options);
    });
  addSocketOption(command);
}

function addCheck(program: Command): void {
  const command = program
    .command("check")
    .description("validate configuration and service definitions")
    .argument("[file...]", "files; none: the configuration and the definitions it names")
    .addHelpText(
      "after",
      `
Every problem is one line, file:line:column: message. The exit status is 2 when there is one.
With --explain, problems go to standard error and the records to standard output, one a line;
what they depend on stands in lines that begin with ";".

Examples:
  dotlocal check
  dotlocal check --explain service-defs/web.yaml
  dotlocal check dotlocal.yaml services/*.yaml /etc/avahi/services/*.service`,
    )
    .action(async (files: string[], options: CheckOptions) => {
      const { checkCommand } = await import("./check-command.ts");
      process.exitCode = checkCommand(files, options);
    });
  addConfigOption(command);
  command
    .option("--explain", "show the records that the definitions will publish")
    .option("--json", "one JSON object a problem and a record");
}
