/** `dotlocal resolve` of a service instance: host, port, addresses and TXT. */

import { printable } from "../core/text.ts";
import { splitInstanceName } from "../dnssd/service-type.ts";
import type { Directory, NotFound } from "../runtime/directory.ts";
import type { InstanceQuery } from "../runtime/services.ts";
import { Name } from "../wire/name.ts";
import { targetFields } from "./service-fields.ts";

/** `Laser._ipp._tcp.local`, and not a host's name. */
export function isInstanceName(text: string): boolean {
  const name = Name.tryParse(text);
  return typeof name !== "string" && splitInstanceName(name) !== undefined;
}

/** Prints a line a link where it is found: NAME, host, port, addresses, TXT. */
export async function resolveInstance(
  directory: Directory,
  query: InstanceQuery,
  json: boolean,
): Promise<NotFound | undefined> {
  const result = await directory.resolveInstance(query);
  if (result.outcome !== "found") return result;
  for (const service of result.services) {
    const line = json
      ? JSON.stringify(service)
      : [printable(service.name), ...targetFields(service)].join("\t");
    process.stdout.write(`${line}\n`);
  }
  return undefined;
}
