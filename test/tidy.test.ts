/**
 * Holds the project against its own rules: who may import whom (the table of docs/ARCHITECTURE.md),
 * the purity of the engines, headers, citations, and the tables of docs/rfc*.md.
 *
 * A row of those tables is
 *
 *     | §8.1 | MUST | what is required | `test/mdns/prober.test.ts`: title of the test |
 *
 * A letter stands for an appendix. The level is MUST, MUST NOT, SHOULD, SHOULD NOT or MAY. The last
 * cell names one or more tests, with `<br>` between them, each by its file and a text that occurs in
 * that file: the test's title, or a scenario's first line. Or it is `Not applicable: why` or
 * `Departs: how and why`. A vertical line inside a cell is written `\|`.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, readProjectFile, repositoryRoot, SourceFile } from "./source-code.ts";

interface ModuleRule {
  readonly mayImport: ReadonlySet<string>;
  /** Modules that may only be imported dynamically. */
  readonly mayStart: ReadonlySet<string>;
  readonly isPure: boolean;
}

/** Names that give an engine a clock, a timer, randomness, output or concurrency of its own. */
const IMPURE_NAMES = new Set([
  ...["Date", "performance", "Math.random", "process", "console", "Promise"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
]);

const LEVELS = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"];

/** Files that are not text of ours. */
const NOT_OURS = /^(package-lock\.json|LICENSE)$|\.(png|pcap|bin)$/;

const files = projectFiles();
const sources = files
  .filter((path) => /^src\/.*\.ts$/.test(path))
  .map((path) => new SourceFile(path, readProjectFile(path)));
const modules = importTable(readProjectFile("docs/ARCHITECTURE.md"));

describe("the source", () => {
  test("imports only what the table in docs/ARCHITECTURE.md allows", () => {
    expect(sources.flatMap(forbiddenImports)).toEqual([]);
  });

  test("imports only packages that package.json lists for users", () => {
    const { dependencies, optionalDependencies } = JSON.parse(readProjectFile("package.json"));
    const listed = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
    const unlisted = sources.flatMap(({ path, imports }) =>
      imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => !/^(\.|node:)/.test(specifier) && !listed.has(packageOf(specifier)))
        .map((specifier) => `${path}: ${specifier}`),
    );
    expect(unlisted).toEqual([]);
  });

  test("of pure modules has no clock, timer, randomness, output or promise", () => {
    expect(sources.filter(isPure).flatMap(impurities)).toEqual([]);
  });

  test("opens every file with a comment that says what it is for", () => {
    const bare = sources.filter(({ text }) => !/^(\/\/\/ .*\n)*\/\*\*/.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  test("cites RFCs as `RFC 6762 §8.1`, so that a section can be searched for", () => {
    const otherForms = /\bRFC\d|\bRFC-\d|\bRFC \d+,? (?:[Ss]ection|[Ss]ec\.|§ )/;
    const odd = sources.flatMap(({ path, text }) => linesMatching(path, text, otherForms));
    expect(odd).toEqual([]);
  });
});

describe("the project's files", () => {
  // Put together here, so that this file does not hold them.
  const unfinished = new RegExp(`\\b(${["TO", "FIX"].join("DO|")}ME)\\b`);
  const machinePath = new RegExp(`(^|[\\s"'\`(=])/${"work"}/`, "m");

  test("leave no note of unfinished work", () => {
    const notes = textFiles().flatMap(({ path, text }) => linesMatching(path, text, unfinished));
    expect(notes).toEqual([]);
  });

  test("name no folder of the machine they were written on", () => {
    const paths = textFiles().flatMap(({ path, text }) => linesMatching(path, text, machinePath));
    expect(paths).toEqual([]);
  });

  test("lock dependencies without the address of a registry", () => {
    expect(readProjectFile("package-lock.json")).not.toContain('"resolved"');
  });
});

describe("the tables of docs/rfc*.md", () => {
  const documents = files.filter((path) => /^docs\/rfc\d+\.md$/.test(path));

  test.each(documents)("%s names tests that exist", (document) => {
    const rows = requirementRows(readProjectFile(document));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.flatMap(rowFaults)).toEqual([]);
  });

  test("tell a missing file, a missing title, a wrong level and a missing reason", () => {
    const fault = (level: string, shown: string) => rowFaults(["§1.1", level, "be good", shown]);
    expect(fault("MUST", "`test/tidy.test.ts`: names tests that exist")).toEqual([]);
    expect(fault("MUST", "Not applicable: nobody can")).toEqual([]);
    expect(fault("MUST", "Departs:")).toHaveLength(1);
    expect(fault("OUGHT", "Not applicable: nobody can")).toHaveLength(1);
    expect(fault("MUST", "`test/absent.test.ts`: a title")).toHaveLength(1);
    const twoTests = "`test/tidy.test.ts`: names tests<br>`test/tidy.test.ts`: no such ";
    expect(fault("MUST", `${twoTests}title`)).toHaveLength(1);
  });
});

/** Reads the table whose first column is headed `module`. */
function importTable(markdown: string): ReadonlyMap<string, ModuleRule> {
  const rows = tableRows(markdown, /^\| *module *\|/);
  const names = rows.flatMap(([modules]) => modules!.split(", "));
  const table = new Map<string, ModuleRule>();
  for (const [row, may, node] of rows) {
    const rule = {
      mayImport: new Set(allowedModules(may!, names, [...table.keys()])),
      mayStart: new Set(/(\w+) only to start it/.exec(may!)?.slice(1)),
      isPure: node === "none",
    };
    for (const name of row!.split(", ")) table.set(name, rule);
  }
  return table;
}

function allowedModules(
  may: string,
  all: readonly string[],
  above: readonly string[],
): readonly string[] {
  if (may === "nothing") return [];
  if (may === "the above") return above;
  const excepted = /^all but (.*)$/.exec(may)?.[1]?.split(", ");
  if (excepted !== undefined) return all.filter((name) => !excepted.includes(name));
  return may.replace(/;.*/, "").split(", ");
}

function forbiddenImports({ path, imports }: SourceFile): string[] {
  const from = moduleOf(path);
  return imports
    .filter((imported) => !isAllowed(from, imported))
    .map(({ specifier }) => `${path} imports ${specifier}`);
}

function isAllowed(from: string, { specifier, path, isDynamic }: SourceFile["imports"][number]) {
  const rule = modules.get(from);
  if (path === undefined) return !(rule?.isPure === true && specifier.startsWith("node:"));
  if (!path.startsWith("src/") || !path.endsWith(".ts")) return false;
  const to = moduleOf(path);
  if (from === to) return true;
  if (rule !== undefined) return rule.mayImport.has(to) || (isDynamic && rule.mayStart.has(to));
  return isAllowedInBarrel(from, to);
}

/** The two barrels: the codec's own, and the library's, which starts no daemon and no command. */
function isAllowedInBarrel(from: string, to: string): boolean {
  if (from === "wire.ts") return to === "core" || to === "wire";
  return from === "index.ts" && to !== "daemon" && to !== "cli";
}

/** The folder below src/, or the name of a file that lies directly in it. */
function moduleOf(path: string): string {
  return path.split("/")[1]!;
}

function packageOf(specifier: string): string {
  return /^(@[^/]+\/)?[^/]+/.exec(specifier)![0];
}

function isPure({ path }: SourceFile): boolean {
  return modules.get(moduleOf(path))?.isPure === true;
}

function impurities(source: SourceFile): string[] {
  const names = [...source.globalsUsed(IMPURE_NAMES), ...(source.usesAsync ? ["async"] : [])];
  return names.map((name) => `${source.path}: ${name}`);
}

function textFiles(): { path: string; text: string }[] {
  return files
    .filter((path) => !NOT_OURS.test(path))
    .map((path) => ({ path, text: readProjectFile(path) }));
}

function linesMatching(path: string, text: string, pattern: RegExp): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}

/** The rows of the first table whose heading matches, as the texts of their cells. */
function tableRows(markdown: string, heading: RegExp): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => heading.test(line));
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end < 0 ? undefined : end).map(cells);
}

/** Every row of a document that begins with a section. */
function requirementRows(markdown: string): string[][] {
  return markdown
    .split("\n")
    .filter((line) => /^\| *§/.test(line))
    .map(cells);
}

function cells(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function rowFaults(row: readonly string[]): string[] {
  const [section, level, requirement, shown] = row;
  const title = `${section} ${requirement}`;
  if (row.length !== 4 || !requirement || !shown) return [`${row.join(" | ")}: not four cells`];
  if (!/^§(\d+|[A-Z])(\.\d+)*$/.test(section!)) return [`${title}: no section`];
  if (!LEVELS.includes(level!)) return [`${title}: the level is ${level}`];
  if (/^(Not applicable|Departs): \S/.test(shown)) return [];
  return shown.split("<br>").flatMap((reference) => {
    const fault = referenceFault(reference.trim());
    return fault === undefined ? [] : [`${title}: ${fault}`];
  });
}

function referenceFault(reference: string): string | undefined {
  const [, path, testTitle] = /^`(test\/[^`]+)`: (.+)$/.exec(reference) ?? [];
  if (path === undefined || testTitle === undefined) return `"${reference}" names no test`;
  if (!existsSync(join(repositoryRoot, path))) return `${path} does not exist`;
  return readProjectFile(path).includes(testTitle) ? undefined : `${path} lacks "${testTitle}"`;
}
