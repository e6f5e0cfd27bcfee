/**
 * What a program can ask of dotlocal about services: to browse, to resolve, to publish. Plain data
 * like the rest of `directory.ts`, which this is a part of.
 */

import type { NotFound } from "./directory.ts";

export interface BrowseQuery {
  /** `_http._tcp`, or a subtype as `_printer._sub._http._tcp`; undefined: all types (RFC 6763 §9). */
  readonly type?: string;
  /** Default `local`. */
  readonly domain?: string;
  /** Globs of interface names; none: every link. */
  readonly interfaces?: readonly string[];
  /** Keeps host, port, addresses and TXT of everything found known. */
  readonly resolve?: boolean;
  /** Milliseconds after which it ends when nothing has come, gone or changed; default: never. */
  readonly quiet?: number;
}

/** A service instance on one link. */
export interface FoundService {
  readonly interface: string;
  /** What people read: not escaped, may hold anything. */
  readonly instance: string;
  /** `_http._tcp`. */
  readonly type: string;
  readonly domain: string;
  /** The whole name in presentation format: `Laser._ipp._tcp.local`. */
  readonly name: string;
  /** Published through the same engine. */
  readonly own: boolean;
}

/** Text; `true`: a key without value; octets that are no UTF-8 in hexadecimal. */
export type TxtValue = string | true | { readonly hex: string };

export interface ResolvedService extends FoundService {
  /** Presentation format. */
  readonly host: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
  /** Link-local IPv6 with `%interface`. */
  readonly addresses: readonly string[];
  /** By key; of a key that occurs twice, the first (RFC 6763 §6.4). */
  readonly txt: Readonly<Record<string, TxtValue>>;
  /** The whole TXT record in presentation format; "" without one. */
  readonly txtRecord: string;
}

export type BrowseEvent =
  | { readonly event: "added" | "removed"; readonly service: FoundService }
  /** With `resolve`: for the first time, or something has changed. */
  | { readonly event: "resolved"; readonly service: ResolvedService }
  /** With `resolve`: nobody tells any more where the service is. */
  | { readonly event: "unresolved"; readonly service: FoundService };

export interface InstanceQuery {
  /** Presentation format: `Laser._ipp._tcp.local`. */
  readonly name: string;
  readonly interfaces?: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
}

export type InstanceResult =
  | { readonly outcome: "found"; readonly services: readonly ResolvedService[] }
  | NotFound;

/** A TXT record: by key, or as strings `key=value` and `key` whose order is kept. */
export type TxtSpec = Readonly<Record<string, TxtValue | number | boolean>> | readonly string[];

export interface PublishedService {
  /** `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  /** Each one label: `_printer`. */
  readonly subtypes?: readonly string[];
  readonly txt?: TxtSpec;
  /** Who offers it, in presentation format; default: this host. */
  readonly host?: string;
  /** Default `local`. */
  readonly domain?: string;
  readonly priority?: number;
  readonly weight?: number;
  /** Globs of interface names; none: every link. */
  readonly interfaces?: readonly string[];
}

/** Services under one instance name: one conflict renames them together. */
export interface PublishedGroup {
  /** 1 to 63 octets of UTF-8, not escaped. */
  readonly instance: string;
  readonly services: readonly PublishedService[];
}

export interface PublishedHost {
  /** Presentation format: `nas.local`. */
  readonly name: string;
  readonly addresses: readonly string[];
  /** PTR records from the addresses to the name; default true. */
  readonly reverse?: boolean;
  readonly interfaces?: readonly string[];
}

export type PublicationEvent =
  /** The name is established on the link. */
  | { readonly event: "registered"; readonly name: string; readonly interface: string }
  /** `from` is somebody else's; `rival` null: another service of this program. */
  | {
      readonly event: "renamed";
      readonly from: string;
      readonly to: string;
      readonly rival: string | null;
    }
  /** The original name was free again. */
  | { readonly event: "reclaimed"; readonly from: string; readonly to: string }
  /** A host name is somebody else's; it is tried for again from time to time. */
  | {
      readonly event: "conflicted";
      readonly name: string;
      readonly interface: string;
      readonly rival: string;
    };

/** Something published until it is closed. */
export interface Publication {
  /** Names it to others while it lasts. */
  readonly id: string;
  /** What it is called now. */
  readonly name: string;
  /** For one reader; ends when the publication does. */
  readonly events: AsyncIterable<PublicationEvent>;
  /** The whole new group; only what changed goes on the wire. Rejects for a host. */
  update(group: PublishedGroup): Promise<void>;
  /** Withdraws with goodbyes. */
  close(): Promise<void>;
}

export interface ServiceDirectory {
  /** Ends when the signal is aborted, and by returning from the iterator. */
  browse(query: BrowseQuery, signal?: AbortSignal): AsyncIterable<BrowseEvent>;
  resolveInstance(query: InstanceQuery, signal?: AbortSignal): Promise<InstanceResult>;
  /** An aborted signal withdraws. */
  publish(group: PublishedGroup, signal?: AbortSignal): Promise<Publication>;
  publishHost(host: PublishedHost, signal?: AbortSignal): Promise<Publication>;
}
