/**
 * Service definitions as the rest of the program sees them: one model that every file format loads
 * into (`yaml-services.ts`, `avahi-services.ts`, `systemd-services.ts`), whatever a format knows
 * and the others do not being data here.
 *
 * A name is a template until `expand.ts` fills it in for a host.
 */

import type { Family } from "../core/ip-address.ts";
import type { Duration } from "../core/time.ts";
import type { Name } from "../wire/name.ts";

/** One string of a TXT record (RFC 6763 §6.3, §6.4). */
export interface TxtEntry {
  readonly key: Uint8Array;
  /** undefined: a key without value, which is not the same as an empty value. */
  readonly value: Uint8Array | undefined;
}

/** A fact of the host that a name may hold. */
export type HostFact =
  /** This host's current label; changes after a conflict. */
  | "hostLabel"
  | "architecture"
  | "bootId"
  | "buildId"
  | "machineId"
  | "osId"
  | "kernelRelease"
  | "osVersionId"
  | "osVariantId";

/** Text taken as it is, or a fact of the host. */
export type NamePart = string | { readonly fact: HostFact };

/** An instance name: a single label, which may hold dots, spaces and UTF-8 (RFC 6763 §4.1.1). */
export type NameTemplate = readonly NamePart[];

/** Publish only while this answers. */
export type Condition =
  | {
      readonly kind: "tcp";
      /** Address or host name. */
      readonly host: string;
      readonly port: number;
      readonly every: Duration;
      readonly timeout: Duration;
    }
  | {
      readonly kind: "http";
      readonly url: string;
      /** undefined: any from 200 to 399. */
      readonly status: number | undefined;
      readonly every: Duration;
      readonly timeout: Duration;
    };

export interface ServiceDefinition {
  /** Two labels: `_http._tcp`. */
  readonly type: string;
  /** Each a label, with its underscore where it has one: `_printer`. */
  readonly subtypes: readonly string[];
  readonly port: number;
  /** In the order of the file. */
  readonly txt: readonly TxtEntry[];
  /** Further TXT records beside the first (systemd: each further `TxtText=` or `TxtData=` line). */
  readonly additionalTxtRecords: readonly (readonly TxtEntry[])[];
  /** undefined: this host. */
  readonly host: Name | undefined;
  readonly domain: Name;
  readonly priority: number;
  readonly weight: number;
  /** Globs; undefined: every interface in use. */
  readonly interfaces: readonly string[] | undefined;
  /** Which family's groups carry it. */
  readonly protocol: "any" | Family;
  readonly when: Condition | undefined;
  readonly line: number;
}

export type ServiceFormat = "dotlocal" | "avahi" | "systemd";

/** Services under one name: one conflict renames them together. */
export interface ServiceGroup {
  readonly name: NameTemplate;
  readonly services: readonly ServiceDefinition[];
  readonly format: ServiceFormat;
  /** Where it was read. */
  readonly source: { readonly file: string; readonly line: number };
}
