/** The command line as a whole: what `--help`, the manual pages and completions are made from. */

import { Command } from "commander";
import { VERSION } from "../core/version.ts";
import { addCommands } from "./commands.ts";

/** With all subcommands, or with `command` alone where it is one of them, which takes less time. */
export function createProgram(command?: string): Command {
  const program = new Command("dotlocal")
    .description("Names and services on the local link: mDNS, DNS-SD and LLMNR")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .showSuggestionAfterError(true)
    .showHelpAfterError("(dotlocal --help tells more)")
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText(
      "after",
      `
Examples:
  dotlocal resolve node-1.local          its addresses
  dotlocal resolve 192.168.1.7           its name
  dotlocal daemon                        own this host's name on the links, in the foreground
  dotlocal status                        what the running daemon holds
  dotlocal check /etc/dotlocal/*.yaml    are these files valid?

Exit status: 0 done or found, 1 not found in time, 2 usage or invalid input,
3 not allowed by the host (no link, no permission), 70 a fault of dotlocal.`,
    );
  addCommands(program, command);
  return program;
}
