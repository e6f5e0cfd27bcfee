/** A service group as lines that a test can show: what would be published, octets in full. */

import type {
  NameTemplate,
  ServiceDefinition,
  ServiceGroup,
  TxtEntry,
} from "../../src/config/service-definition.ts";

/** The name with facts in braces, then one line a service: `_http._tcp 80 path=/`. */
export function describeGroup(group: ServiceGroup | undefined): readonly string[] {
  if (group === undefined) return [];
  return [describeName(group.name), ...group.services.map(describeService)];
}

function describeName(name: NameTemplate): string {
  return name.map((part) => (typeof part === "string" ? part : `{${part.fact}}`)).join("");
}

function describeService(service: ServiceDefinition): string {
  const { type, port, subtypes, txt, additionalTxtRecords, host, domain, protocol } = service;
  return [
    type,
    String(port),
    ...subtypes.map((subtype) => `+${subtype}`),
    ...(protocol === "any" ? [] : [protocol]),
    ...(host === undefined ? [] : [`host=${host}`]),
    ...(`${domain}` === "local" ? [] : [`domain=${domain}`]),
    ...[txt, ...additionalTxtRecords].map((record) => record.map(describeEntry).join(" ")),
  ]
    .join(" | ")
    .replace(/ \| $/, "");
}

function describeEntry({ key, value }: TxtEntry): string {
  return value === undefined ? octets(key) : `${octets(key)}=${octets(value)}`;
}

function octets(data: Uint8Array): string {
  return Array.from(data, (octet) =>
    octet > 0x20 && octet < 0x7f
      ? String.fromCharCode(octet)
      : `\\x${octet.toString(16).padStart(2, "0")}`,
  ).join("");
}
