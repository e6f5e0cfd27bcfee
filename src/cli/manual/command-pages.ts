/** dotlocal.1 and dotlocal-daemon.8, made from the same commands as `--help`. */

import type { Command } from "commander";
import { VERSION } from "../../core/version.ts";
import { ENVIRONMENT, EXIT_STATUSES, FILES, SIGNALS, UNITS } from "./facts.ts";
import { type HelpParts, helpParts } from "./help-parts.ts";
import { item, literal, pageStart, paragraph, section, subsection } from "./roff.ts";

export function commandPage(program: Command): string {
  const { description, notes, examples } = helpParts(program);
  return [
    pageStart({ name: "dotlocal", section: 1, version: VERSION, summary: description }),
    section("Synopsis"),
    literal(`dotlocal COMMAND [OPTIONS]\ndotlocal COMMAND --help`),
    section("Description"),
    paragraph(
      "Looks up and publishes names and services on the local link. `resolve`, `browse`, `publish`, " +
        "`publish-host` and `monitor` use the running daemon where there is one, and look for " +
        "themselves where there is none.",
    ),
    section("Commands"),
    ...leavesOf(program).map((command) => commandPart(helpParts(command))),
    section("Exit status"),
    ...EXIT_STATUSES.map(([status, meaning]) => item(status, meaning)),
    section("Environment"),
    ...ENVIRONMENT.map(([name, meaning]) => item(name, meaning)),
    section("Examples"),
    literal(examples ?? ""),
    ...notes.filter((note) => !note.startsWith("Exit status")).map(paragraph),
    section("See also"),
    paragraph("`dotlocal.yaml`(5), `dotlocal-daemon`(8)"),
  ].join("");
}

export function daemonPage(program: Command): string {
  const daemon = program.commands.find((command) => command.name() === "daemon")!;
  const { description, usage, terms, notes, examples } = helpParts(daemon);
  return [
    pageStart({ name: "dotlocal-daemon", section: 8, version: VERSION, summary: description }),
    section("Synopsis"),
    literal(usage),
    section("Description"),
    ...notes.map(paragraph),
    paragraph(
      "Started as root, it becomes the user that the configuration names (`user`) once its ports are " +
        "bound. Under systemd it is never root.",
    ),
    section("Options"),
    ...terms.map(({ term, meaning }) => item(term, meaning)),
    section("Signals"),
    ...SIGNALS.map(([name, meaning]) => item(name, meaning)),
    section("Files"),
    ...FILES.map(([path, meaning]) => item(path, meaning)),
    section("Units"),
    ...UNITS.map(([name, meaning]) => item(name, meaning)),
    section("Environment"),
    ...ENVIRONMENT.map(([name, meaning]) => item(name, meaning)),
    section("Exit status"),
    ...EXIT_STATUSES.map(([status, meaning]) => item(status, meaning)),
    section("Examples"),
    literal(examples ?? ""),
    section("See also"),
    paragraph("`dotlocal`(1), `dotlocal.yaml`(5), `systemd.socket`(5)"),
  ].join("");
}

function commandPart({ path, description, usage, terms, notes, examples }: HelpParts): string {
  const isDaemon = path === "dotlocal daemon";
  const about = `${description.charAt(0).toUpperCase()}${description.slice(1)}.`;
  return [
    subsection(path),
    literal(usage),
    paragraph(isDaemon ? `${about} See \`dotlocal-daemon\`(8).` : about),
    ...(isDaemon ? [] : terms.map(({ term, meaning }) => item(term, meaning))),
    ...(isDaemon ? [] : notes.map(paragraph)),
    ...(isDaemon || examples === undefined ? [] : [literal(examples)]),
  ].join("");
}

/** The one that the completion scripts ask is hidden: it has nothing to say of itself. */
function isShown(command: Command): boolean {
  return command.description() !== "";
}

/** The commands that do something, those below others after them. */
function leavesOf(command: Command): Command[] {
  return command.commands
    .filter(isShown)
    .flatMap((child) => (child.commands.length === 0 ? [child] : [child, ...leavesOf(child)]));
}
