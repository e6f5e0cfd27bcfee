/**
 * What responders cost while nothing happens: memory beside a Node process that only waits, and
 * processor time a minute. All run at once, each on a link of its own, with a host name and one
 * service (multicast-dns: the name alone). Of dotlocal nothing looks around by itself but what always
 * does: `llmnr.guard` is off, nothing waits for a condition, and no watchdog is asked for.
 *
 * Targets: dotlocal needs at most 8 MiB more than bare Node with portable sockets, 11 MiB with native
 * ones, and 3 ms a minute.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon, type DaemonOptions } from "../test/e2e/kit/daemon.ts";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import type { RunningProcess } from "../test/e2e/kit/process.ts";
import { quick } from "./lib/effort.ts";
import { ciaoKind } from "./lib/further-responders.ts";
import {
  formatMeasured,
  installed,
  type Responder,
  type ResponderKind,
  responderKinds,
  startResponder,
} from "./lib/responders.ts";

const MINUTE = 60_000;
const MIB = 1024;

/** Milliseconds until names are announced and what only the start needed is given back. */
const SETTLE_TIME = quick ? 10_000 : 45_000;

/** Milliseconds in which a process that only waits is there. */
const START_TIME = 1_500;

const WINDOWS = quick ? 1 : 3;
const WINDOW_MILLISECONDS = quick ? 10_000 : MINUTE;

const koffi = join(process.cwd(), "node_modules/koffi");

const kinds: readonly ResponderKind[] = [
  waiting("bare Node", ""),
  waiting("bare Node and koffi", `require(${JSON.stringify(koffi)}).load(null);`),
  dotlocal("native"),
  dotlocal("portable"),
  ...responderKinds.filter(({ name }) => name !== "dotlocal"),
  ciaoKind,
];

function waiting(name: string, first: string): ResponderKind {
  return {
    name,
    isInstalled: true,
    start: async (host) => {
      const script = `${first} setInterval(() => {}, 1e9)`;
      const waits = host.spawn(process.execPath, ["-e", script]);
      // It cannot say that it runs: writing would take memory.
      await setTimeout(START_TIME);
      return waits;
    },
  };
}

function dotlocal(transport: NonNullable<DaemonOptions["transport"]>): ResponderKind {
  return {
    name: `dotlocal, ${transport}`,
    isInstalled: true,
    start: async (host) => (await startDaemon(host, transport)).process,
  };
}

function startDaemon(
  host: Host,
  transport: NonNullable<DaemonOptions["transport"]>,
): Promise<{ readonly process: RunningProcess }> {
  return Daemon.start(host, {
    ...(transport === "portable" ? { transport } : {}),
    configuration: { llmnr: { guard: false } },
    services: { "web.yaml": { name: "Web", type: "_http._tcp", port: 80 } },
  });
}

/** A field of smaps_rollup, in MiB. */
function memory(pids: readonly number[], field: "Rss" | "Pss"): number {
  const sizes = pids.map((pid) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1]) / MIB;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface Subject extends Responder {
  readonly rss: number[];
  readonly pss: number[];
  readonly minute: number[];
}

const lans: Lan[] = [];
const subjects: Subject[] = [];
for (const kind of installed(kinds)) {
  const lan = await Lan.create();
  lans.push(lan);
  const responder = await startResponder(kind, await lan.host("idle"));
  subjects.push({ ...responder, rss: [], pss: [], minute: [] });
}
await setTimeout(SETTLE_TIME);
for (let window = 0; window < WINDOWS; window++) {
  const before = subjects.map(({ cpu }) => cpu());
  await setTimeout(WINDOW_MILLISECONDS);
  for (const [index, { pids, cpu, rss, pss, minute }] of subjects.entries()) {
    const milliseconds = (cpu() - before[index]!) / 1000;
    minute.push((milliseconds * MINUTE) / WINDOW_MILLISECONDS);
    rss.push(memory(pids, "Rss"));
    pss.push(memory(pids, "Pss"));
  }
}

const rows = (field: "rss" | "pss" | "minute") =>
  subjects.map((subject) => ({ name: subject.name, values: subject[field] }));
console.log(formatMeasured("resident memory", "MiB", rows("rss")));
console.log(formatMeasured("memory, what is shared counted in part", "MiB", rows("pss")));
console.log(formatMeasured("processor time a minute", "ms", rows("minute")));
await Promise.all(lans.map((lan) => lan.dispose()));
