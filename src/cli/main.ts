/**
 * The command `dotlocal`: its subcommands, common options and exit statuses. Each subcommand's work
 * is loaded only when it runs.
 */

import { Command, CommanderError } from "commander";
import { DotlocalError, EXIT_DONE, EXIT_FAULT, EXIT_USAGE } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import { addCommands } from "./commands.ts";

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

addCommands(program);

/** Ends the process once everything written is out; output to a pipe is never cut short. */
function end(status: number): void {
  process.exitCode = status;
  process.stdout.write("", () => process.stderr.write("", () => process.exit(status)));
}

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE;
  if (error instanceof DotlocalError) {
    process.stderr.write(`${error.message}\n`);
    return error.exitStatus;
  }
  process.stderr.write(`a fault of dotlocal: ${(error as Error).stack ?? String(error)}\n`);
  return EXIT_FAULT;
}

// A reader that has enough of us (`dotlocal browse | head`) is no error.
process.stdout.on("error", () => process.exit(EXIT_DONE));

program.parseAsync(process.argv).then(
  () => end(Number(process.exitCode ?? EXIT_DONE)),
  (error: unknown) => end(statusOf(error)),
);
