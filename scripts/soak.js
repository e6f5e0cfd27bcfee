/**
 * `npm run soak -- [SECONDS]`: the end-to-end tests that watch a daemon for a while, five minutes
 * long each and one file after the other: under an echo, on a busy link, and under floods.
 * `npm run soak -- --simulated [DAYS]`: a busy link for a week of virtual time, or for so many days.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, root } from "./freshness.js";

const DEFAULT_SECONDS = "300";
const DEFAULT_DAYS = "7";
const TESTS = ["echo", "busy-link", "floods"];

const isSimulated = process.argv[2] === "--simulated";
const length = process.argv[isSimulated ? 3 : 2] ?? (isSimulated ? DEFAULT_DAYS : DEFAULT_SECONDS);
if (!/^[1-9]\d*$/.test(length)) {
  const unit = isSimulated ? "days" : "seconds";
  console.error(`soak takes a number of ${unit}, not "${length}"`);
  process.exit(2);
}
installIfStale();
if (!isSimulated) buildIfStale("commands");
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    ...["run", "--project", isSimulated ? "unit" : "e2e"],
    ...["--reporter=verbose", "--no-file-parallelism"],
    ...(isSimulated
      ? ["test/sim/busy-day.test.ts"]
      : TESTS.map((name) => `test/e2e/${name}.test.ts`)),
  ],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      ...(isSimulated
        ? { DOTLOCAL_SOAK_DAYS: length }
        : { DOTLOCAL_SOAK_SECONDS: length, DOTLOCAL_REQUIRE_E2E: "1" }),
    },
  },
);
process.exitCode = status ?? 1;
