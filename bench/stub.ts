/**
 * Cached answers of the stub beside those of dnsmasq, unbound and systemd-resolved, asked by dnsperf
 * over UDP and TCP, all in one namespace with one name server behind them. They take turns, and the
 * fastest of several rounds counts, so that what disturbs one disturbs all. Beside the rate stands
 * the processor time that a query costs, which a busy machine disturbs less.
 *
 * Needs root, dnsperf and dnsmasq; of the other peers those that are missing are named.
 *
 * Target: UDP at 2.5 times the rate of systemd-resolved and about that of dnsmasq and unbound; TCP
 * at twice the rate of unbound.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "../test/e2e/kit/daemon.ts";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { peersRoot, systemPath } from "../test/e2e/kit/paths.ts";
import { startDnsmasq } from "../test/e2e/kit/peers/name-servers.ts";
import { Resolved } from "../test/e2e/kit/peers/resolved.ts";

const ROUNDS = 4;
/** Seconds that dnsperf asks in a round. */
const ROUND_SECONDS = 2;
/** Queries under way at a time. */
const OUTSTANDING = 100;
const NAMES = 1000;

const UPSTREAM = "127.0.0.2";
const QUERIES_FILE = "/run/queries.txt";

interface Server {
  readonly name: string;
  readonly address: string;
  /** Finds its process by its command line; its first letter is in brackets, so as not to find itself. */
  readonly pattern: string;
}

interface Result {
  /** Queries a second. */
  rate: number;
  /** Microseconds of processor time a query. */
  time: number;
}

function has(command: string): boolean {
  return systemPath.split(":").some((folder) => existsSync(join(folder, command)));
}

async function startServers(host: Host): Promise<Server[]> {
  const addresses = Array.from({ length: NAMES }, (_, index) => {
    return `--address=/host-${index}.example.com/198.51.100.${index % 250}`;
  });
  const own = ["--bind-interfaces", `--listen-address=${UPSTREAM}`, "--local-ttl=86400"];
  await startDnsmasq(host, [...own, ...addresses]);
  const servers = [await startOurs(host), await startPeerDnsmasq(host)];
  if (has("unbound")) servers.push(await startUnbound(host));
  else console.log("unbound is missing");
  if (existsSync(join(peersRoot, ".unpacked-systemd-resolved"))) {
    servers.push(await startResolved(host));
  } else {
    console.log("systemd-resolved is missing");
  }
  return servers;
}

async function startOurs(host: Host): Promise<Server> {
  const address = "127.0.0.153";
  const stub = { listen: [`${address}:53`] };
  const compat = { avahi: "off", resolved: "off" };
  const resolver = { upstreams: [UPSTREAM], stub };
  await Daemon.start(host, { configuration: { compat, resolver } });
  return { name: "dotlocal", address, pattern: "[d]otlocal.js daemon" };
}

async function startPeerDnsmasq(host: Host): Promise<Server> {
  const address = "127.0.0.3";
  const dnsmasq = host.spawn("dnsmasq", [
    ...["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"],
    ...["--user=root", "--pid-file", "--log-facility=-", "--bind-interfaces"],
    ...[`--listen-address=${address}`, `--server=${UPSTREAM}`, "--cache-size=10000"],
  ]);
  await dnsmasq.line(/started, version/);
  return { name: "dnsmasq", address, pattern: `[l]isten-address=${address}` };
}

async function startUnbound(host: Host): Promise<Server> {
  const address = "127.0.0.4";
  const file = "/etc/unbound/bench.conf";
  const statements = [
    `interface: ${address}`,
    ...['chroot: ""', 'username: ""', 'pidfile: ""', "use-syslog: no", "do-daemonize: no"],
    ...['module-config: "iterator"', "num-threads: 1", "do-not-query-localhost: no"],
  ];
  const forward = `forward-zone:\n  name: "."\n  forward-addr: ${UPSTREAM}\n`;
  host.writeFile(file, `server:\n${statements.map((line) => `  ${line}\n`).join("")}${forward}`);
  const unbound = host.spawn("unbound", ["-d", "-c", file]);
  await unbound.line(/start of service/);
  return { name: "unbound", address, pattern: "[u]nbound -d" };
}

async function startResolved(host: Host): Promise<Server> {
  const settings = {
    ...{ MulticastDNS: "no", LLMNR: "no", DNS: UPSTREAM, Domains: "~." },
    ...{ DNSStubListener: "yes", Cache: "yes", CacheFromLocalhost: "yes", DNSSEC: "no" },
  };
  const resolved = await Resolved.start(host, { settings });
  // It logs every query otherwise.
  await resolved.control("log-level", "warning");
  return { name: "systemd-resolved", address: "127.0.0.53", pattern: "[s]ystemd-resolved" };
}

/** Seconds of processor time so far. */
async function processorTime(host: Host, { pattern }: Server): Promise<number> {
  const script = 'cat /proc/$(pgrep -o -f -- "$1")/stat';
  const fields = (await host.output("sh", ["-c", script, "sh", pattern])).replace(/.*\) /, "");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return (user! + system!) / 100;
}

async function measure(host: Host, server: Server, options: readonly string[]): Promise<Result> {
  const before = await processorTime(host, server);
  const report = await host.output("dnsperf", [
    ...["-s", server.address, "-d", QUERIES_FILE, "-l", String(ROUND_SECONDS)],
    ...["-q", String(OUTSTANDING), ...options],
  ]);
  const spent = (await processorTime(host, server)) - before;
  const completed = Number(/Queries completed: +(\d+)/.exec(report)?.[1] ?? 0);
  const rate = Number(/Queries per second: +([\d.]+)/.exec(report)?.[1] ?? 0);
  return { rate, time: completed === 0 ? Number.POSITIVE_INFINITY : (spent * 1e6) / completed };
}

/** Has each server know every answer, and says so where one does not. */
async function fill(host: Host, { name, address }: Server): Promise<void> {
  const once = ["-s", address, "-d", QUERIES_FILE, "-n", "2", "-q", "20"];
  const report = await host.output("dnsperf", once);
  const codes = /Response codes: +(.*)/.exec(report)?.[1] ?? "no replies";
  if (!codes.startsWith(`NOERROR ${2 * NAMES} `)) console.log(`${name} answers with ${codes}`);
}

async function compare(host: Host, servers: readonly Server[], options: readonly string[]) {
  const best = servers.map((): Result => ({ rate: 0, time: Number.POSITIVE_INFINITY }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, server] of servers.entries()) {
      const { rate, time } = await measure(host, server, options);
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

async function main(): Promise<void> {
  for (const command of ["dnsperf", "dnsmasq"]) {
    if (!has(command)) throw new Error(`this benchmark needs ${command}`);
  }
  await using lan = await Lan.create();
  // systemd-resolved asks nobody where there is no link.
  const host = await lan.host("bench");
  const lines = Array.from({ length: NAMES }, (_, index) => `host-${index}.example.com A\n`);
  host.writeFile(QUERIES_FILE, lines.join(""));
  const servers = await startServers(host);
  for (const server of servers) await fill(host, server);
  for (const [title, options] of [
    ["UDP", []],
    ["UDP with EDNS", ["-e"]],
    ["TCP", ["-m", "tcp"]],
    ["TCP, ten connections", ["-m", "tcp", "-c", "10"]],
  ] as const) {
    const results = await compare(host, servers, options);
    console.log(`${title}: cached answers; how many times our rate is theirs`);
    for (const [index, { name }] of servers.entries()) {
      console.log(row(name, results[index]!, results[0]!));
    }
  }
}

await main();
