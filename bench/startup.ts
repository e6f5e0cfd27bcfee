/**
 * How long commands take from start to end, beside `node -e 0`, which any Node program takes. All on
 * one host, in turns: `dotlocal --version`, and `dotlocal resolve` of another host's address, which
 * the daemon has in its cache, with the daemon and without it.
 *
 * Without a daemon a question waits 20 to 120 ms before it is first sent (RFC 6762 §5.2). How long it
 * did each time is noted, so that what the command itself takes can be told apart. A host does not
 * multicast a record again within a second (RFC 6762 §6), so the hosts that are asked take turns.
 *
 * Target: with a daemon at most 1.2 times `node -e 0`; without one, less the wait, at most 1.35 times.
 */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon } from "../test/e2e/kit/daemon.ts";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { rounds } from "./lib/effort.ts";
import { formatMeasured, type Measured } from "./lib/responders.ts";

const ROUNDS = rounds(15);
const LAUNCHER = join(process.cwd(), "bin/dotlocal.js");
const NOTE_WAIT = join(process.cwd(), "bench/lib/note-wait.cjs");
/** Milliseconds in which the daemons establish their names. */
const SETTLE = 3000;
/** Milliseconds for which a neighbour that has answered is left alone. */
const REST = 1200;

await using lan = await Lan.create();
const host = await lan.host("here");
const neighbours = [await lan.host("there"), await lan.host("yonder"), await lan.host("beyond")];
for (const each of [host, ...neighbours]) await Daemon.start(each);
await setTimeout(SETTLE);

interface Run {
  readonly total: number;
  /** What it waited as RFC 6762 §5.2 asks. */
  readonly waited: number;
}

async function run(...args: readonly string[]): Promise<Run> {
  const started = performance.now();
  const { status, stderr } = await host.run(process.execPath, args);
  const total = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return { total, waited: Number(/^waited (\d+)/m.exec(stderr)?.[1] ?? 0) };
}

const rows = {
  "node -e 0": (): Promise<Run> => run("-e", "0"),
  "--version": () => run(LAUNCHER, "--version"),
  "--help": () => run(LAUNCHER, "--help"),
  status: () => run(LAUNCHER, "status"),
  "resolve, daemon": ({ name }: Host) => run(LAUNCHER, "resolve", "-4", `${name}.local`),
  "resolve, standalone": ({ name }: Host) =>
    run("-r", NOTE_WAIT, LAUNCHER, "resolve", "-4", "--standalone", `${name}.local`),
};

const runs = Object.keys(rows).map((): Run[] => []);
for (const neighbour of neighbours) for (const start of Object.values(rows)) await start(neighbour);
for (let round = 0; round < ROUNDS; round++) {
  await setTimeout(REST / neighbours.length);
  const neighbour = neighbours[round % neighbours.length]!;
  for (const [index, start] of Object.values(rows).entries()) {
    runs[index]!.push(await start(neighbour));
  }
}

const measured: Measured[] = Object.keys(rows).map((name, index) => ({
  name,
  values: runs[index]!.map(({ total }) => total),
}));
const alone = runs.at(-1)!;
measured.push({
  name: "  less its wait",
  values: alone.map(({ total, waited }) => total - waited),
});
console.log(formatMeasured("from start to end", "ms", measured));
