/**
 * Domains recommended for browsing (RFC 6763 §11), published on the link: `b` lists them, `db` names
 * the one to browse by default, `lb` those that are browsed without asking.
 */

import { Name } from "../wire/name.ts";
import type { PortRecord } from "./record-port.ts";
import { pointer } from "./service-records.ts";

const ENUMERATION = ["_dns-sd", "_udp"] as const;

/** The first of the domains is the default. */
export function browseDomainRecords(domains: readonly Name[], link: Name): readonly PortRecord[] {
  const [first] = domains;
  if (first === undefined) return [];
  const listed = (kind: string, of: readonly Name[]): readonly PortRecord[] =>
    of.map((domain) => pointer(Name.of(kind, ...ENUMERATION, ...link.labels), domain));
  return [...listed("b", domains), ...listed("lb", domains), ...listed("db", [first])];
}
