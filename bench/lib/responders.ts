/**
 * Multicast DNS responders side by side: dotlocal and those others that are installed, each on a host
 * of its own on one simulated wire (network namespaces that go with this process). A benchmark lets
 * them take turns, or all hear the same traffic, and reads what each took of the processor.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon } from "../../test/e2e/kit/daemon.ts";
import { type Host, Lan } from "../../test/e2e/kit/lan.ts";
import { Avahi } from "../../test/e2e/kit/peers/avahi.ts";
import type { RunningProcess } from "../../test/e2e/kit/process.ts";

/** The working directory: `npm run bench` runs at the root of the checkout. */
const root = process.cwd();

/** Milliseconds: probing and announcing are over. */
const SETTLE = 4000;

export interface Responder {
  readonly name: string;
  readonly host: Host;
  /** Its processes, by the ids that this process sees. */
  readonly pids: readonly number[];
  /** Microseconds of processor time that it has taken so far. */
  cpu(): number;
}

export interface ResponderKind {
  readonly name: string;
  readonly isInstalled: boolean;
  start(host: Host): Promise<RunningProcess>;
}

export const responderKinds: readonly ResponderKind[] = [
  {
    name: "dotlocal",
    isInstalled: true,
    start: async (host) => (await Daemon.start(host)).process,
  },
  {
    name: "avahi-daemon",
    isInstalled: existsSync("/usr/sbin/avahi-daemon"),
    start: async (host) => {
      return (await Avahi.start(host, { configuration: avahiConfiguration(host.name) })).process;
    },
  },
  {
    name: "python-zeroconf",
    isInstalled: existsSync("/usr/lib/python3/dist-packages/zeroconf"),
    start: startZeroconf,
  },
  nodePeer("multicast-dns"),
  nodePeer("bonjour-service"),
];

/** Starts all that are installed and says which are not. */
export async function startResponders(
  lan: Lan,
  subnet: string,
  kinds: readonly ResponderKind[] = responderKinds,
): Promise<readonly Responder[]> {
  const responders: Responder[] = [];
  for (const [index, kind] of installed(kinds).entries()) {
    const host = await lan.host(`bench-${index}`, { addresses: [`${subnet}.${index + 10}/15`] });
    responders.push(await startResponder(kind, host));
  }
  await setTimeout(SETTLE);
  return responders;
}

/** A responder with one other host on a link of their own, so that nothing it hears wakes another. */
export interface Pair {
  readonly lan: Lan;
  readonly responder: Responder;
  readonly other: Host;
}

export async function startPair(kind: ResponderKind, subnet: string): Promise<Pair> {
  const lan = await Lan.create();
  const host = await lan.host("responder", { addresses: [`${subnet}.10/15`] });
  const other = await lan.host("other", { addresses: [`${subnet}.2/15`] });
  return { lan, responder: await startResponder(kind, host), other };
}

export async function startResponder(kind: ResponderKind, host: Host): Promise<Responder> {
  const { pids } = await kind.start(host);
  return { name: kind.name, host, pids, cpu: () => processorTime(pids) };
}

/** Those that are here; says which are not. */
export function installed<Kind extends { readonly name: string; readonly isInstalled: boolean }>(
  kinds: readonly Kind[],
): readonly Kind[] {
  for (const { name, isInstalled } of kinds) if (!isInstalled) console.log(`${name}: absent`);
  return kinds.filter(({ isInstalled }) => isInstalled);
}

/** Without the limits on its rate that distributions set. */
export function avahiConfiguration(hostName: string): string {
  const server = ["[server]", `host-name=${hostName}`, "use-ipv4=yes", "use-ipv6=yes"];
  const limits = ["ratelimit-interval-usec=0", "cache-entries-max=1000000"];
  return [...server, ...limits, "[publish]", "publish-workstation=no", ""].join("\n");
}

function nodePeer(name: string): ResponderKind {
  return {
    name,
    isInstalled: existsSync(join(root, "node_modules", name)),
    start: async (host) => {
      const script = join(root, `bench/peers/${name}.mjs`);
      const peer = host.spawn(process.execPath, [script, `${host.name}.local`, host.address]);
      await peer.line(/ready/);
      return peer;
    },
  };
}

async function startZeroconf(host: Host): Promise<RunningProcess> {
  const script = join(root, "test/e2e/kit/peers/python-zeroconf.py");
  const peer = host.spawn("/usr/bin/python3", [script, host.address]);
  await peer.line(/ready/);
  const register = {
    type: "_http._tcp.local.",
    name: "Web of Python._http._tcp.local.",
    server: `${host.name}.local.`,
    addresses: [host.address],
    port: 80,
  };
  peer.write(`${JSON.stringify({ register })}\n`);
  await peer.line(/registered/);
  return peer;
}

/** Of all threads, from the scheduler's own count of nanoseconds. */
export function processorTime(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [running] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
      nanoseconds += Number(running);
    }
  }
  return nanoseconds / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const NAME_WIDTH = 22;

/** What one responder was measured at, a value a round. */
export interface Measured {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * A row each: the median, the least and the most, and the median as a multiple of the first's where
 * that is not zero.
 */
export function formatMeasured(title: string, unit: string, rows: readonly Measured[]): string {
  const own = median(rows[0]!.values);
  const lines = rows.map(({ name, values }) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const cells = [median(values), low, high].map((value) => format(value).padStart(10));
    const ratio = own === 0 ? "" : `${(median(values) / own).toFixed(2).padStart(8)}x`;
    return `  ${name.padEnd(NAME_WIDTH)}${cells.join("")}${ratio}`;
  });
  const heads = ["median", "least", "most", "ratio"];
  const head = `  ${unit.padEnd(NAME_WIDTH)}${heads.map((text) => text.padStart(10)).join("")}`;
  return [title, head, ...lines].join("\n");
}

function format(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value < 10 ? 2 : 1);
}
