/** Once quiet, what a continuous query's owner sees is what is published. */

import type { LinkId } from "../../core/link.ts";
import { RecordType } from "../../wire/constants.ts";
import { formatRecordData } from "../../wire/presentation.ts";
import type { RecordData } from "../../wire/record-data.ts";
import { recordDataKey } from "../../wire/record-order.ts";
import type { SwarmHost, SwarmQuery } from "../swarm-host.ts";
import type { Checker, SwarmView } from "./checker.ts";

export function convergence(): Checker {
  return {
    property: "caches converge",
    violations: (view) =>
      view.hosts.flatMap((host) =>
        host.isRunning ? host.queries.flatMap((query) => differences(host, query, view)) : [],
      ),
  };
}

function differences(host: SwarmHost, query: SwarmQuery, view: SwarmView): string[] {
  const violations: string[] = [];
  for (const { id: link } of host.host.links()) {
    const published = publishedOn(link, query, view);
    const seen = seenOn(link, host, query, view);
    const who = `${host.host.name} asking for ${query.name} type ${query.type}`;
    for (const [key, data] of published) {
      if (!seen.has(key)) violations.push(`${who} does not see ${formatRecordData(data)}`);
    }
    for (const [key, data] of seen) {
      if (!published.has(key)) violations.push(`${who} still sees ${formatRecordData(data)}`);
    }
  }
  return violations;
}

function publishedOn(
  link: LinkId,
  query: SwarmQuery,
  { hosts }: SwarmView,
): Map<string, RecordData> {
  const records = new Map<string, RecordData>();
  for (const host of hosts) {
    for (const { name, type, data } of host.publishedOn(link)) {
      const isAsked = query.type === RecordType.ANY || query.type === type;
      if (isAsked && name.equals(query.name)) records.set(recordDataKey(data), data);
    }
  }
  return records;
}

function seenOn(
  link: LinkId,
  host: SwarmHost,
  query: SwarmQuery,
  { network }: SwarmView,
): Map<string, RecordData> {
  const answers = host.engine.answers(query.id, network.now);
  return new Map(
    answers
      .filter(({ link: on, record }) => on === link && record.type !== RecordType.NSEC)
      .map(({ record: { data } }) => [recordDataKey(data), data]),
  );
}
