/**
 * The DNS servers that the link tells of (`_domain._udp.local`), followed for as long as somebody
 * wants to know.
 */

import { setTimeout } from "node:timers/promises";
import type { Family } from "../../core/ip-address.ts";
import type { Directory, FoundRecord } from "../../runtime/directory.ts";
import { RecordType } from "../../wire/constants.ts";
import { parseRecordData } from "../../wire/presentation.ts";
import type { SrvData } from "../../wire/record-data.ts";
import { PROTOCOL_NUMBER, SERVER_LOOK_INTERVAL } from "./constants.ts";
import { type InterfaceIndex, transportOf } from "./reply.ts";

const SERVERS_NAME = "_domain._udp.local";

/** Servers followed at one time. */
const SERVERS_MAX = 16;

export interface DnsServerBrowse {
  readonly directory: Directory;
  readonly indexOf: InterfaceIndex;
  readonly family: "any" | Family;
  readonly signal: AbortSignal;
  readonly interval?: number;
}

/** Lines `> 2 0 192.0.2.53 53` for a server that is there, `< ...` for one that has gone. */
export async function* followDnsServers(browse: DnsServerBrowse): AsyncGenerator<string> {
  const { signal, interval = SERVER_LOOK_INTERVAL } = browse;
  let known = new Set<string>();
  while (!signal.aborted) {
    const current = new Set(await findServers(browse));
    for (const server of current) if (!known.has(server)) yield `> ${server}\n`;
    for (const server of known) if (!current.has(server)) yield `< ${server}\n`;
    known = current;
    await setTimeout(interval, undefined, { signal, ref: false });
  }
}

async function findServers({ directory, indexOf, family, signal }: DnsServerBrowse) {
  const query = { name: SERVERS_NAME, type: "SRV", protocol: "mdns" } as const;
  const result = await directory.lookupRecords(query, signal);
  if (result.outcome === "not-found") return [];
  const targets = result.records.map(srvOf).filter((data) => data !== undefined);
  const servers = targets.slice(0, SERVERS_MAX).map(async ({ target, port }) => {
    const name = target.toString();
    const addresses = await directory.lookupAddresses({ name, family, protocol: "mdns" }, signal);
    if (addresses.outcome === "not-found") return [];
    return addresses.addresses.map((found) => {
      const index = found.interface === null ? 0 : indexOf(found.interface);
      const transport = PROTOCOL_NUMBER[transportOf(found, found.address)];
      return `${index} ${transport} ${found.address} ${port}`;
    });
  });
  return (await Promise.all(servers)).flat();
}

function srvOf({ data }: FoundRecord): SrvData | undefined {
  const parsed = parseRecordData(RecordType.SRV, data);
  return parsed.ok && parsed.value.kind === "SRV" ? parsed.value : undefined;
}
