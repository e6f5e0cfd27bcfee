/** Every subcommand's help page, and which file does its work. */

import type { Command } from "commander";
import type { BrowseOptions } from "./browse-command.ts";
import type { CheckOptions } from "./check-command.ts";
import type { DaemonCommandOptions } from "./daemon-command.ts";
import { addCache, addCompletion, addDiagnose, addMonitor, addStatus } from "./insight-commands.ts";
import {
  addConfigOption,
  addLinkOptions,
  addLookupOptions,
  addOutputOptions,
  addSocketOption,
  durationOption,
  type LookupOptions,
  numberOption,
  repeatable,
} from "./options.ts";
import type { PublishHostOptions, PublishOptions } from "./publish-command.ts";
import type { ResolveOptions } from "./resolve-command.ts";

/** In the order in which `--help` lists them. */
const COMMANDS: ReadonlyMap<string, (program: Command) => void> = new Map([
  ["daemon", addDaemon],
  ["resolve", addResolve],
  ["browse", addBrowse],
  ["publish", addPublish],
  ["publish-host", addPublishHost],
  ["status", addStatus],
  ["cache", addCache],
  ["monitor", addMonitor],
  ["reload", addReload],
  ["check", addCheck],
  ["diagnose", addDiagnose],
  ["completion", addCompletion],
]);

/** Adds the one subcommand of that name; where there is none, all of them. */
export function addCommands(program: Command, name?: string): void {
  const only = name === undefined ? undefined : COMMANDS.get(name);
  if (only !== undefined) only(program);
  else for (const add of COMMANDS.values()) add(program);
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

function addBrowse(program: Command): void {
  const command = program
    .command("browse")
    .description("live list of service instances")
    .argument("[type]", "e.g. _http._tcp, or a subtype _printer._sub._http._tcp; none: all types")
    .option("-r, --resolve", "add host, port, addresses and TXT")
    .option("--once", "end when the link has been quiet")
    .addOption(
      durationOption("--quiet <duration>", "with --once: for how long").default(1500, "1.5s"),
    )
    .option("--domain <name>", "another domain than local")
    .addHelpText(
      "after",
      `
Prints a line an event, fields between tabs: + found, - gone, = resolved or changed; then interface,
instance, type, domain, and on = lines host, port, addresses, TXT. On a terminal, a table.

Examples:
  dotlocal browse
  dotlocal browse --resolve _ipp._tcp
  dotlocal browse --once --json _http._tcp
  dotlocal browse _universal._sub._ipp._tcp`,
    )
    .action(async (type: string | undefined, options: BrowseOptions) => {
      const { browseCommand } = await import("./browse-command.ts");
      process.exitCode = await browseCommand(type, options);
    });
  addLookupOptions(command);
}

function addPublish(program: Command): void {
  const command = program
    .command("publish")
    .description("publish a service until interrupted")
    .argument("<instance>", 'what people see, e.g. "Web on node-1"')
    .argument("<type>", "e.g. _http._tcp")
    .argument("<port>", "where the service listens")
    .argument("[key=value...]", "TXT entries; a key alone has no value")
    .addOption(repeatable("--subtype <label>", "e.g. _printer (repeatable)"))
    .option("--host <name>", "who offers it; default: this host")
    .option("--domain <name>", "another domain than local")
    .addOption(numberOption("--priority <number>", "of the SRV record"))
    .addOption(numberOption("--weight <number>", "of the SRV record"))
    .addHelpText(
      "after",
      `
A name that is taken becomes "Name (2)". Ctrl-C withdraws.

Examples:
  dotlocal publish "My web site" _http._tcp 8080 path=/
  dotlocal publish Laser _ipp._tcp 631 --subtype _universal --host printer.local rp=ipp/print`,
    )
    .action(
      async (
        instance: string,
        type: string,
        port: string,
        txt: string[],
        options: PublishOptions,
      ) => {
        const { publishCommand } = await import("./publish-command.ts");
        process.exitCode = await publishCommand(instance, type, port, txt, options);
      },
    );
  addLookupOptions(command);
}

function addPublishHost(program: Command): void {
  const command = program
    .command("publish-host")
    .description("publish another host name until interrupted")
    .argument("<name>", "e.g. printer.local")
    .argument("<address...>", "IPv4 and IPv6 addresses")
    .option("--no-reverse", "no PTR records from the addresses to the name")
    .addHelpText(
      "after",
      `
Examples:
  dotlocal publish-host printer.local 192.168.1.50
  dotlocal publish-host --no-reverse nas.local 192.168.1.7 2001:db8::7`,
    )
    .action(async (name: string, addresses: string[], options: PublishHostOptions) => {
      const { publishHostCommand } = await import("./publish-command.ts");
      process.exitCode = await publishHostCommand(name, addresses, options);
    });
  addLookupOptions(command);
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
