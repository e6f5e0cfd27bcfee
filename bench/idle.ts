/**
 * What responders cost while nothing happens: memory beside a Node process that only waits, and
 * processor time. All run at once on a quiet link.
 *
 * Target: dotlocal needs at most 11 MiB more than bare Node.
 */

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Lan } from "../test/e2e/kit/lan.ts";
import { formatMeasured, startResponders } from "./lib/responders.ts";

const ROUNDS = 3;
const ROUND_MILLISECONDS = 15_000;
const SUBNET = "198.18.0";
const MIB = 1024;

/** A field of smaps_rollup, in MiB. */
function memory(pids: readonly number[], field: "Rss" | "Pss"): number {
  const sizes = pids.map((pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1]) / MIB;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

await using lan = await Lan.create();
const host = await lan.host("bare", { addresses: [`${SUBNET}.2/15`] });
const bare = host.spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"]);
const responders = await startResponders(lan, SUBNET);
const subjects = [{ name: "bare Node", pids: bare.pids, cpu: () => 0 }, ...responders];
const samples = subjects.map(() => ({
  rss: [] as number[],
  pss: [] as number[],
  cpu: [] as number[],
}));
for (let round = 0; round < ROUNDS; round++) {
  const before = subjects.map(({ cpu }) => cpu());
  await setTimeout(ROUND_MILLISECONDS);
  for (const [index, { pids, cpu }] of subjects.entries()) {
    const sample = samples[index]!;
    sample.rss.push(memory(pids, "Rss"));
    sample.pss.push(memory(pids, "Pss"));
    sample.cpu.push((cpu() - before[index]!) / ROUND_MILLISECONDS);
  }
}

const rows = (field: "rss" | "pss" | "cpu") =>
  subjects.map(({ name }, index) => ({ name, values: samples[index]![field] }));
console.log(formatMeasured("resident memory", "MiB", rows("rss")));
console.log(formatMeasured("memory, what is shared counted in part", "MiB", rows("pss")));
console.log(formatMeasured("processor time a second", "ms", rows("cpu").slice(1)));
