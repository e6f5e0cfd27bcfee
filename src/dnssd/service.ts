/** What is published: groups of services under one instance name (RFC 6763 §4). */

import type { Family } from "../core/ip-address.ts";
import { isChosen, type Link, type LinkFilter } from "../core/link.ts";
import type { Name } from "../wire/name.ts";
import type { TxtEntry } from "./txt.ts";

export interface ServiceSpec {
  /** Two labels: `_http._tcp` (RFC 6763 §7). */
  readonly type: string;
  /** Each one label: `_printer` (RFC 6763 §7.1). */
  readonly subtypes: readonly string[];
  /** `local`, or a name below it. */
  readonly domain: Name;
  /** 0 to 65535. */
  readonly port: number;
  /** RFC 2782. */
  readonly priority: number;
  readonly weight: number;
  /** Who offers it; undefined: this host, whatever it is called at the time. */
  readonly host: Name | undefined;
  /** The entries of each TXT record, in order; no record at all means one without entries. */
  readonly txt: readonly (readonly TxtEntry[])[];
  readonly links: LinkFilter;
  /** The one family whose group carries it, on links that have it; undefined: both do. */
  readonly family: Family | undefined;
}

/** Services under one name: a conflict of one renames them together, on all links. */
export interface ServiceGroupSpec {
  /** One label of 1 to 63 octets of UTF-8, which may hold dots, spaces and backslashes. */
  readonly instance: string;
  readonly services: readonly ServiceSpec[];
}

/** What an unremarkable service has. */
export const PLAIN_SERVICE = {
  subtypes: [],
  priority: 0,
  weight: 0,
  host: undefined,
  txt: [],
  links: "all",
  family: undefined,
} as const satisfies Partial<ServiceSpec>;

export function isOfferedOn({ links, family }: ServiceSpec, link: Link): boolean {
  return isChosen(links, link) && (family === undefined || link.families.includes(family));
}
