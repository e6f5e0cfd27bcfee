/**
 * DNS servers of one host side by side: dotlocal's stub and those others that are installed, each at
 * a loopback address, all with the same name server behind them, which answers for every name of a
 * domain and is never the one that is waited for.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Daemon } from "../../test/e2e/kit/daemon.ts";
import type { Host } from "../../test/e2e/kit/lan.ts";
import { peersRoot, systemPath } from "../../test/e2e/kit/paths.ts";
import { Resolved } from "../../test/e2e/kit/peers/resolved.ts";
import type { RunningProcess } from "../../test/e2e/kit/process.ts";
import { installed, processorTime } from "./responders.ts";

const UPSTREAM = "127.0.0.2";

/** Milliseconds: names are announced, and dotlocal has given back what its start left behind. */
const SETTLE = 7000;

/** All names below it have addresses of both families. */
export const DOMAIN = "example.com";

export interface DnsServer {
  readonly name: string;
  readonly address: string;
  /** Microseconds of processor time that it has taken so far. */
  cpu(): number;
}

interface DnsServerKind {
  readonly name: string;
  readonly isInstalled: boolean;
  readonly address: string;
  start(host: Host): Promise<RunningProcess>;
}

const kinds: readonly DnsServerKind[] = [
  { name: "dotlocal", isInstalled: true, address: "127.0.0.153", start: startOurs },
  { name: "dnsmasq", isInstalled: true, address: "127.0.0.3", start: startPeerDnsmasq },
  {
    name: "unbound",
    isInstalled: has("unbound"),
    address: "127.0.0.4",
    start: startUnbound,
  },
  {
    name: "systemd-resolved",
    isInstalled: existsSync(join(peersRoot, ".unpacked-systemd-resolved")),
    address: "127.0.0.53",
    start: startResolved,
  },
];

export function has(command: string): boolean {
  return systemPath.split(":").some((folder) => existsSync(join(folder, command)));
}

/** Starts all that are installed and says which are not; throws where dnsmasq is missing. */
export async function startDnsServers(host: Host): Promise<readonly DnsServer[]> {
  if (!has("dnsmasq")) throw new Error("this benchmark needs dnsmasq");
  await startUpstream(host);
  const servers: DnsServer[] = [];
  for (const { name, address, start } of installed(kinds)) {
    const { pids } = await start(host);
    servers.push({ name, address, cpu: () => processorTime(pids) });
  }
  await setTimeout(SETTLE);
  return servers;
}

function startUpstream(host: Host): Promise<RunningProcess> {
  const addresses = ["198.51.100.7", "2001:db8::7"].map((one) => `--address=/${DOMAIN}/${one}`);
  return spawnDnsmasq(host, UPSTREAM, [...addresses, "--local-ttl=86400"]);
}

async function startOurs(host: Host): Promise<RunningProcess> {
  const stub = { listen: ["127.0.0.153:53"] };
  const compat = { avahi: "off", resolved: "off" };
  const resolver = { upstreams: [UPSTREAM], stub };
  return (await Daemon.start(host, { configuration: { compat, resolver } })).process;
}

function startPeerDnsmasq(host: Host): Promise<RunningProcess> {
  return spawnDnsmasq(host, "127.0.0.3", [`--server=${UPSTREAM}`, "--cache-size=10000"]);
}

async function spawnDnsmasq(
  host: Host,
  address: string,
  options: readonly string[],
): Promise<RunningProcess> {
  const dnsmasq = host.spawn("dnsmasq", [
    ...["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"],
    ...["--user=root", "--pid-file", "--log-facility=-", "--bind-interfaces"],
    ...[`--listen-address=${address}`, ...options],
  ]);
  await dnsmasq.line(/started, version/);
  return dnsmasq;
}

async function startUnbound(host: Host): Promise<RunningProcess> {
  const file = "/etc/unbound/bench.conf";
  const statements = [
    "interface: 127.0.0.4",
    ...['chroot: ""', 'username: ""', 'pidfile: ""', "use-syslog: no", "do-daemonize: no"],
    ...['module-config: "iterator"', "num-threads: 1", "do-not-query-localhost: no"],
  ];
  const forward = `forward-zone:\n  name: "."\n  forward-addr: ${UPSTREAM}\n`;
  host.writeFile(file, `server:\n${statements.map((line) => `  ${line}\n`).join("")}${forward}`);
  const unbound = host.spawn("unbound", ["-d", "-c", file]);
  await unbound.line(/start of service/);
  return unbound;
}

async function startResolved(host: Host): Promise<RunningProcess> {
  const settings = {
    ...{ MulticastDNS: "no", LLMNR: "no", DNS: UPSTREAM, Domains: "~." },
    ...{ DNSStubListener: "yes", Cache: "yes", CacheFromLocalhost: "yes", DNSSEC: "no" },
  };
  const resolved = await Resolved.start(host, { settings });
  // It logs every query otherwise.
  await resolved.control("log-level", "warning");
  return resolved.process;
}
