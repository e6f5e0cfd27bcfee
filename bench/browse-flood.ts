/**
 * Browsing where much is announced: 1,000, 5,000 and 20,000 services of one type, each announced by a
 * packet of five records, 5,000 packets a second. Who finds how many, and at what cost; each browses
 * on a wire of its own, in turns.
 *
 * Target: all of them, with at most 0.6 s of processor time for 10,000 packets, the command included.
 */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Lan } from "../test/e2e/kit/lan.ts";
import { type BrowserKind, type Browsing, browserKinds, startBrowser } from "./lib/browsers.ts";
import { quick, rounds } from "./lib/effort.ts";
import { formatMeasured, installed } from "./lib/responders.ts";

const ROUNDS = rounds(3);
const COUNTS = quick ? [2000] : [1000, 5000, 20_000];
const RATE = 5000;
const SUBNET = "198.18.0";
const TYPE = "_flood._tcp";
const ANNOUNCER = join(process.cwd(), "bench/peers/announcements.py");

/** Milliseconds: what browses has started and asked; and nothing more is found. */
const SETTLE = 3000;
const QUIET = 1500;
const QUIET_CHECK = 250;

interface Outcome {
  /** Per cent of what was announced. */
  readonly found: number;
  /** Seconds of processor time for 10,000 packets. */
  readonly cost: number;
}

async function browse(kind: BrowserKind, count: number): Promise<Outcome> {
  await using lan = await Lan.create();
  const announcer = await lan.host("announcer", { addresses: [`${SUBNET}.2/15`] });
  const host = await lan.host("browser", { addresses: [`${SUBNET}.10/15`] });
  const browsing = await startBrowser(kind, host, TYPE);
  await setTimeout(SETTLE);
  const before = browsing.cpu();
  const args = [announcer.address, 0, count, RATE, TYPE].map(String);
  await announcer.output("/usr/bin/python3", [ANNOUNCER, ...args], { timeout: 60_000 });
  await whenQuiet(browsing);
  return {
    found: (100 * browsing.found()) / count,
    cost: ((browsing.cpu() - before) / 1e6 / count) * 10_000,
  };
}

/** Until neither the number found nor the processor time grows. */
async function whenQuiet(browsing: Browsing): Promise<void> {
  for (let quiet = 0, last = -1; quiet < QUIET; quiet += QUIET_CHECK) {
    await setTimeout(QUIET_CHECK);
    const found = browsing.found();
    if (found !== last) quiet = 0;
    last = found;
  }
}

const kinds = installed(browserKinds);

for (const count of COUNTS) {
  const outcomes = kinds.map((): Outcome[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, kind] of kinds.entries()) outcomes[index]!.push(await browse(kind, count));
  }
  const rows = (value: (outcome: Outcome) => number) =>
    kinds.map(({ name }, index) => ({ name, values: outcomes[index]!.map(value) }));
  const title = `${count.toLocaleString("en-US")} services announced`;
  console.log(
    formatMeasured(
      `${title}: found`,
      "%",
      rows(({ found }) => found),
    ),
  );
  console.log(
    formatMeasured(
      `${title}: processor time for 10,000`,
      "s",
      rows(({ cost }) => cost),
    ),
  );
}
