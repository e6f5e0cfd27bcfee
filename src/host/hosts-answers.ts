/** What the hosts file answers: addresses of its names, names of its addresses. */

import { type Family, familyOf, type IpAddress } from "../core/ip-address.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import { PASSED_TTL_MAX } from "./constants.ts";
import type { HostsTable } from "./hosts-table.ts";
import { addressRecord, pointerRecord } from "./plain-records.ts";
import type { Found, FoundAddress, FoundName, FoundRecord } from "./types.ts";

const FOUND: Found = {
  link: undefined,
  ttl: PASSED_TTL_MAX,
  protocol: "local",
  source: undefined,
};

/** None: the name has only addresses of the other family. Undefined: the file does not have it. */
export function hostsAddresses(
  hosts: HostsTable,
  name: Name,
  family: "any" | Family,
): FoundAddress[] | undefined {
  return hosts
    .entryOf(name)
    ?.addresses.filter((address) => family === "any" || familyOf(address) === family)
    .map((address) => ({ address, ...FOUND }));
}

export function hostsNames(hosts: HostsTable, address: IpAddress): FoundName[] {
  return hosts.namesOf(address).map((name) => ({ name, ...FOUND }));
}

/** Undefined: the file has nothing of the type, and whoever else has is asked. */
export function hostsRecords(
  hosts: HostsTable,
  name: Name,
  type: number,
): FoundRecord[] | undefined {
  if (type === RecordType.PTR) {
    const address = addressOfReverseName(name);
    const names = address === undefined ? [] : hosts.namesOf(address);
    if (names.length === 0) return undefined;
    return names.map((one) => ({ record: pointerRecord(name, one, FOUND.ttl), ...FOUND }));
  }
  if (type !== RecordType.A && type !== RecordType.AAAA) return undefined;
  return hostsAddresses(hosts, name, type === RecordType.A ? "ipv4" : "ipv6")?.map(
    ({ address, ...found }) => ({ record: addressRecord(name, address, found.ttl), ...found }),
  );
}
