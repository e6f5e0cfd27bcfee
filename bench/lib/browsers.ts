/**
 * What browses, side by side: our command alone, our command through the daemon, and those of others
 * that are installed. Each prints a line a service that it finds.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon, spawnDotlocal } from "../../test/e2e/kit/daemon.ts";
import type { Host } from "../../test/e2e/kit/lan.ts";
import { Avahi } from "../../test/e2e/kit/peers/avahi.ts";
import { startDbus } from "../../test/e2e/kit/peers/dbus.ts";
import type { RunningProcess } from "../../test/e2e/kit/process.ts";
import { avahiConfiguration, processorTime } from "./responders.ts";

/** Milliseconds: a daemon has announced its host, and given back what only its start needed. */
const DAEMON_SETTLE = 5000;

/** The working directory: `npm run bench` runs at the root of the checkout. */
const root = process.cwd();

export interface BrowserKind {
  readonly name: string;
  readonly isInstalled: boolean;
  /** Starts to browse the type; the processes that take part, and the one that prints. */
  start(host: Host, type: string): Promise<{ all: RunningProcess[]; printer: RunningProcess }>;
}

export const browserKinds: readonly BrowserKind[] = [
  {
    name: "dotlocal --standalone",
    isInstalled: true,
    start: async (host, type) => alone(spawnDotlocal(host, ["browse", "--standalone", type])),
  },
  {
    name: "dotlocal, daemon",
    isInstalled: true,
    start: async (host, type) => {
      const daemon = await Daemon.start(host);
      await setTimeout(DAEMON_SETTLE);
      const printer = spawnDotlocal(host, ["browse", type]);
      return { all: [daemon.process, printer], printer };
    },
  },
  {
    name: "avahi-browse, daemon",
    isInstalled: existsSync("/usr/sbin/avahi-daemon") && existsSync("/usr/bin/avahi-browse"),
    start: async (host, type) => {
      const bus = await startDbus(host);
      const avahi = await Avahi.start(host, { configuration: avahiConfiguration(host.name) });
      const printer = host.spawn("avahi-browse", ["--parsable", "--no-db-lookup", type]);
      return { all: [bus!, avahi.process, printer], printer };
    },
  },
  {
    name: "python-zeroconf",
    isInstalled: existsSync("/usr/lib/python3/dist-packages/zeroconf"),
    start: async (host, type) => {
      const script = join(root, "bench/peers/browse-zeroconf.py");
      return alone(host.spawn("/usr/bin/python3", [script, host.address, type]));
    },
  },
  {
    name: "bonjour-service",
    isInstalled: existsSync(join(root, "node_modules/bonjour-service")),
    start: async (host, type) => {
      const script = join(root, "bench/peers/browse-bonjour.mjs");
      return alone(host.spawn(process.execPath, [script, type, host.address]));
    },
  },
];

function alone(printer: RunningProcess): { all: RunningProcess[]; printer: RunningProcess } {
  return { all: [printer], printer };
}

export interface Browsing {
  /** Services found so far. */
  found(): number;
  /** Microseconds of processor time of all that takes part. */
  cpu(): number;
}

/** Every way of ours and of others prints found services with a plus at the start of the line. */
export async function startBrowser(kind: BrowserKind, host: Host, type: string): Promise<Browsing> {
  const { all, printer } = await kind.start(host, type);
  return {
    found: () => new Set(printer.lines.filter((line) => line.startsWith("+"))).size,
    cpu: () => processorTime(all.flatMap(({ pids }) => pids)),
  };
}
