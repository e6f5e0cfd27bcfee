/** A simple rename policy for hosts that lose a name: `printer`, `printer-2`, `printer-3`, ... */

import type { PublishedRecord } from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import type { RecordData } from "../wire/record-data.ts";

/** The name that follows `name`. */
export function nextName(name: Name): Name {
  const numbered = /^(.*)-(\d+)$/.exec(name.firstLabel);
  const label =
    numbered === null ? `${name.firstLabel}-2` : `${numbered[1]}-${Number(numbered[2]) + 1}`;
  return name.parent.prepend(label);
}

/** The records with another name in place of `lost`, as owner name and in record data. */
export function renameRecords(
  records: readonly PublishedRecord[],
  lost: Name,
  found: Name,
): PublishedRecord[] {
  return records.map((record) => ({
    ...record,
    name: record.name.equals(lost) ? found : record.name,
    data: renameInData(record.data, lost, found),
  }));
}

function renameInData(data: RecordData, lost: Name, found: Name): RecordData {
  switch (data.kind) {
    case "PTR":
    case "CNAME":
      return data.name.equals(lost) ? { ...data, name: found } : data;
    case "SRV":
      return data.target.equals(lost) ? { ...data, target: found } : data;
    default:
      return data;
  }
}
