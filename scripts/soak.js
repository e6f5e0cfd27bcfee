/**
 * `npm run soak -- [SECONDS]`: the end-to-end tests that watch a daemon for a while, five minutes
 * long each and one file after the other: under an echo, on a busy link, and under floods.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, root } from "./freshness.js";

const DEFAULT_SECONDS = "300";
const TESTS = ["echo", "busy-link", "floods"];

const seconds = process.argv[2] ?? DEFAULT_SECONDS;
if (!/^[1-9]\d*$/.test(seconds)) {
  console.error(`soak takes a number of seconds, not "${seconds}"`);
  process.exit(2);
}
installIfStale();
buildIfStale("commands");
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    ...["run", "--project", "e2e", "--reporter=verbose", "--no-file-parallelism"],
    ...TESTS.map((name) => `test/e2e/${name}.test.ts`),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, DOTLOCAL_SOAK_SECONDS: seconds, DOTLOCAL_REQUIRE_E2E: "1" },
  },
);
process.exitCode = status ?? 1;
