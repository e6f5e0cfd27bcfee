/**
 * What distinct announcements cost: five rounds of 10,000 announcements of five records each, 50,000
 * in all, no two of one service. All responders hear them; each does with them what it does.
 *
 * Target: at most 0.4 s of processor time for 10,000.
 */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Lan } from "../test/e2e/kit/lan.ts";
import { formatMeasured, startResponders } from "./lib/responders.ts";

const ROUNDS = 5;
const COUNT = 10_000;
/** A second; few enough that no socket overflows. */
const RATE = 2000;
const SUBNET = "198.18.0";
const ANNOUNCER = join(process.cwd(), "bench/peers/announcements.py");

/** Milliseconds in which whoever is behind catches up. */
const REST = 2000;

await using lan = await Lan.create();
const announcer = await lan.host("announcer", { addresses: [`${SUBNET}.2/15`] });
const responders = await startResponders(lan, SUBNET);

const values = responders.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  const before = responders.map(({ cpu }) => cpu());
  const args = [announcer.address, round * COUNT, COUNT, RATE].map(String);
  await announcer.output("/usr/bin/python3", [ANNOUNCER, ...args], { timeout: 120_000 });
  await setTimeout(REST);
  responders.forEach(({ cpu }, index) => {
    values[index]!.push((cpu() - before[index]!) / 1e6);
  });
}

const rows = responders.map(({ name }, index) => ({ name, values: values[index]! }));
console.log(formatMeasured(`processor time for ${COUNT} announcements`, "s", rows));
