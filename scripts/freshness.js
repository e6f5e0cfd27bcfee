/**
 * Whether dependencies are installed and dist/ is built from the sources as they are now, so that
 * `npm start` and `npm test` do only what is needed. Imports nothing that is not part of Node.
 */

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

const sources = [
  ...["src", "package.json", "package-lock.json", "tsconfig.json", "tsconfig.lib.json"],
  ...["bin", "scripts/build.js", "scripts/packs.js", "scripts/record-compiled.js"],
];

/** Installs the locked dependencies where they are missing or older than package-lock.json. */
export function installIfStale() {
  // npm writes this file at the end of every installation.
  const installedAt = modifiedAt(join(root, "node_modules/.package-lock.json"));
  if (installedAt > modifiedAt(join(root, "package-lock.json")) - 1) return;
  console.error("installing dependencies");
  const arguments_ = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm reports on standard output; that belongs to what is started afterwards.
  execFileSync("npm", arguments_, { cwd: root, stdio: ["ignore", 2, 2] });
}

/** Builds `parts` ("commands", "compiled", "library") in a child process where they are stale. */
export function buildIfStale(...parts) {
  const stale = parts.filter(isStale);
  if (stale.length === 0) return;
  console.error("building");
  const script = join(root, "scripts/build.js");
  execFileSync(process.execPath, [script, ...stale], { cwd: root, stdio: ["ignore", 2, 2] });
}

export function isStale(part) {
  const builtAt = modifiedAt(stamp(part));
  return sources.some((path) => newestIn(join(root, path)) > builtAt);
}

/** Notes that `part` is built from the sources as they were at `startedAt`. */
export function markBuilt(part, startedAt) {
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(stamp(part), "");
  utimesSync(stamp(part), startedAt, startedAt);
}

export function markStale(part) {
  rmSync(stamp(part), { force: true });
}

function stamp(part) {
  return join(root, `dist/.${part}-built`);
}

function modifiedAt(path) {
  return existsSync(path) ? statSync(path).mtimeMs : Number.NEGATIVE_INFINITY;
}

/** The latest change in a file or a whole folder; a folder's own time tells of removed files. */
function newestIn(path) {
  const own = modifiedAt(path);
  if (!existsSync(path) || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}
