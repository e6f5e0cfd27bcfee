/** The vocabulary of the DNS-SD engine: what its commands take, what its events say. */

import type { IpAddress } from "../core/ip-address.ts";
import type { LinkFilter, LinkId } from "../core/link.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { TxtData } from "../wire/record-data.ts";
import type { RecordRival } from "./record-port.ts";

declare const serviceIdBrand: unique symbol;
declare const browseIdBrand: unique symbol;
declare const watchIdBrand: unique symbol;
declare const instanceLookupIdBrand: unique symbol;

/** A published group of services. */
export type ServiceId = number & { readonly [serviceIdBrand]: true };
export type BrowseId = number & { readonly [browseIdBrand]: true };
/** A service instance that is kept resolved. */
export type WatchId = number & { readonly [watchIdBrand]: true };

export type InstanceLookupId = number & { readonly [instanceLookupIdBrand]: true };

export interface DnssdSettings {
  /** After a rename, take the original name back when it is free. */
  readonly reclaim: boolean;
}

/** What of the link's answers was not used. */
export type DnssdCounter = "pointers-unusable" | "pointers-refused";

export interface BrowseSpec {
  /** `_http._tcp`, a subtype as `_printer._sub._http._tcp`, or undefined: all types (RFC 6763 §9). */
  readonly type: string | undefined;
  readonly domain: Name;
  readonly links: LinkFilter;
}

/** A service instance on one link. */
export interface ServiceInstance {
  /** The whole name: `Laser._ipp._tcp.local`. */
  readonly name: Name;
  readonly link: LinkId;
  /** Published by this program itself. */
  readonly own: boolean;
}

export interface WatchSpec {
  /** The whole name: `Laser._ipp._tcp.local`. */
  readonly name: Name;
  readonly links: LinkFilter;
}

export interface InstanceLookupSpec extends WatchSpec {
  readonly timeout: Duration;
}

export type InstanceOutcome =
  /** At least one, of different links. */
  | { readonly kind: "resolved"; readonly resolutions: readonly Resolution[] }
  /** The owner of the name says that it offers no such service. */
  | { readonly kind: "no-data" }
  /** Nobody told where the instance is in the time given. */
  | { readonly kind: "no-such-name" };

/** What a service instance is at on one link. */
export interface Resolution {
  readonly name: Name;
  readonly link: LinkId;
  /** The SRV record's target. */
  readonly host: Name;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  /** IPv4 first; none where the host is not below `local`. */
  readonly addresses: readonly IpAddress[];
  /** undefined: the instance has no TXT record. */
  readonly txt: TxtData | undefined;
  /** Who answered; undefined: this host itself. */
  readonly source: IpAddress | undefined;
  /** The end of the record that ends first. */
  readonly expires: Instant;
}

export type DnssdEvent =
  /** All names of the group are ours on the link; again after each re-probing. */
  | {
      readonly kind: "service-registered";
      readonly service: ServiceId;
      readonly instance: string;
      readonly link: LinkId;
    }
  /**
   * `from` belongs to somebody else; `to` is claimed now, or at `at` when later. Without `rival` it is
   * another service of this program.
   */
  | {
      readonly kind: "service-renamed";
      readonly service: ServiceId;
      readonly from: string;
      readonly to: string;
      readonly rival: RecordRival | undefined;
      readonly link: LinkId | undefined;
      readonly at: Instant;
    }
  /** The original name was free again and is ours. */
  | {
      readonly kind: "service-reclaimed";
      readonly service: ServiceId;
      readonly from: string;
      readonly to: string;
    }
  /**
   * To be given at the next start as an entry of `rememberedInstances`, from `original` to
   * `instance`; undefined: nothing to remember any more.
   */
  | {
      readonly kind: "remember-instance";
      /** The whole original name of the group's first service, in presentation format. */
      readonly original: string;
      readonly instance: string | undefined;
    }
  | {
      readonly kind: "instance-added" | "instance-removed";
      readonly browse: BrowseId;
      readonly instance: ServiceInstance;
    }
  /** Resolved on a link for the first time, or something of it has changed. */
  | { readonly kind: "instance-resolved"; readonly watch: WatchId; readonly resolution: Resolution }
  | {
      readonly kind: "instance-lookup-done";
      readonly lookup: InstanceLookupId;
      readonly outcome: InstanceOutcome;
    }
  /** What was resolved on the link no longer is. */
  | { readonly kind: "instance-unresolved"; readonly watch: WatchId; readonly link: LinkId };

/** A group as `status` shows it. */
export interface ServiceSnapshot {
  readonly service: ServiceId;
  /** What it is called now, and what it would be called if nobody else were. */
  readonly instance: string;
  readonly original: string;
  /** Types with their ports. */
  readonly services: readonly { readonly type: string; readonly port: number }[];
  /** Who has the original name, where the present one is another. */
  readonly takenBy: IpAddress | undefined;
  /** When the original is tried for next; undefined: not at all. */
  readonly reclaimAt: Instant | undefined;
  readonly links: readonly {
    readonly link: LinkId;
    readonly state: "held" | "probing" | "registered" | "conflicted";
  }[];
}

/** Everything that the engine holds, as plain data. */
export interface DnssdSnapshot {
  readonly services: readonly ServiceSnapshot[];
  readonly browses: number;
  readonly watches: number;
  readonly counters: Readonly<Record<string, number>>;
}
