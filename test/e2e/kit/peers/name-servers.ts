/** Unicast DNS servers on a host: BIND for zones, unbound and dnsmasq as people run them at home. */

import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

export interface BindOptions {
  /** Zone names to records in master file form; SOA and NS are added where there is no SOA. */
  readonly zones: Readonly<Record<string, string>>;
  /** Further statements of `options { ... }`. */
  readonly options?: string;
  /** Whether it asks others, which `options` name. Default false. */
  readonly recursion?: boolean;
}

/** BIND, authoritative for `zones`. Resolves once it answers on port 53 of every address. */
export async function startBind(
  host: Host,
  { zones, options = "", recursion = false }: BindOptions,
) {
  const names = Object.keys(zones);
  for (const name of names) host.writeFile(zoneFile(name), zoneText(host, zones[name]!));
  const statements = names.map(
    (name) => `zone "${name}" { type primary; file "${zoneFile(name)}"; };`,
  );
  const configuration = [
    "options {",
    '  directory "/var/cache/bind";',
    "  pid-file none; session-keyfile none; listen-on-v6 { any; };",
    `  recursion ${recursion ? "yes" : "no"}; dnssec-validation no; allow-query { any; };`,
    `  ${options}`,
    "};",
    "controls { };",
    ...statements,
  ];
  host.writeFile("/etc/bind/test.conf", `${configuration.join("\n")}\n`);
  const named = host.spawn("named", ["-g", "-c", "/etc/bind/test.conf"]);
  await named.line(/ running$/);
  return named;
}

/** unbound; `statements` go into `server:`, `clauses` after it. It forwards nothing by itself. */
export async function startUnbound(
  host: Host,
  statements: readonly string[],
  clauses = "",
): Promise<RunningProcess> {
  const fixed = [
    "interface: 0.0.0.0",
    "access-control: 0.0.0.0/0 allow",
    'chroot: ""',
    'username: ""',
    'pidfile: ""',
    "use-syslog: no",
    "do-daemonize: no",
    'module-config: "iterator"',
  ];
  const server = [...fixed, ...statements].map((statement) => `  ${statement}\n`).join("");
  host.writeFile("/etc/unbound/test.conf", `server:\n${server}${clauses}\n`);
  const unbound = host.spawn("unbound", ["-d", "-c", "/etc/unbound/test.conf"]);
  await unbound.line(/start of service/);
  return unbound;
}

/** dnsmasq with these options, e.g. `--address=/router.example/192.0.2.1`. It logs every query. */
export async function startDnsmasq(
  host: Host,
  options: readonly string[],
): Promise<RunningProcess> {
  const dnsmasq = host.spawn("dnsmasq", [
    ...["--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"],
    ...["--user=root", "--pid-file", "--log-queries", "--log-facility=-"],
    ...options,
  ]);
  await dnsmasq.line(/started, version/);
  return dnsmasq;
}

function zoneFile(name: string): string {
  return `/var/cache/bind/${name}.zone`;
}

function zoneText(host: Host, records: string): string {
  if (/\bSOA\b/.test(records)) return `$TTL 300\n${records}\n`;
  return [
    "$TTL 300",
    "@ SOA ns hostmaster 1 3600 600 86400 60",
    "@ NS ns",
    `ns A ${host.address}`,
    records,
    "",
  ].join("\n");
}
