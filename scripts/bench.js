/**
 * Runs benchmarks: `npm run bench -- NAME...` bundles bench/NAME.ts and runs it, each in a process
 * of its own; without names, all of bench/*.ts, and what they ran on at the end. With `--quick` each
 * does little (bench/lib/effort.ts). What several share is in bench/lib/.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { environmentTable } from "./bench-environment.js";
import { buildIfStale } from "./freshness.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const directory = join(root, "bench");

const available = readdirSync(directory)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => basename(file, ".ts"));

const passed = process.argv.slice(2);
const options = passed.filter((word) => word.startsWith("--"));
const unknownOption = options.find((option) => option !== "--quick");
if (unknownOption !== undefined) {
  console.error(`no such option: ${unknownOption}; there is: --quick`);
  process.exit(2);
}
const named = passed.filter((word) => !word.startsWith("--"));
const names = named.length > 0 ? named : available;
const unknown = names.filter((name) => !available.includes(name));
if (unknown.length > 0) {
  console.error(`no such benchmark: ${unknown.join(", ")}; there are: ${available.join(", ")}`);
  process.exit(2);
}

buildIfStale("commands", "compiled");
// Inside the package, so that what stays external is found.
const cache = join(root, "node_modules", ".cache");
mkdirSync(cache, { recursive: true });
const output = mkdtempSync(join(cache, "bench-"));
try {
  for (const name of names) {
    const outfile = join(output, `${name}.mjs`);
    await build({
      entryPoints: [join(directory, `${name}.ts`)],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20.19",
      format: "esm",
      external: ["koffi"],
      banner: {
        js: 'import { createRequire as createRequireOf } from "node:module"; const require = createRequireOf(import.meta.url);',
      },
      logLevel: "error",
    });
    console.log(`# ${name}`);
    const { status } = spawnSync(process.execPath, ["--expose-gc", outfile, ...options], {
      cwd: root,
      stdio: "inherit",
    });
    if (status !== 0) process.exitCode = status ?? 1;
  }
  if (named.length === 0) console.log(environmentTable());
} finally {
  rmSync(output, { recursive: true });
}
