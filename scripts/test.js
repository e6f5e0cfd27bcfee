/**
 * `npm test`: installs and builds where needed, then runs every test with vitest. Further arguments
 * go to vitest. Its exit status is vitest's; the last line is `N passed, N failed, N skipped`.
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, root } from "./freshness.js";

try {
  installIfStale();
  buildIfStale("commands", "compiled", "library");
} catch {
  // The tool that failed has said why.
  process.exit(1);
}

const args = process.argv.slice(2);
const ownReporter = args.some((arg) => arg.startsWith("--reporter"));
const vitest = spawn(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    ...(ownReporter ? [] : ["--reporter=default"]),
    `--reporter=${join(root, "scripts/count-reporter.js")}`,
    ...args,
  ],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => vitest.kill(signal));
vitest.on("exit", (status, signal) => {
  process.exitCode = status ?? (signal === "SIGINT" ? 130 : 1);
});
