/**
 * A daemon's engine for a day on a busy link, in a process of its own whose heap is measured every
 * hour; `npm run soak -- --simulated DAYS` makes it many days.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import type { Holding } from "./busy-day/busy-day.ts";
import type { Sample } from "./busy-day/program.ts";

const PROGRAM = fileURLToPath(new URL("./busy-day/program.ts", import.meta.url));

const DAYS = Number(process.env["DOTLOCAL_SOAK_DAYS"] ?? 1);
const HOURS = 24 * DAYS;
const SEED = 1;

/** After so many hours what is kept up to a fixed size, such as the echo history, is full. */
const WARM_UP_HOURS = 2;

/** Octets by which the least heap of the second half may exceed that of the first. */
const HEAP_GROWTH_MAX = 256 * 1024;

/** Nothing of all that ever came and went is held for longer than it is needed. */
const HELD_MAX: Readonly<Record<Holding, number>> = {
  // A device's four records live up to 75 minutes, and some 200 devices come in an hour.
  "cached records": 1500,
  "cached names": 1000,
  questions: 60,
  reconfirmations: 20,
  registrations: 30,
  services: 6,
  browses: 6,
  watches: 10,
  "look-ups": 10,
  "absent names": 300,
  "stub questions": 10,
  "LLMNR look-ups": 10,
  "LLMNR connections": 0,
  poisoners: 0,
  publications: 6,
};

/** Of all engines, and packets under way. */
const DEADLINES_MAX = 1500;

/** Two of the host that stays, and one each of two visitors. */
const LINKS_MAX = 4;

let samples: readonly Sample[] = [];
let warm: readonly Sample[] = [];

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "busy-day-"));
  const outfile = join(directory, "program.mjs");
  const options = { bundle: true, format: "esm", platform: "node", logLevel: "error" } as const;
  buildSync({ entryPoints: [PROGRAM], outfile, ...options });
  try {
    const args = ["--no-warnings", "--expose-gc", outfile, String(HOURS), String(SEED)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 28 });
    samples = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Sample);
    warm = samples.slice(WARM_UP_HOURS);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 900_000 * DAYS);

describe(`${HOURS} simulated hours of a busy link`, () => {
  test("are busy: packets, contested names, and names taken back", async ({ annotate }) => {
    await annotate(JSON.stringify(samples.at(-1)));
    expect(samples).toHaveLength(HOURS);
    const { packets, renames } = samples.at(-1)!;
    expect(packets).toBeGreaterThan(10_000 * HOURS);
    expect(renames.away).toBeGreaterThan(HOURS / 4);
    expect(renames.back).toBeGreaterThan(HOURS / 8);
  });

  test("leave the heap as it was", () => {
    const middle = Math.floor(warm.length / 2);
    const [before, later] = [leastHeap(warm.slice(0, middle)), leastHeap(warm.slice(middle))];
    expect(later - before).toBeLessThan(HEAP_GROWTH_MAX);
  });

  test.each(Object.entries(HELD_MAX))("never hold many %s", (holding, most) => {
    const held = warm.map((sample) => sample.held[holding as Holding]);
    expect(Math.max(...held)).toBeLessThanOrEqual(most);
  });

  test("leave no deadlines behind, and nothing of engines that have ended", () => {
    expect(Math.max(...warm.map(({ deadlines }) => deadlines))).toBeLessThan(DEADLINES_MAX);
    expect(Math.max(...warm.map(({ links }) => links))).toBeLessThanOrEqual(LINKS_MAX);
  });
});

function leastHeap(some: readonly Sample[]): number {
  return Math.min(...some.map(({ heap }) => heap));
}
