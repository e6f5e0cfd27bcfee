/**
 * Once quiet, what a continuous query's owner sees is what is published: nothing that ought to be gone
 * from every cache, and all that it was told or has asked for (`sent-records.ts`).
 */

import type { LinkId } from "../../core/link.ts";
import type { PublishedRecord } from "../../mdns/types.ts";
import { RecordClass, RecordType } from "../../wire/constants.ts";
import { formatRecordData } from "../../wire/presentation.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import { recordDataKey } from "../../wire/record-order.ts";
import type { SwarmHost, SwarmQuery } from "../swarm-host.ts";
import type { Checker, SwarmView } from "./checker.ts";

/** What is published on each link, by owner name. */
type PublishedRecords = ReadonlyMap<LinkId, ReadonlyMap<string, readonly PublishedRecord[]>>;

export function convergence(): Checker {
  return {
    property: "caches converge",
    violations(view) {
      const published = publishedRecords(view);
      return view.hosts
        .filter((host) => host.isRunning)
        .flatMap((host) =>
          host.queries.flatMap((query) => differences(host, query, published, view)),
        );
    },
  };
}

function publishedRecords({ network, hosts }: SwarmView): PublishedRecords {
  return new Map(
    network.links.map(({ id }) => {
      const records = new Map<string, PublishedRecord[]>();
      for (const record of hosts.flatMap((host) => host.publishedOn(id))) {
        const { key } = record.name;
        const known = records.get(key);
        if (known === undefined) records.set(key, [record]);
        else known.push(record);
      }
      return [id, records];
    }),
  );
}

function differences(
  host: SwarmHost,
  query: SwarmQuery,
  published: PublishedRecords,
  view: SwarmView,
): string[] {
  const violations: string[] = [];
  const who = `${host.host.name} asking for ${query.name} type ${query.type}`;
  for (const { id: link } of host.host.links()) {
    const expected = answersTo(query, published.get(link)?.get(query.name.key) ?? []);
    const seen = seenOn(link, host, query, view);
    for (const [key, record] of expected) {
      if (seen.has(key) || !isDue(record, link, host, query, view)) continue;
      violations.push(`${who} does not see ${formatRecordData(record.data)}`);
    }
    for (const [key, record] of seen) {
      if (expected.has(key) || view.sent.mayBeHeld(link, record, view.network.now)) continue;
      violations.push(`${who} still sees ${formatRecordData(record.data)}`);
    }
  }
  return violations;
}

/** Whether the host must see the record: it was told of it, or has asked. */
function isDue(
  record: ResourceRecord,
  link: LinkId,
  { host }: SwarmHost,
  { name, type }: SwarmQuery,
  { network, sent }: SwarmView,
): boolean {
  return (
    sent.mustBeKnown(link, record, network.now) ||
    sent.mustBeAnswered(host.name, link, name, type, network.now)
  );
}

function answersTo(
  query: SwarmQuery,
  records: readonly PublishedRecord[],
): Map<string, ResourceRecord> {
  return new Map(
    records
      .filter(({ type }) => query.type === RecordType.ANY || query.type === type)
      .map(({ name, type, ttl, data }) => [
        recordDataKey(data),
        { name, type, class: RecordClass.IN, cacheFlush: false, ttl, data },
      ]),
  );
}

function seenOn(
  link: LinkId,
  host: SwarmHost,
  query: SwarmQuery,
  { network }: SwarmView,
): Map<string, ResourceRecord> {
  const answers = host.engine.answers(query.id, network.now);
  return new Map(
    answers
      .filter(({ link: on, record }) => on === link && record.type !== RecordType.NSEC)
      .map(({ record }) => [recordDataKey(record.data), record]),
  );
}
