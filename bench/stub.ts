/**
 * Answers of the stub beside those of dnsmasq, unbound and systemd-resolved, asked by dnsperf over
 * UDP and TCP, all on one host with one name server behind them: from the cache, and with one name
 * in ten that nobody has asked for before. They take turns, and the fastest of several rounds counts,
 * so that what disturbs one disturbs all. Beside the rate stands the processor time that a query
 * costs, which a busy machine disturbs less.
 *
 * Needs root, dnsperf and dnsmasq; of the other peers those that are missing are named.
 *
 * Target: from the cache by UDP, with and without EDNS, 2.5 times the rate of systemd-resolved and at
 * least that of dnsmasq and unbound; by TCP twice the rate of unbound; with new names at least the
 * rate of unbound.
 */

import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { type DnsServer, DOMAIN, has, startDnsServers } from "./lib/dns-servers.ts";
import { quick, rounds } from "./lib/effort.ts";

const ROUNDS = rounds(4);
/** Seconds that dnsperf asks in a round. */
const ROUND_SECONDS = quick ? 1 : 2;
/** Queries under way at a time. */
const OUTSTANDING = 100;

/** Names that are asked for again and again. */
const NAMES = 1000;
const CACHED_FILE = "/run/cached.txt";

/** Queries of a round with new names, one in so many of them for one. */
const MIXED_QUERIES = quick ? 40_000 : 150_000;
const NEW_NAME_EVERY = 10;
const MIXED_FILE = "/run/mixed.txt";

interface Result {
  /** Queries a second. */
  readonly rate: number;
  /** Microseconds of processor time a query. */
  readonly time: number;
}

interface Load {
  readonly title: string;
  readonly options: readonly string[];
  /** Before each round. */
  readonly prepare?: (round: number) => void;
}

async function measure(host: Host, server: DnsServer, load: Load): Promise<Result> {
  const before = server.cpu();
  const report = await host.output("dnsperf", [
    ...["-s", server.address, "-q", String(OUTSTANDING), ...load.options],
  ]);
  const spent = server.cpu() - before;
  const completed = Number(/Queries completed: +(\d+)/.exec(report)?.[1] ?? 0);
  const lost = Number(/Queries lost: +(\d+)/.exec(report)?.[1] ?? 0);
  if (lost > 0) console.log(`${server.name} left ${lost} queries without a reply`);
  const rate = Number(/Queries per second: +([\d.]+)/.exec(report)?.[1] ?? 0);
  return { rate, time: completed === 0 ? Number.POSITIVE_INFINITY : spent / completed };
}

/** Seconds of asking before anything is measured: programs that are compiled as they run are by then. */
const WARM_UP_SECONDS = quick ? 1 : 2;

/** Has each server know every answer, and says so where one does not. */
async function fill(host: Host, { name, address }: DnsServer): Promise<void> {
  const once = ["-s", address, "-d", CACHED_FILE, "-n", "2", "-q", "20"];
  const report = await host.output("dnsperf", once);
  const codes = /Response codes: +(.*)/.exec(report)?.[1] ?? "no replies";
  if (!codes.startsWith(`NOERROR ${2 * NAMES} `)) console.log(`${name} answers with ${codes}`);
  await host.output("dnsperf", ["-s", address, "-d", CACHED_FILE, "-l", String(WARM_UP_SECONDS)]);
}

async function compare(
  host: Host,
  servers: readonly DnsServer[],
  load: Load,
): Promise<readonly Result[]> {
  const best = servers.map((): Result => ({ rate: 0, time: Number.POSITIVE_INFINITY }));
  for (let round = 0; round < ROUNDS; round++) {
    load.prepare?.(round);
    for (const [index, server] of servers.entries()) {
      const { rate, time } = await measure(host, server, load);
      const known = best[index]!;
      best[index] = { rate: Math.max(known.rate, rate), time: Math.min(known.time, time) };
    }
  }
  return best;
}

function row(name: string, { rate, time }: Result, ours: Result): string {
  const perSecond = Math.round(rate).toLocaleString("en-US").padStart(10);
  const ratio = `${(ours.rate / rate).toFixed(2)}x`.padStart(8);
  const each = time.toFixed(1).padStart(8);
  return `  ${name.padEnd(18)}${perSecond} /s${ratio}${each} us of processor time`;
}

function oldName(index: number): string {
  return `host-${index % NAMES}.${DOMAIN} A\n`;
}

/** The same names for all servers, and others in each round. */
function mixedQueries(round: number): string {
  const lines = Array.from({ length: MIXED_QUERIES }, (_, index) =>
    index % NEW_NAME_EVERY === 0 ? `new-${round}-${index}.${DOMAIN} A\n` : oldName(index * 7),
  );
  return lines.join("");
}

async function main(): Promise<void> {
  if (!has("dnsperf")) throw new Error("this benchmark needs dnsperf");
  await using lan = await Lan.create();
  // systemd-resolved asks nobody where there is no link.
  const host = await lan.host("bench");
  host.writeFile(CACHED_FILE, Array.from({ length: NAMES }, (_, index) => oldName(index)).join(""));
  const servers = await startDnsServers(host);
  for (const server of servers) await fill(host, server);
  const cached = ["-d", CACHED_FILE, "-l", String(ROUND_SECONDS)];
  const mixed = ["-d", MIXED_FILE, "-n", "1"];
  const prepare = (round: number) => host.writeFile(MIXED_FILE, mixedQueries(round));
  const loads: readonly Load[] = [
    { title: "UDP, cached", options: cached },
    { title: "UDP with EDNS, cached", options: [...cached, "-e"] },
    { title: "UDP, one name in ten new", options: mixed, prepare },
    { title: "TCP, cached", options: [...cached, "-m", "tcp"] },
    { title: "TCP, ten connections, cached", options: [...cached, "-m", "tcp", "-c", "10"] },
  ];
  for (const load of loads) {
    const results = await compare(host, servers, load);
    console.log(`${load.title}; how many times our rate is theirs`);
    for (const [index, { name }] of servers.entries()) {
      console.log(row(name, results[index]!, results[0]!));
    }
  }
}

await main();
