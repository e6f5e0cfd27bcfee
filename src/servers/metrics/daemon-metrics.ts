/** The daemon's status as metrics. Names and labels are fixed by the code and by the links. */

import type { DaemonStatus } from "../../runtime/daemon-status.ts";
import type { MetricFamily, Sample } from "./exposition.ts";

type HostStatus = DaemonStatus["host"];
type Counters = Readonly<Record<string, number>>;
type LinkCounters = readonly { readonly name: string; readonly counters: Counters }[];

const DISCARDED = "discarded-";

export function daemonMetrics(status: DaemonStatus): readonly MetricFamily[] {
  return [
    ...processMetrics(status),
    ...nameMetrics(status.host),
    ...packetMetrics("mdns", status.host.mdns.links),
    ...packetMetrics("llmnr", status.host.llmnr.links),
    ...cacheMetrics(status.host),
    ...resolverMetrics(status.host),
    ...serverMetrics(status.host),
    ...stubMetrics(status),
  ];
}

function processMetrics({ version, warnings, process }: DaemonStatus): MetricFamily[] {
  return [
    gauge("dotlocal_info", "The running version.", [{ labels: { version }, value: 1 }]),
    gauge("dotlocal_warnings", "What status warns of.", [{ value: warnings.length }]),
    gauge("dotlocal_uptime_seconds", "Since the daemon started.", [{ value: process.uptime }]),
    counter("process_cpu_seconds_total", "Processor time, user and system.", [
      { value: process.processorTime },
    ]),
    gauge("process_resident_memory_bytes", "Resident memory.", [
      { value: process.memory.resident },
    ]),
  ];
}

function nameMetrics(host: HostStatus): MetricFamily[] {
  const names = host.names.map(({ linkName, label, state, takenBy }) => ({
    labels: {
      link: linkName,
      name: `${label}.local`,
      state,
      renamed: String(takenBy !== undefined),
    },
    value: 1,
  }));
  const states = new Map<string, number>();
  for (const { links } of host.services.services) {
    for (const { state } of links) states.set(state, (states.get(state) ?? 0) + 1);
  }
  const services = Array.from(states, ([state, value]) => ({ labels: { state }, value }));
  return [
    gauge("dotlocal_host_name", "What this host is called on each link, and its state.", names),
    gauge("dotlocal_services", "Services published, once a link, by state.", services),
    gauge("dotlocal_poisoners", "Hosts that answer for names nobody has.", [
      { value: host.poisoners.length },
    ]),
  ];
}

/** Everything counted of a protocol; what was discarded has a family of its own. */
function packetMetrics(protocol: "mdns" | "llmnr", links: LinkCounters): MetricFamily[] {
  const counted = links.flatMap(({ name: link, counters }) =>
    Object.entries(counters).map(([what, value]) => ({ link, what, value })),
  );
  const isDiscard = ({ what }: { what: string }): boolean => what.startsWith(DISCARDED);
  const events = counted
    .filter((entry) => !isDiscard(entry))
    .map(({ link, what, value }) => ({ labels: { link, event: what }, value }));
  const discards = counted.filter(isDiscard).map(({ link, what, value }) => {
    return { labels: { link, reason: what.slice(DISCARDED.length) }, value };
  });
  const name = protocol === "mdns" ? "Multicast DNS" : "LLMNR";
  return [
    counter(`dotlocal_${protocol}_events_total`, `${name}: packets and what befell them.`, events),
    counter(`dotlocal_${protocol}_discarded_total`, `${name}: packets not used.`, discards),
  ];
}

function cacheMetrics({ mdns }: HostStatus): MetricFamily[] {
  const perLink = (value: (link: HostStatus["mdns"]["links"][number]) => number): Sample[] =>
    mdns.links.map((link) => ({ labels: { link: link.name }, value: value(link) }));
  return [
    gauge(
      "dotlocal_mdns_cache_records",
      "Records of others that hold.",
      perLink(({ querier }) => querier.cache.records),
    ),
    counter(
      "dotlocal_mdns_cache_evictions_total",
      "Records dropped to make room.",
      perLink(({ querier }) => querier.cache.evictions),
    ),
    gauge(
      "dotlocal_mdns_questions",
      "Questions that stand.",
      perLink(({ querier }) => querier.questions.length),
    ),
  ];
}

function resolverMetrics({ lookups, questions, unicast }: HostStatus): MetricFamily[] {
  return [
    gauge("dotlocal_lookups_active", "Look-ups under way.", [{ value: lookups.active }]),
    counter("dotlocal_lookups_total", "Look-ups by what became of them.", eventSamples(lookups)),
    gauge("dotlocal_questions_active", "Questions of the stub's clients under way.", [
      { value: questions.active },
    ]),
    counter(
      "dotlocal_questions_total",
      "Questions of the stub's clients.",
      eventSamples(questions),
    ),
    counter("dotlocal_dns_events_total", "Name servers: what was counted.", eventSamples(unicast)),
    gauge("dotlocal_dns_cache_answers", "Answers of name servers kept.", [
      { value: unicast.cache.size },
    ]),
    counter("dotlocal_dns_cache_evictions_total", "Answers dropped to make room.", [
      { value: unicast.cache.evictions },
    ]),
  ];
}

function serverMetrics({ unicast }: HostStatus): MetricFamily[] {
  const servers = unicast.routes.flatMap(({ domain, servers: ofRoute }) =>
    ofRoute.map((server) => {
      const { transport, address, port } = server;
      return { server, labels: { domain, transport, server: address, port: String(port) } };
    }),
  );
  const each = (value: (server: (typeof servers)[number]["server"]) => number): Sample[] =>
    servers.map(({ server, labels }) => ({ labels, value: value(server) }));
  const measured = servers.flatMap(({ server, labels }) =>
    server.roundTrip === undefined ? [] : [{ labels, value: server.roundTrip / 1000 }],
  );
  return [
    gauge("dotlocal_dns_server_up", "Whether the name server answers.", each(upValue)),
    gauge("dotlocal_dns_server_round_trip_seconds", "Smoothed round-trip time.", measured),
    counter(
      "dotlocal_dns_server_sent_total",
      "Questions sent to it.",
      each(({ sent }) => sent),
    ),
    counter(
      "dotlocal_dns_server_answered_total",
      "Questions it answered.",
      each(({ answered }) => answered),
    ),
  ];
}

function upValue({ state }: { readonly state: string }): number {
  return state === "working" ? 1 : 0;
}

function stubMetrics({ stub }: DaemonStatus): MetricFamily[] {
  return [
    gauge("dotlocal_stub_pending", "Queries to the stub that wait.", [{ value: stub.pending }]),
    counter("dotlocal_stub_events_total", "The stub: what was counted.", eventSamples(stub)),
  ];
}

function eventSamples({ counters }: { readonly counters: Counters }): Sample[] {
  return Object.entries(counters).map(([event, value]) => ({ labels: { event }, value }));
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "gauge", samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name, help, type: "counter", samples };
}
