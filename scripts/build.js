/**
 * Builds what the package ships. `node scripts/build.js [commands|library] [--if-stale]`
 *
 * - commands: dist/*.cjs. src/cli/main.ts and src/daemon/main.ts, bundled with their dependencies.
 *   Every dynamic `import()` starts a bundle of its own and what several bundles share is a bundle
 *   too, so that a command loads only what it runs. Sources reached from there use no top-level
 *   await: CommonJS has none.
 * - library: dist/lib/. ES modules with their type declarations, one file a source file.
 */

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isStale, markBuilt, root } from "./freshness.js";

const commandEntries = { cli: "src/cli/main.ts", daemon: "src/daemon/main.ts" };
const libraryEntry = "src/index.ts";

/** Of what is built: without white space it loads faster, and an error still tells its place. */
const LINE_LENGTH_MAX = 200;

/** Each export is read through two getters otherwise, which costs more than many a function does. */
const PLAIN_EXPORTS = "module.exports = { ...module.exports };";

/** Loaded at run time where it is installed; everything else is bundled. */
const external = ["koffi"];

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

export async function buildCommands() {
  const esbuild = await import("esbuild");
  const entryPoints = Object.fromEntries(
    Object.entries(commandEntries).filter(([, entry]) => existsSync(join(root, entry))),
  );
  const bundled = await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external,
    define: { DOTLOCAL_VERSION: JSON.stringify(version), "import.meta.url": "bundleUrl" },
    minifyWhitespace: true,
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  const files = await Promise.all(
    bundled.outputFiles.map(async ({ path, text }) => ({
      name: basename(path),
      text: await toCommonJs(esbuild, text),
    })),
  );
  replaceBundles(files);
}

/** esbuild splits only ES modules, so the split bundles become CommonJS in a second step. */
async function toCommonJs(esbuild, text) {
  const { code } = await esbuild.transform(text, {
    format: "cjs",
    platform: "node",
    target: "node20.19",
    supported: { "dynamic-import": false },
    minifyWhitespace: true,
    lineLimit: LINE_LENGTH_MAX,
    footer: PLAIN_EXPORTS,
  });
  if (!/\bbundleUrl\b/.test(code)) return code;
  return `const bundleUrl = require("node:url").pathToFileURL(__filename).href;\n${code}`;
}

/** Puts each file in place whole, so that a command started meanwhile never reads half of one. */
function replaceBundles(files) {
  const folder = join(root, "dist");
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of files) {
    const temporary = join(folder, `.${name}.${process.pid}`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(folder, name));
  }
  const current = new Set(files.map(({ name }) => name));
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".cjs") && !current.has(name)) rmSync(join(folder, name), { force: true });
  }
}

export function buildLibrary() {
  if (!existsSync(join(root, libraryEntry))) return;
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const built = join(root, `dist/.lib.${process.pid}`);
  try {
    const args = [tsc, "-p", "tsconfig.lib.json", "--outDir", built];
    execFileSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
    inlineVersion(join(built, "core/version.js"));
    rmSync(join(root, "dist/lib"), { recursive: true, force: true });
    renameSync(built, join(root, "dist/lib"));
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

/** tsc defines no constants. */
function inlineVersion(path) {
  if (!existsSync(path)) return;
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replaceAll("DOTLOCAL_VERSION", JSON.stringify(version)));
}

const parts = { commands: buildCommands, library: buildLibrary };

async function main(args) {
  const named = args.filter((arg) => arg in parts);
  const onlyIfStale = args.includes("--if-stale");
  for (const part of named.length > 0 ? named : Object.keys(parts)) {
    if (onlyIfStale && !isStale(part)) continue;
    const startedAt = new Date();
    await parts[part]();
    markBuilt(part, startedAt);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error) => {
    console.error(`the build failed: ${error.message.split("\n")[0]}`);
    process.exitCode = 1;
  });
}
