/** dotlocal.yaml.5, and the file that packages install: every key, its default and its meaning. */

import { VERSION } from "../../core/version.ts";
import { SYSTEM_CONFIGURATION_FILE } from "../../runtime/configuration-source.ts";
import { type ConfigurationKey, configurationKeys } from "./configuration-keys.ts";
import { item, literal, pageStart, paragraph, section, subsection } from "./roff.ts";

export function configurationPage(): string {
  const keys = configurationKeys();
  const isTop = ({ path, values }: ConfigurationKey) => path.length === 1 && values !== undefined;
  const sections = keys.filter(({ path, values }) => path.length === 1 && values === undefined);
  return [
    pageStart({
      ...{ name: "dotlocal.yaml", section: 5, version: VERSION },
      summary: "configuration of the dotlocal daemon and command",
    }),
    section("Synopsis"),
    literal(`${SYSTEM_CONFIGURATION_FILE}\n$DOTLOCAL_CONFIG`),
    section("Description"),
    paragraph(
      "The file is YAML; every key is optional, and without a file every default holds. Durations are " +
        "written `500ms`, `3s`, `10m`; TTLs are numbers of seconds. An unknown key is an error with " +
        "line and column: `dotlocal check` finds it before the daemon does. The daemon reads the file " +
        "again on SIGHUP and on `dotlocal reload`.",
    ),
    section("Keys"),
    ...keys.filter(isTop).map(keyItem),
    ...sections.flatMap(({ path: [name] }) => [
      subsection(name!),
      ...keys.filter(({ path, values }) => path[0] === name && values !== undefined).map(keyItem),
    ]),
    section("Examples"),
    literal(EXAMPLE),
    section("See also"),
    paragraph("`dotlocal`(1), `dotlocal-daemon`(8)"),
  ].join("");
}

/** All keys with their defaults, commented out: what a package puts at its place. */
export function configurationSample(): string {
  const lines = configurationKeys().flatMap(({ path, about, values, byDefault }) => {
    const indent = "  ".repeat(path.length - 1);
    const key = `#${indent}${path.at(-1)}:${byDefault === undefined ? "" : ` ${byDefault}`}`;
    if (values === undefined) return [key];
    return [`## ${indent}${about} (${values})`, key];
  });
  return `${[...SAMPLE_START, ...lines].join("\n")}\n`;
}

const SAMPLE_START = [
  `## ${SYSTEM_CONFIGURATION_FILE}: see dotlocal.yaml(5); "dotlocal check" finds mistakes.`,
  "## Every key with its default. To change one, take the # from it and from its sections.",
  "",
];

const EXAMPLE = `hostname: node-1
aliases: [nas]
interfaces:
  allow: ["eth*", "wlan*"]
llmnr:
  mode: off
resolver:
  routes: { "corp.example": ["10.0.0.53"] }`;

function keyItem({ path, about, values, byDefault }: ConfigurationKey): string {
  return item(path.join("."), `${about}. Values: ${values}. Default: \`${byDefault}\`.`);
}
