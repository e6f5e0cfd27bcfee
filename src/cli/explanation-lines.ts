/** What `check --explain` prints of a file: records in presentation format, remarks behind a `;`. */

import type { HostFacts } from "../config/expand.ts";
import { printable } from "../core/text.ts";
import type { DefinitionReading } from "../runtime/definition-sources.ts";
import { type Explained, explainGroup, explainHost } from "../runtime/explanation.ts";
import { formatRecord, formatRecordData } from "../wire/presentation.ts";
import { formatType } from "../wire/type-names.ts";

export function explanationLines(
  file: string,
  { group, hosts }: DefinitionReading,
  facts: HostFacts,
  json: boolean,
): readonly string[] {
  const explained = group && explainGroup(group, facts);
  const { instance, services } = explained?.ok
    ? explained.value
    : { instance: undefined, services: [] };
  const parts = [...services, ...hosts.map(explainHost)];
  if (json) return parts.flatMap((part) => jsonLines(file, part));
  const what = instance === undefined ? "" : ` "${printable(instance)}"`;
  const nothing = parts.length === 0 ? " publishes nothing" : "";
  return [`; ${printable(file)}:${what}${nothing}`, ...parts.flatMap(textLines)];
}

function textLines({ limits, records }: Explained): readonly string[] {
  return [...limits.map((limit) => `; ${printable(limit)}`), ...records.map(formatRecord)];
}

function jsonLines(file: string, { limits, records }: Explained): readonly string[] {
  return records.map(({ name, ttl, type, data, cacheFlush }) =>
    JSON.stringify({
      ...{ file, name: `${name}`, ttl, type: formatType(type), data: formatRecordData(data) },
      ...{ cacheFlush, limits },
    }),
  );
}
