/**
 * Two projects, one after the other: end-to-end tests watch real time, so the tests that only
 * compute must not take the processor from them. On a machine that is busy with something else a
 * deadline of the real world is missed now and then: such an end-to-end test is tried once more, and
 * `scripts/count-reporter.js` tells of it. What only computes has no such excuse.
 */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
