/**
 * The zone ovh.com, as two name servers behind one IPv4 and one IPv6 address serve it, for BIND,
 * unbound and dnsmasq; and what `dig` prints of it.
 */

import { expect } from "vitest";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";
import { startBind, startDnsmasq, startUnbound } from "./name-servers.ts";

/** What both name servers answer on. */
export const SHARED_ADDRESSES = { ipv4: "12.11.0.55", ipv6: "2023:b::37" } as const;

export const ZONE = "ovh.com";
export const WEB_SERVER = `webserver1.${ZONE}`;
export const WEB_ADDRESSES = { ipv4: "12.11.0.57", ipv6: "2023:b::39" } as const;

/** Every name below it has the web server's addresses. */
export const LOAD_DOMAIN = `load.${ZONE}`;

/** Every name below it has a TXT record that says which name server was asked. */
export const INSTANCE_DOMAIN = `id.${ZONE}`;

/** Every name below it has that TXT record and more than fits in a UDP reply. */
export const LARGE_DOMAIN = `large.${ZONE}`;

const LARGE_STRINGS = Array.from({ length: 8 }, () => `"${"x".repeat(240)}"`).join(" ");

const SOA = "resolver1.ovh.com. hostmaster.ovh.com. 1 3600 600 86400 60";
const SERVERS = ["resolver1", "resolver2"].map((label) => `${label}.${ZONE}.`);

const COMMON: readonly string[] = [
  `${ZONE}. 300 SOA ${SOA}`,
  ...SERVERS.flatMap((server) => [
    `${ZONE}. 300 NS ${server}`,
    `${server} 300 A ${SHARED_ADDRESSES.ipv4}`,
    `${server} 300 AAAA ${SHARED_ADDRESSES.ipv6}`,
  ]),
  ...addressesOf(`${WEB_SERVER}.`),
];

function addressesOf(name: string): readonly string[] {
  return [`${name} 60 A ${WEB_ADDRESSES.ipv4}`, `${name} 60 AAAA ${WEB_ADDRESSES.ipv6}`];
}

/** The zone in master file form; `instance` is the name server's own name. */
function zoneText(instance: string): string {
  const records = [
    ...COMMON,
    ...addressesOf(`*.${LOAD_DOMAIN}.`),
    `*.${INSTANCE_DOMAIN}. 60 TXT "${instance}"`,
    `*.${LARGE_DOMAIN}. 60 TXT "${instance}" ${LARGE_STRINGS}`,
  ];
  return records.join("\n");
}

/** BIND with the zone; `options` are further statements. */
export function serveWithBind(host: Host, options = ""): Promise<RunningProcess> {
  return startBind(host, { zones: { [ZONE]: zoneText(host.name) }, options });
}

/** unbound as the zone's authority, on every address of the host. */
export function serveWithUnbound(host: Host): Promise<RunningProcess> {
  const file = `/etc/unbound/${ZONE}.zone`;
  host.writeFile(file, `${zoneText(host.name)}\n`);
  const statements = ["interface: ::0", "interface-automatic: yes", "access-control: ::0/0 allow"];
  const zone = [`name: ${ZONE}`, `zonefile: ${file}`, "for-downstream: yes", "for-upstream: no"];
  return startUnbound(
    host,
    statements,
    `auth-zone:\n${zone.map((line) => `  ${line}\n`).join("")}`,
  );
}

/** dnsmasq as the zone's authority, with no more than the common part of it. */
export function serveWithDnsmasq(host: Host): Promise<RunningProcess> {
  const { ipv4, ipv6 } = SHARED_ADDRESSES;
  return startDnsmasq(host, [
    `--auth-server=resolver1.${ZONE},eth0`,
    `--auth-sec-servers=resolver2.${ZONE}`,
    `--auth-zone=${ZONE},12.11.0.0/24,2023:b::/64`,
    `--auth-soa=1,hostmaster.${ZONE},3600,600,86400`,
    "--auth-ttl=60",
    ...SERVERS.map((server) => `--host-record=${server.slice(0, -1)},${ipv4},${ipv6}`),
    `--host-record=${WEB_SERVER},${WEB_ADDRESSES.ipv4},${WEB_ADDRESSES.ipv6}`,
  ]);
}

export type ZoneQuestion = readonly [name: string, type: string, answers: readonly string[]];

/** The questions that every client of the zone asks, and the answers as `digAnswers` gives them. */
export const ZONE_QUESTIONS: readonly ZoneQuestion[] = [
  [WEB_SERVER, "A", [`${WEB_SERVER}. A ${WEB_ADDRESSES.ipv4}`]],
  [WEB_SERVER, "AAAA", [`${WEB_SERVER}. AAAA ${WEB_ADDRESSES.ipv6}`]],
  [
    WEB_SERVER,
    "ANY",
    [`${WEB_SERVER}. A ${WEB_ADDRESSES.ipv4}`, `${WEB_SERVER}. AAAA ${WEB_ADDRESSES.ipv6}`],
  ],
  [ZONE, "NS", SERVERS.map((server) => `${ZONE}. NS ${server}`)],
  [ZONE, "SOA", [`${ZONE}. SOA ${SOA}`]],
];

/** Asks all of them at the same time with these arguments of `dig`. */
export async function expectAnswers(
  questions: readonly ZoneQuestion[],
  host: Host,
  ...args: readonly string[]
): Promise<void> {
  const answered = await Promise.all(
    questions.map(async ([name, type]) => {
      return [name, type, await digAnswers(host, ...args, name, type)];
    }),
  );
  expect(answered).toEqual(questions);
}

/** `dig`'s answer section: `NAME TYPE DATA` each, sorted, without the time to live. */
export async function digAnswers(
  host: Host,
  ...args: readonly string[]
): Promise<readonly string[]> {
  const printed = await host.output("dig", ["+noall", "+answer", "+tries=1", ...args]);
  const lines = printed.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
  return lines.map(answerOf).sort();
}

function answerOf(line: string): string {
  const [name, _ttl, _class, ...rest] = line.split(/\s+/);
  return [name, ...rest].join(" ");
}
