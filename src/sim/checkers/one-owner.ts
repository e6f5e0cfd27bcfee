/** Once quiet, no two hosts of a link own the same unique name with different data. */

import type { PublishedRecord } from "../../mdns/types.ts";
import { recordDataKey } from "../../wire/record-order.ts";
import type { SimulatedLink } from "../simulated-link.ts";
import type { SwarmHost } from "../swarm-host.ts";
import type { Checker, SwarmView } from "./checker.ts";

export function oneOwner(): Checker {
  return {
    property: "a unique name has one owner",
    violations: (view) => view.network.links.flatMap((link) => doubleOwners(link, view)),
  };
}

interface Ownership {
  readonly host: SwarmHost;
  readonly data: string;
}

function doubleOwners(link: SimulatedLink, { hosts }: SwarmView): string[] {
  const owners = new Map<string, Ownership>();
  const violations: string[] = [];
  for (const host of hosts) {
    for (const [key, records] of uniqueNames(host.publishedOn(link.id))) {
      const ownership = { host, data: dataOf(records) };
      const other = owners.get(key);
      owners.set(key, ownership);
      if (other === undefined || other.data === ownership.data) continue;
      const name = records[0]!.name.toString();
      violations.push(`${name} belongs to ${other.host.host.name} and ${host.host.name}`);
    }
  }
  return violations;
}

function uniqueNames(records: readonly PublishedRecord[]): Map<string, PublishedRecord[]> {
  const names = new Map<string, PublishedRecord[]>();
  for (const record of records) {
    if (record.ownership !== "unique") continue;
    const group = names.get(record.name.key);
    if (group === undefined) names.set(record.name.key, [record]);
    else group.push(record);
  }
  return names;
}

function dataOf(records: readonly PublishedRecord[]): string {
  return records
    .map((record) => `${record.type} ${recordDataKey(record.data)}`)
    .sort()
    .join("|");
}
