/**
 * `npm run sim -- --hosts 1000 --minutes 60 --seed 1`: a swarm of simulated hosts, watched by all
 * checkers. Prints what they sent and what does not hold; exits 1 when something does not.
 *
 * --hosts N      how many hosts (default 50)
 * --services N   how many services each of them publishes (default: each up to two)
 * --minutes N    how long the network is quiet at the end (default 60)
 * --faults N     minutes of troubles before that (default 5; 0 for none)
 * --within N     seconds within which the hosts start (default 0: all at once)
 * --seed N       the first seed (default 1)
 * --seeds N      how many seeds, one after the other (default 1)
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "./freshness.js";

const defaults = { hosts: "50", minutes: "60", faults: "5", within: "0", seed: "1", seeds: "1" };

const { values } = parseArgs({
  options: {
    services: { type: "string" },
    ...Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, { type: "string", default: value }]),
    ),
  },
});
const options = Object.fromEntries(
  Object.entries(values).map(([name, text]) => [name, wholeNumber(name, text)]),
);

const { MdnsEngine, runSwarm } = await bundle();
let failed = false;
for (let index = 0; index < options.seeds; index++) run(options.seed + index);
process.exitCode = failed ? 1 : 0;

/** Bundles the simulator, so that it runs without a loader for TypeScript. */
async function bundle() {
  const esbuild = await import("esbuild");
  const outfile = join(root, "dist/.sim/swarm.mjs");
  mkdirSync(join(root, "dist/.sim"), { recursive: true });
  await esbuild.build({
    stdin: {
      contents:
        'export { runSwarm } from "./src/sim/swarm.ts";' +
        'export { MdnsEngine } from "./src/mdns/engine.ts";',
      resolveDir: root,
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "error",
  });
  return import(pathToFileURL(outfile).href);
}

function run(seed) {
  const started = performance.now();
  const report = runSwarm({
    seed,
    hosts: options.hosts,
    services: options.services,
    createEngine: (engineOptions) => new MdnsEngine(engineOptions),
    startWithin: options.within * 1000,
    disturbed: options.faults * 60_000,
    quiet: options.minutes * 60_000,
  });
  const took = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`seed ${seed}: ${options.hosts} hosts, trace ${report.traceHash}, ${took} s`);
  console.table({ start: row(report.start), rest: row(report.rest) });
  console.table(kinds(report));
  if (report.violations.size === 0) return;
  failed = true;
  for (const [property, found] of report.violations) {
    console.log(`does not hold: ${property} (${found.length})`);
    for (const violation of found.slice(0, 10)) console.log(`  ${violation}`);
  }
  const { seed: _first, seeds: _count, ...others } = options;
  const again = Object.entries({ ...others, seed }).map(([name, value]) => `--${name} ${value}`);
  console.log(`replay: npm run sim -- ${again.join(" ")}`);
}

function row({ packets, octets, duration }) {
  const hours = duration / 3_600_000;
  return {
    packets,
    octets,
    minutes: Math.round(duration / 60_000),
    "packets a host": round(packets / options.hosts),
    "packets a host an hour": round(packets / options.hosts / hours),
    "octets a host an hour": Math.round(octets / options.hosts / hours),
  };
}

/** Packets and octets of each kind in the two times. */
function kinds({ start, rest }) {
  const names = [...new Set([...start.kinds.keys(), ...rest.kinds.keys()])].sort();
  const none = { packets: 0, octets: 0 };
  return Object.fromEntries(
    names.map((name) => {
      const first = start.kinds.get(name) ?? none;
      const later = rest.kinds.get(name) ?? none;
      return [
        name,
        {
          "start packets": first.packets,
          "start octets": first.octets,
          "rest packets": later.packets,
          "rest octets": later.octets,
        },
      ];
    }),
  );
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function wholeNumber(name, text) {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name} takes a whole number, not "${text}"`);
  process.exit(2);
}
