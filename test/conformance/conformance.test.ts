/** Every scenario below this folder is a test, titled by its first comment line. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import { parseScenario } from "../../src/sim/scenario/parse-scenario.ts";
import { formatFailure, formatScenarioError } from "../../src/sim/scenario/report.ts";
import { runScenario } from "../../src/sim/scenario/run-scenario.ts";

const folder = import.meta.dirname;

const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".scenario"))
  .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

for (const standard of new Set(files.map((file) => file.split("/")[0]!))) {
  describe(standard, () => {
    for (const file of files.filter((candidate) => candidate.startsWith(`${standard}/`))) {
      addTest(file);
    }
  });
}

function addTest(file: string): void {
  const path = join(folder, file);
  const shown = relative(process.cwd(), path);
  const scenario = parseScenario(readFileSync(path, "utf8"));
  if (!scenario.ok) {
    test(file, () => expect.fail(formatScenarioError(shown, scenario.error)));
    return;
  }
  test(scenario.value.title, () => {
    const failures = runScenario(scenario.value, (options) => new MdnsEngine(options));
    expect(failures.map((failure) => formatFailure(shown, failure)).join("\n\n")).toBe("");
  });
}
