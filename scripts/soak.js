/**
 * `npm run soak -- [SECONDS]`: the end-to-end tests that watch a daemon for a while, one file after the
 * other: five minutes under an echo, an hour on a busy link, or SECONDS each; and under floods.
 * `npm run soak -- --simulated [DAYS]`: a busy link for a week of virtual time, or for so many days.
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, root } from "./freshness.js";

const DEFAULT_ECHO_SECONDS = "300";
const DEFAULT_BUSY_SECONDS = "3600";
const DEFAULT_DAYS = "7";
const TESTS = ["echo", "busy-link", "floods"];

const isSimulated = process.argv[2] === "--simulated";
const length = process.argv[isSimulated ? 3 : 2];
if (length !== undefined && !/^[1-9]\d*$/.test(length)) {
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
        ? { DOTLOCAL_SOAK_DAYS: length ?? DEFAULT_DAYS }
        : {
            DOTLOCAL_SOAK_ECHO_SECONDS: length ?? DEFAULT_ECHO_SECONDS,
            DOTLOCAL_SOAK_BUSY_SECONDS: length ?? DEFAULT_BUSY_SECONDS,
            DOTLOCAL_REQUIRE_E2E: "1",
          }),
    },
  },
);
process.exitCode = status ?? 1;
