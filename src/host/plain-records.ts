/** Records that this host makes itself out of what it knows. */

import { familyOf, type IpAddress } from "../core/ip-address.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { RecordData } from "../wire/record-data.ts";

export function addressRecord(name: Name, address: IpAddress, ttl: number): ResourceRecord {
  const kind = familyOf(address) === "ipv4" ? "A" : "AAAA";
  return plainRecord(name, RecordType[kind], ttl, { kind, address });
}

export function pointerRecord(name: Name, target: Name, ttl: number): ResourceRecord {
  return plainRecord(name, RecordType.PTR, ttl, { kind: "PTR", name: target });
}

export function aliasRecord(name: Name, target: Name, ttl: number): ResourceRecord {
  return plainRecord(name, RecordType.CNAME, ttl, { kind: "CNAME", name: target });
}

export function plainRecord(
  name: Name,
  type: number,
  ttl: number,
  data: RecordData,
): ResourceRecord {
  return { name, type, class: RecordClass.IN, cacheFlush: false, ttl, data };
}
