/** Help pages of the subcommands that look into the daemon and the links. */

import type { Command } from "commander";
import type { CacheFlushOptions, CacheListOptions, ReconfirmOptions } from "./cache-command.ts";
import type { DiagnoseOptions } from "./diagnose-command.ts";
import type { MonitorOptions } from "./monitor-command.ts";
import {
  addConfigOption,
  addLinkOptions,
  addLookupOptions,
  addOutputOptions,
  addSocketOption,
  durationOption,
  numberOption,
  repeatable,
} from "./options.ts";
import type { StatusOptions } from "./status-command.ts";

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("what the running daemon holds")
    .option("-w, --watch", "draw it again and again until interrupted")
    .addOption(durationOption("--every <duration>", "with --watch").default(2000, "2s"))
    .addHelpText(
      "after",
      `
Examples:
  dotlocal status
  dotlocal status --watch
  dotlocal status --json`,
    )
    .action(async (options: StatusOptions) => {
      const { statusCommand } = await import("./status-command.ts");
      process.exitCode = await statusCommand(options);
    });
  addOutputOptions(addSocketOption(command));
}

export function addCache(program: Command): void {
  const cache = program
    .command("cache")
    .description("look into and act on the daemon's cache")
    .addHelpText(
      "after",
      `
Examples:
  dotlocal cache
  dotlocal cache list --name "*._http._tcp.local" --type SRV
  dotlocal cache flush -i eth0
  dotlocal cache reconfirm printer.local`,
    );
  addCacheList(cache);
  addCacheFlush(cache);
  addCacheReconfirm(cache);
}

function addCacheList(cache: Command): void {
  const command = cache
    .command("list", { isDefault: true })
    .description("what others have said and still holds")
    .option("--name <pattern>", "only names like this (glob)")
    .option("-t, --type <type>", "only records of this type")
    .addHelpText(
      "after",
      `
Prints NAME<TAB>TTL<TAB>TYPE<TAB>DATA<TAB>INTERFACE<TAB>SOURCE a line, with - for the last two where
a name server said it.`,
    )
    .action(async (options: CacheListOptions) => {
      const { cacheListCommand } = await import("./cache-command.ts");
      process.exitCode = await cacheListCommand(options);
    });
  addInterfaceOption(addOutputOptions(addSocketOption(command)));
}

function addCacheFlush(cache: Command): void {
  const command = cache
    .command("flush")
    .description("forget everything heard on the links")
    .action(async (options: CacheFlushOptions) => {
      const { cacheFlushCommand } = await import("./cache-command.ts");
      process.exitCode = await cacheFlushCommand(options);
    });
  addInterfaceOption(addSocketOption(command));
}

function addCacheReconfirm(cache: Command): void {
  const command = cache
    .command("reconfirm")
    .description("ask again for records that seem not to hold; what nobody confirms goes")
    .argument("<name>", "e.g. printer.local")
    .option("-t, --type <type>", "only records of this type")
    .option("-v, --verbose", "say how many records are in doubt")
    .action(async (name: string, options: ReconfirmOptions) => {
      const { cacheReconfirmCommand } = await import("./cache-command.ts");
      process.exitCode = await cacheReconfirmCommand(name, options);
    });
  addSocketOption(command);
}

function addInterfaceOption(command: Command): Command {
  return command.addOption(
    repeatable("-i, --interface <pattern>", "only interfaces like this (glob, repeatable)"),
  );
}

export function addMonitor(program: Command): void {
  const command = program
    .command("monitor")
    .description("every mDNS and LLMNR message on the links, decoded, live")
    .addOption(repeatable("-t, --type <type>", "only records of this type (repeatable)"))
    .addOption(
      repeatable("-n, --name <name>", "only this name and those below it, or a glob (repeatable)"),
    )
    .addOption(repeatable("--from <address>", "only from this address or network (repeatable)"))
    .addOption(repeatable("--link <pattern>", "the same as --interface"))
    .addOption(numberOption("--count <number>", "end after so many messages"))
    .option("--pcap <file>", "write a capture that Wireshark opens; - is standard output")
    .addHelpText(
      "after",
      `
Prints a line a question and record: time, interface, protocol, who to whom (* before our own),
kind (query, probe, claim, known, answer, extra, negative, goodbye), then the record. What the
daemon sends and gets is shown where it runs; otherwise, and with --standalone, what is multicast.

Examples:
  dotlocal monitor
  dotlocal monitor --name _ipp._tcp.local
  dotlocal monitor --type SRV --from 192.168.1.7
  dotlocal monitor --pcap link.pcap
  dotlocal monitor --pcap - | wireshark -k -i -`,
    )
    .action(async (options: MonitorOptions) => {
      const { monitorCommand } = await import("./monitor-command.ts");
      process.exitCode = await monitorCommand(options);
    });
  addLookupOptions(command);
}

export function addDiagnose(program: Command): void {
  const command = program
    .command("diagnose")
    .description("tell why names do not resolve on this host, with remedies")
    .addHelpText(
      "after",
      `
Sends a test packet on every link and looks at ports, firewall rules, nsswitch.conf, resolv.conf and
the daemon; as root it sees more. With -v also what is as it should be.
Exit status: 0 nothing or warnings only, 3 a problem.

Examples:
  dotlocal diagnose
  dotlocal diagnose -v
  dotlocal diagnose --json`,
    )
    .action(async (options: DiagnoseOptions) => {
      const { diagnoseCommand } = await import("./diagnose-command.ts");
      process.exitCode = await diagnoseCommand(options);
    });
  addOutputOptions(addLinkOptions(addConfigOption(addSocketOption(command))));
  command.addOption(durationOption("--timeout <duration>", "how long others may take to answer"));
}

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print the script that makes a shell complete this command")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      `
Completes commands, options, service types, interfaces, and names that the running daemon knows.

Examples:
  eval "$(dotlocal completion bash)"                       in ~/.bashrc
  dotlocal completion zsh > ~/.zfunc/_dotlocal             with ~/.zfunc in $fpath
  dotlocal completion fish > ~/.config/fish/completions/dotlocal.fish`,
    )
    .action(async (shell: string) => {
      const { completionCommand } = await import("./completion-command.ts");
      process.exitCode = completionCommand(shell);
    });
  program
    .command("complete", { hidden: true })
    .argument("<shell>")
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (shell: string, words: string[]) => {
      const { completeCommand } = await import("./completion-command.ts");
      process.exitCode = await completeCommand(program, shell, words);
    });
}
