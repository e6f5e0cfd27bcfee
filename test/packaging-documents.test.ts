/** The guides in docs/: what they name exists, and what they show is valid. */

import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { configurationKeys } from "../src/cli/manual/configuration-keys.ts";
import { createProgram } from "../src/cli/program.ts";
import { parseConfiguration } from "../src/config/configuration-file.ts";
import { projectFiles, readProjectFile, repositoryRoot } from "./source-code.ts";

const guides = ["avahi", "systemd-resolved", "node-libraries"].map(
  (name) => `docs/from-${name}.md`,
);
const documents = [
  ...guides,
  ...["docs/security.md", "docs/troubleshooting.md", "docs/tuning.md"],
  ...["packaging/README.md", "examples/README.md"],
];
const keys = new Set(configurationKeys().map(({ path }) => path.join(".")));
const commands = new Set(createProgram().commands.map((command) => command.name()));

describe.each(documents)("%s", (document) => {
  const text = readProjectFile(document);

  test("links to what exists", () => {
    const targets = Array.from(text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g), ([, target]) => target!);
    const missing = targets
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(join(repositoryRoot, dirname(document), target)));
    expect(missing).toEqual([]);
  });

  test("names commands that there are", () => {
    const named = Array.from(text.matchAll(/`dotlocal ([a-z-]+)/g), ([, command]) => command!);
    expect(named.filter((command) => !commands.has(command))).toEqual([]);
  });

  test("names keys of the configuration that there are", () => {
    const sections = [...keys].filter((key) =>
      [...keys].some((other) => other.startsWith(`${key}.`)),
    );
    const named = Array.from(
      text.matchAll(/`([a-z]+(?:\.[a-zA-Z]+)+)(?::[^`]*)?`/g),
      ([, key]) => key!,
    );
    const ours = named.filter((key) => sections.includes(key.split(".")[0]!));
    expect(ours.filter((key) => !keys.has(key))).toEqual([]);
  });

  test("shows configurations that are valid", () => {
    const blocks = Array.from(text.matchAll(/^```yaml\n(.*?)^```$/gms), ([, block]) => block!);
    const faults = blocks.flatMap((block) => parseConfiguration(block, document).diagnostics);
    expect(faults).toEqual([]);
  });
});

test("each fault of others in docs/security.md is answered by a test that exists", () => {
  const rows = readProjectFile("docs/security.md")
    .split("\n")
    .filter((line) => line.includes("`test/"));
  expect(rows.length).toBeGreaterThanOrEqual(20);
  const references = rows.flatMap((row) => row.split("|")[3]!.split("<br>"));
  const faults = references.filter((reference) => {
    const [, path, title] = /^\s*`(test\/[^`]+)`: (.+?)\s*$/.exec(reference) ?? [];
    if (path === undefined || !existsSync(join(repositoryRoot, path))) return true;
    return !readProjectFile(path).includes(title!);
  });
  expect(faults).toEqual([]);
});

test("each class of CVE that peers had is there", () => {
  const text = readProjectFile("docs/security.md");
  const classes = ["6519", "26720", "3468", "3502", "1981", "38469", "52615", "59529", "68276"];
  const others = ["68468", "24401", "34933", "9217", "15908", "21029", "1712", "7008", "33806"];
  const more = ["47180", "23386", "6071", "T1557.001"];
  expect([...classes, ...others, ...more].filter((id) => !text.includes(id))).toEqual([]);
});

test("the README leads to every guide", () => {
  const readme = readProjectFile("README.md");
  const files = projectFiles().filter((path) => /^docs\/(from-|security|troubl|tuning)/.test(path));
  expect(files.map(normalize).filter((path) => !readme.includes(`(${path})`))).toEqual([]);
});
