/** The daemon's status as text for people: warnings first, then tables. */

import { printable } from "../core/text.ts";
import type { DaemonStatus } from "../runtime/daemon-status.ts";
import { packetCounts } from "./packet-counts.ts";
import { plainTable } from "./plain-table.ts";

type HostStatus = DaemonStatus["host"];

const MEBIBYTE = 1_048_576;

export function formatStatus(status: DaemonStatus): string {
  const parts = [
    status.warnings.map((warning) => `! ${printable(warning)}`).join("\n"),
    summary(status),
    section("Names", namesTable(status.host)),
    section("Links", linksTable(status.host)),
    section("Services", servicesTable(status.host)),
    section("Published", publicationsTable(status.host)),
    section("Definitions", definitionsTable(status)),
    section("Packets", packetsTable(status.host)),
    section("Name servers", serversTable(status.host)),
    section("Resolver", resolverSummary(status)),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function summary({ version, process, system, transport, host }: DaemonStatus): string {
  const { resident } = process.memory;
  return [
    `dotlocal ${version}, process ${process.pid}, up ${span(process.uptime)}, ` +
      `${(resident / MEBIBYTE).toFixed(1)} MiB, ${process.processorTime.toFixed(1)} s of CPU`,
    `mDNS ${host.mdnsMode}, LLMNR ${host.llmnrMode}, ${transport} sockets, ` +
      `load ${system.load.map((load) => load.toFixed(2)).join(" ")} on ${system.processors} CPUs, ` +
      `${Math.round(system.memory.free / MEBIBYTE)} of ` +
      `${Math.round(system.memory.total / MEBIBYTE)} MiB free`,
  ].join("\n");
}

function section(title: string, body: string): string {
  return body === "" ? "" : `${title}\n${body}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const lines = plainTable(
    head,
    rows.map((row) => row.map(printable)),
  );
  return lines.map((line) => `  ${line}`).join("\n");
}

function namesTable(host: HostStatus): string {
  return table(
    ["NAME", "LINK", "STATE", "SINCE", "NOTE"],
    host.names.map((name) => [
      `${name.label}.local`,
      name.linkName,
      name.ceded ? "left to another responder of this host" : name.state,
      name.state === "registered" ? `${span((host.now - name.since) / 1000)} ago` : "",
      name.takenBy === undefined ? "" : `${host.originalLabel}.local belongs to ${name.takenBy}`,
    ]),
  );
}

function servicesTable(host: HostStatus): string {
  return table(
    ["INSTANCE", "TYPES", "STATE", "NOTE"],
    host.services.services.map(({ instance, original, services, takenBy, links }) => [
      instance,
      services.map(({ type, port }) => `${type} ${port}`).join(", "),
      [...new Set(links.map(({ state }) => state))].join(", "),
      instance === original ? "" : `"${original}" belongs to ${takenBy ?? "another service here"}`,
    ]),
  );
}

function linksTable(host: HostStatus): string {
  return table(
    ["LINK", "ADDRESSES", "MTU", "CACHED"],
    host.links.map((link) => [
      link.name,
      link.addresses.join(" "),
      String(link.mtu),
      String(cachedRecords(host, link.link)),
    ]),
  );
}

function cachedRecords(host: HostStatus, link: number): number {
  return host.mdns.links.find((snapshot) => snapshot.link === link)?.querier.cache.records ?? 0;
}

function publicationsTable(host: HostStatus): string {
  return table(
    ["NAME", "LINK", "STATE"],
    host.publications.map(({ name, linkName, state }) => [name, linkName, state]),
  );
}

function definitionsTable({ definitions }: DaemonStatus): string {
  const telling = definitions.filter(({ state }) => state !== "empty");
  return table(
    ["FILE", "NAME", "STATE", "WHY"],
    telling.map(({ file, name, instance, state, reason, problems }) => [
      file,
      instance ?? name ?? "",
      state,
      [reason, ...problems].filter((why) => why !== null && why !== "").join("; "),
    ]),
  );
}

function packetsTable(host: HostStatus): string {
  const protocols = [
    ["mdns", host.mdns.links],
    ["llmnr", host.llmnr.links],
  ] as const;
  return table(
    ["LINK", "PROTOCOL", "WAY", "WHAT"],
    protocols.flatMap(([protocol, links]) =>
      links.flatMap(({ name, counters }) => packetRows(name, protocol, counters)),
    ),
  );
}

/** A row a way, those without packets left out. */
function packetRows(
  link: string,
  protocol: string,
  counters: Readonly<Record<string, number>>,
): string[][] {
  const { received, sent, discarded, other } = packetCounts(counters);
  const ways = [
    ["in", received],
    ["out", sent],
    ["discarded", discarded],
    ["besides", other],
  ] as const;
  return ways.filter(([, what]) => what !== "").map(([way, what]) => [link, protocol, way, what]);
}

function serversTable({ unicast }: HostStatus): string {
  return table(
    ["SERVER", "FOR", "STATE", "ROUND TRIP", "SENT", "ANSWERED"],
    unicast.routes.flatMap(({ domain, servers, unresolved }) => [
      ...servers.map((server) => [
        serverText(server),
        domain,
        server.failures === 0 ? server.state : `${server.state}, ${server.failures} failures`,
        server.roundTrip === undefined ? "" : `${Math.round(server.roundTrip)} ms`,
        String(server.sent),
        String(server.answered),
      ]),
      ...unresolved.map((name) => [name, domain, "its address is not known yet", "", "", ""]),
    ]),
  );
}

type ServerStatus = HostStatus["unicast"]["routes"][number]["servers"][number];

function serverText({
  transport,
  address,
  port,
  interface: link,
  serverName,
}: ServerStatus): string {
  const scoped = link === undefined ? address : `${address}%${link}`;
  const endpoint = scoped.includes(":") ? `[${scoped}]:${port}` : `${scoped}:${port}`;
  const text = transport === "udp" ? endpoint : `${transport}://${endpoint}`;
  return serverName === undefined ? text : `${text}#${serverName}`;
}

function resolverSummary({ host, stub }: DaemonStatus): string {
  const { cache, counters } = host.unicast;
  const hits = counters["cache-hits"] ?? 0;
  const questions = hits + (counters["cache-misses"] ?? 0);
  const rate =
    questions === 0 ? "" : `, ${Math.round((100 * hits) / questions)} % answered from it`;
  const places = stub.places.map(({ address, port, problems }) =>
    [`${address} port ${port}`, ...problems].map(printable).join(", "),
  );
  return [
    `${cache.size} of ${cache.sizeMax} answers of name servers kept, ${questions} questions${rate}`,
    `${host.lookups.active} look-ups under way, ${host.lookups.absentNames} names known to be nobody's`,
    ...places.map((place) => `stub at ${place}`),
  ]
    .map((line) => `  ${line}`)
    .join("\n");
}

/** Seconds in the largest unit that fits. */
function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
