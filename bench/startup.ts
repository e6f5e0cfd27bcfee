/**
 * How long commands take to start: `dotlocal --version`, `dotlocal resolve` with a daemon and without
 * one, beside `node -e 0`, which any Node program takes. All on one host, in turns.
 *
 * Target: with a daemon at most 1.2 times `node -e 0`; without one at most 1.35 times and the wait for
 * the answer that RFC 6762 §5.2 asks for (a question waits 20 to 120 ms before it is first sent).
 */

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon } from "../test/e2e/kit/daemon.ts";
import { Lan } from "../test/e2e/kit/lan.ts";
import { formatMeasured } from "./lib/responders.ts";

const ROUNDS = 15;
const LAUNCHER = join(process.cwd(), "bin/dotlocal.js");
/** Milliseconds in which the daemon establishes its name. */
const SETTLE = 3000;

await using lan = await Lan.create();
const host = await lan.host("here");
const neighbour = await lan.host("there");
await using _daemon = await Daemon.start(host);
await using _neighbour = await Daemon.start(neighbour);
await setTimeout(SETTLE);

const commands: readonly (readonly [name: string, ...args: string[]])[] = [
  ["node -e 0", "-e", "0"],
  ["--version", LAUNCHER, "--version"],
  ["resolve, daemon", LAUNCHER, "resolve", "-4", "there.local"],
  ["resolve, standalone", LAUNCHER, "resolve", "-4", "--standalone", "there.local"],
];

async function run(args: readonly string[]): Promise<number> {
  const started = performance.now();
  await host.output(process.execPath, args);
  return performance.now() - started;
}

const values = commands.map((): number[] => []);
for (const [, ...args] of commands) await run(args);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, [, ...args]] of commands.entries()) values[index]!.push(await run(args));
}

const rows = commands.map(([name], index) => ({ name, values: values[index]! }));
console.log(formatMeasured("from start to end", "ms", rows));
