import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { configurationKeys } from "../../src/cli/manual/configuration-keys.ts";
import { manualFiles } from "../../src/cli/manual/manual.ts";
import { createProgram } from "../../src/cli/program.ts";
import { DEFAULT_CONFIGURATION } from "../../src/config/configuration.ts";
import { parseConfiguration } from "../../src/config/configuration-file.ts";
import { readProjectFile } from "../source-code.ts";

const { version } = JSON.parse(readProjectFile("package.json"));
/** The version is put in by the build, and not here. */
const files = Object.entries(manualFiles()).map(
  ([path, text]) => [path, text.replace("dotlocal development", `dotlocal ${version}`)] as const,
);
const pages = files.filter(([path]) => path.startsWith("man/"));

describe("the manual", () => {
  test.each(files)("%s is what `npm run man` makes of the source as it is", (path, text) => {
    expect(readProjectFile(path)).toBe(text);
  });

  test("tells every command that is not hidden, and every option", () => {
    const text = pages.map(([, page]) => page.replaceAll("\\-", "-")).join("\n");
    for (const command of createProgram().commands) {
      if (command.description() === "") continue;
      expect(text).toContain(`dotlocal ${command.name()}`);
      for (const { flags } of command.options) expect(text).toContain(flags);
    }
  });

  test("is listed in package.json, so that installing puts it in place", () => {
    const { man } = JSON.parse(readProjectFile("package.json"));
    expect(man).toEqual(pages.map(([path]) => path));
  });

  const hasGroff = spawnSync("groff", ["--version"]).status === 0;

  test.runIf(hasGroff).each(pages)("%s is read by man without a warning", (_path, text) => {
    const { stderr, status } = spawnSync("groff", ["-man", "-Tutf8", "-ww", "-z"], {
      input: text,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the sample configuration", () => {
  const sample = readProjectFile("packaging/dotlocal.yaml");

  test("says nothing as it is", () => {
    const { configuration, diagnostics } = parseConfiguration(sample, "dotlocal.yaml");
    expect(diagnostics).toEqual([]);
    expect(configuration).toEqual(DEFAULT_CONFIGURATION);
  });

  test("holds the defaults when its keys are taken out of the comments", () => {
    const text = sample.replace(/^#(?!#)/gm, "");
    const { configuration, diagnostics } = parseConfiguration(text, "dotlocal.yaml");
    expect(diagnostics).toEqual([]);
    expect(configuration).toEqual(DEFAULT_CONFIGURATION);
  });

  test("says of every key what it is for", () => {
    const silent = configurationKeys().filter(
      ({ about, values }) => values !== undefined && about === "",
    );
    expect(silent).toEqual([]);
  });
});
