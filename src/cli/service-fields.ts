/** Services as lines of fields between tabs, for people and scripts. */

import { printable } from "../core/text.ts";
import type { BrowseEvent, FoundService, ResolvedService } from "../runtime/services.ts";

const SIGN = { added: "+", removed: "-", resolved: "=" } as const;

/** undefined: the event is not told in lines. */
export function eventLine(found: BrowseEvent): string | undefined {
  if (found.event === "unresolved") return undefined;
  const fields = [SIGN[found.event], ...placeFields(found.service)];
  if (found.event === "resolved") fields.push(...targetFields(found.service));
  return fields.join("\t");
}

function placeFields({ interface: name, instance, type, domain }: FoundService): string[] {
  return [name, escaped(instance), printable(type), printable(domain)];
}

/** Host, port, addresses, TXT; names and TXT are in presentation format already. */
export function targetFields({ host, port, addresses, txtRecord }: ResolvedService): string[] {
  return [printable(host), String(port), addresses.join(","), printable(txtRecord)];
}

/** Text that is not in presentation format: backslashes are doubled, controls become `\DDD`. */
export function escaped(text: string): string {
  return printable(text.replaceAll("\\", "\\\\"));
}

/** The event as one JSON object. */
export function eventJson({ event, service }: BrowseEvent): string {
  return JSON.stringify({ event, ...service });
}
