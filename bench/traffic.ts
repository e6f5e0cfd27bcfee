/**
 * What a small office puts on its wire: eight hosts with three services each start together, each
 * browses their type, and one of them leaves near the end of the minute. Packets of Multicast DNS are
 * counted as they pass the bridge, with the octets of their messages, and each browser must have
 * found all services.
 *
 * Target, by IPv4 and IPv6 together: at most 210 packets and 85 kB. Every host speaks both, and says
 * by the one what it says by the other.
 */

import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { Flag, RecordType } from "../src/wire/constants.ts";
import type { Message } from "../src/wire/message.ts";
import { Capture, type Packet } from "../test/e2e/kit/capture.ts";
import { Daemon, spawnDotlocal } from "../test/e2e/kit/daemon.ts";
import { type Host, Lan } from "../test/e2e/kit/lan.ts";
import { Avahi } from "../test/e2e/kit/peers/avahi.ts";
import type { RunningProcess } from "../test/e2e/kit/process.ts";
import { quick } from "./lib/effort.ts";

const HOSTS = 8;
const SERVICES = 3;
const TYPE = "_printer._tcp";
const MILLISECONDS = quick ? 12_000 : 60_000;

/** How long before the end one host leaves. */
const LEAVES = 5_000;

interface Office {
  readonly name: string;
  readonly isInstalled: boolean;
  /** Starts a host's responder, and its browser as soon as that can be. */
  start(
    host: Host,
  ): Promise<{ readonly responder: RunningProcess; readonly browser: RunningProcess }>;
}

const offices: readonly Office[] = [
  {
    name: "dotlocal",
    isInstalled: true,
    start: async (host) => {
      const services = servicesOf(host).map((name) => ({ name, type: TYPE, port: 515 }));
      const files = services.map((service, index) => [`${index}.yaml`, service] as const);
      const daemon = await Daemon.start(host, { services: Object.fromEntries(files) });
      return { responder: daemon.process, browser: spawnDotlocal(host, ["browse", TYPE]) };
    },
  },
  {
    name: "avahi-daemon",
    isInstalled: existsSync("/usr/sbin/avahi-daemon") && existsSync("/usr/bin/avahi-browse"),
    start: async (host) => {
      const files = servicesOf(host).map((name, index) => {
        const service = `<service><type>${TYPE}</type><port>515</port></service>`;
        return [`${index}`, `<name>${name}</name>${service}`] as const;
      });
      const avahi = await Avahi.start(host, { services: Object.fromEntries(files) });
      const browser = host.spawn("avahi-browse", ["--parsable", "--no-db-lookup", TYPE]);
      return { responder: avahi.process, browser };
    },
  },
];

for (const office of offices) {
  if (office.isInstalled) await measure(office);
  else console.log(`${office.name}: absent`);
}

async function measure(office: Office): Promise<void> {
  await using lan = await Lan.create();
  const hosts: Host[] = [];
  for (let index = 0; index < HOSTS; index++) hosts.push(await lan.host(`office-${index}`));
  await using capture = await Capture.start(lan, { expression: "udp port 5353" });
  const end = setTimeout(MILLISECONDS);
  const started = await Promise.all(hosts.map((host) => office.start(host)));
  await Promise.race([end, setTimeout(MILLISECONDS - LEAVES)]);
  const found = started.map(({ browser }) => foundBy(browser));
  await started.at(-1)!.responder.stop();
  await end;
  report(office.name, await capture.packets(), found);
}

function servicesOf(host: Host): string[] {
  return Array.from({ length: SERVICES }, (_, index) => `Printer ${index} at ${host.name}`);
}

/** Both print a line with a plus for each instance, Avahi one a family and with spaces escaped. */
function foundBy({ lines }: RunningProcess): number {
  const found = new Set<string>();
  for (const line of lines) {
    const instance = /^\+.*?(Printer\S* ?\d\S* ?at\S* ?office-\d)/.exec(line)?.[1];
    if (instance !== undefined) found.add(instance);
  }
  return found.size;
}

function report(name: string, packets: readonly Packet[], found: readonly number[]): void {
  const all = HOSTS * SERVICES;
  const complete = found.filter((count) => count === all).length;
  console.log(`${name}: ${complete} of ${HOSTS} browsers found all ${all} services`);
  const ipv6 = packets.filter(({ source }) => source.address.includes(":"));
  const ipv4 = packets.filter((packet) => !ipv6.includes(packet));
  console.log(`  both families: ${describe(packets)}`);
  console.log(`  IPv4: ${describe(ipv4)}`);
  console.log(`  IPv6: ${describe(ipv6)}`);
}

function describe(packets: readonly Packet[]): string {
  const octets = packets.reduce((sum, packet) => sum + packet.octets.length, 0);
  const kinds = [...countsOf(packets.map(kindOf))].map(([kind, count]) => `${kind} ${count}`);
  return `${packets.length} packets, ${octets} octets (${kinds.join(", ")})`;
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function kindOf({ message }: Packet): string {
  if (message === undefined) return "malformed";
  if ((message.flags & Flag.QR) !== 0) return kindOfResponse(message);
  if (message.authorities.length > 0) return "probes";
  return "queries";
}

/** An announcement holds addresses or services of its sender among its answers. */
function kindOfResponse({ answers }: Message): string {
  if (answers.some(({ ttl }) => ttl === 0)) return "goodbyes";
  const isForBrowsers = answers.every(({ type }) => type === RecordType.PTR);
  return isForBrowsers ? "responses with PTR alone" : "announcements and other responses";
}
