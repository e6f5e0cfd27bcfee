/**
 * Builds what the package ships. `node scripts/build.js [PART...] [--if-stale]`
 *
 * - commands: dist/*.cjs. src/cli/main.ts and src/daemon/main.ts, bundled with their dependencies.
 *   Every dynamic `import()` starts a chunk of its own and what several share is a chunk too, so that
 *   a command runs only what it needs; a few files hold them all (packs.js). Sources reached from
 *   there use no top-level await: CommonJS has none.
 * - compiled: dist/*.compiled. What V8 makes of the commands, for a quick start (record-compiled.js).
 * - library: dist/lib/. ES modules with their type declarations, one file a source file.
 */

import { execFileSync, spawnSync } from "node:child_process";
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
import { isStale, markBuilt, markStale, root } from "./freshness.js";
import { packsOf } from "./packs.js";

const commandEntries = { cli: "src/cli/main.ts", daemon: "src/daemon/main.ts" };
const libraryEntry = "src/index.ts";

/** Of what is built: without white space it loads faster, and an error still tells its place. */
const LINE_LENGTH_MAX = 200;

/** Loaded at run time where it is installed; everything else is bundled. */
const external = ["koffi"];

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What the packs hold, with all that it needs; everything else that is loaded later has its own. */
const packRoots = {
  cli: ["cli", "resolve-command", "browse-command", "status-command", "daemon-command"],
  engine: ["standalone"],
  configuration: ["configuration-file"],
  daemon: ["daemon"],
};

export async function buildCommands() {
  const esbuild = await import("esbuild");
  const entryPoints = Object.fromEntries(
    Object.entries(commandEntries).filter(([, entry]) => existsSync(join(root, entry))),
  );
  const bundled = await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external,
    define: { DOTLOCAL_VERSION: JSON.stringify(version), "import.meta.url": "__filename" },
    minifyWhitespace: true,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const chunks = new Map();
  for (const { path, text } of bundled.outputFiles) {
    const { imports } = bundled.metafile.outputs[`dist/${basename(path)}`];
    chunks.set(basename(path), {
      code: await toCommonJs(esbuild, text),
      imports: imports
        .filter(({ kind, external }) => kind === "import-statement" && !external)
        .map(({ path: imported }) => basename(imported)),
    });
  }
  replacePacks(packsOf(chunks, packRoots));
}

/** esbuild splits only ES modules, so the chunks become CommonJS in a second step. */
async function toCommonJs(esbuild, text) {
  const { code } = await esbuild.transform(withPlainExports(text), {
    format: "cjs",
    platform: "node",
    target: "node20.19",
    supported: { "dynamic-import": false },
    minifyWhitespace: true,
    lineLimit: LINE_LENGTH_MAX,
  });
  return code;
}

/** As values: esbuild makes a getter of each, and there would be as many as functions. */
function withPlainExports(text) {
  return text.replace(/\bexport\{([^{}]*)\};?\s*$/, (_, names) => {
    const values = names.split(",").map((name) => {
      const [own, exported = own] = name.split(" as ");
      return exported === own ? own : `${exported}:${own}`;
    });
    return `Object.assign(exports,{${values}});`;
  });
}

/** Without these files commands are compiled as they start, so a host that cannot do it is told. */
export function buildCompiled() {
  const script = join(root, "scripts/record-compiled.js");
  const { status, stderr } = spawnSync(process.execPath, [script], {
    ...{ cwd: root, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" },
  });
  if (status !== 0) console.error(`commands will start more slowly: ${stderr}`);
}

/** Puts each file in place whole, so that a command started meanwhile never reads half of one. */
function replacePacks(packs) {
  const folder = join(root, "dist");
  mkdirSync(folder, { recursive: true });
  // What was compiled of others is no use, and must not be taken for that of these.
  markStale("compiled");
  for (const name of readdirSync(folder)) {
    if (name.endsWith(".compiled")) rmSync(join(folder, name), { force: true });
  }
  for (const { name, text } of packs) {
    const temporary = join(folder, `.${name}.${process.pid}`);
    writeFileSync(temporary, text);
    renameSync(temporary, join(folder, `${name}.cjs`));
  }
  const current = new Set(packs.map(({ name }) => `${name}.cjs`));
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

const parts = { commands: buildCommands, compiled: buildCompiled, library: buildLibrary };

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
