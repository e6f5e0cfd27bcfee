/** When the network is quiet, a record that is said goodbye to is in no cache a little later. */

import { after, seconds } from "../../core/time.ts";
import type { PublishedRecord } from "../../mdns/types.ts";
import { sameRecordData } from "../../wire/record-order.ts";
import type { SwarmHost } from "../swarm-host.ts";
import type { Checker, SwarmView } from "./checker.ts";

/** When the goodbyes are said, counted from the beginning of the quiet time. */
const GOODBYE_AT = seconds(300);

/** RFC 6762 §10.1: a second, and time for the goodbye to be sent and to arrive. */
const TIME_TO_FORGET = seconds(3);

export function goodbyes(): Checker {
  const found: string[] = [];
  return {
    property: "goodbyes take effect",
    quietBegins(view) {
      const at = after(view.network.now, GOODBYE_AT);
      view.network.at(at, () => {
        const withdrawn = withdrawOne(view);
        if (withdrawn === undefined) return;
        view.network.at(after(at, TIME_TO_FORGET), () => {
          found.push(...whoRemembers(withdrawn, view));
        });
      });
    },
    violations: () => found,
  };
}

interface Withdrawal {
  readonly host: SwarmHost;
  readonly record: PublishedRecord;
}

function withdrawOne({ hosts }: SwarmView): Withdrawal | undefined {
  for (const host of hosts) {
    const record = host.withdrawService();
    if (record !== undefined) return { host, record };
  }
  return undefined;
}

function whoRemembers({ host: owner, record }: Withdrawal, view: SwarmView): string[] {
  if (isStillPublished(record, view)) return [];
  const { network, hosts } = view;
  return hosts
    .filter((host) => host.isRunning && remembers(host, record, network.now))
    .map((host) => `${host.host.name} remembers what ${owner.host.name} has withdrawn`);
}

/** The same service may have been published twice. */
function isStillPublished(record: PublishedRecord, { network, hosts }: SwarmView): boolean {
  return network.links.some(({ id }) =>
    hosts.some((host) =>
      host
        .publishedOn(id)
        .some(({ name, data }) => name.equals(record.name) && sameRecordData(data, record.data)),
    ),
  );
}

function remembers(
  host: SwarmHost,
  record: PublishedRecord,
  now: SwarmView["network"]["now"],
): boolean {
  for (const cached of host.engine.cached(now)) {
    if (!cached.record.name.equals(record.name)) continue;
    if (sameRecordData(cached.record.data, record.data)) return true;
  }
  return false;
}
