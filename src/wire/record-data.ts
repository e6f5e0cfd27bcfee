/**
 * Record data as a readonly discriminated union: the shapes that the rest of the program sees. Field
 * names are those of the RFC that defines the type; one file a family reads and writes the octets.
 */

import type { IpAddress } from "../core/ip-address.ts";
import type { Name } from "./name.ts";

export type RecordData =
  | AddressData
  | NameData
  | SoaData
  | HinfoData
  | MxData
  | TxtData
  | SrvData
  | NaptrData
  | NsecData
  | ServiceBindingData
  | CaaData
  | DsData
  | DnskeyData
  | RrsigData
  | OptData
  | UnknownData;

/** A (RFC 1035 §3.4.1) and AAAA (RFC 3596 §2.2). */
export interface AddressData {
  readonly kind: "A" | "AAAA";
  readonly address: IpAddress;
}

/** NS, CNAME, PTR (RFC 1035 §3.3) and DNAME (RFC 6672): one name. */
export interface NameData {
  readonly kind: "NS" | "CNAME" | "PTR" | "DNAME";
  readonly name: Name;
}

/** RFC 1035 §3.3.13. Times are in seconds. */
export interface SoaData {
  readonly kind: "SOA";
  readonly mname: Name;
  readonly rname: Name;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** RFC 1035 §3.3.2. Each a character-string of at most 255 octets. */
export interface HinfoData {
  readonly kind: "HINFO";
  readonly cpu: Uint8Array;
  readonly os: Uint8Array;
}

/** RFC 1035 §3.3.9. */
export interface MxData {
  readonly kind: "MX";
  readonly preference: number;
  readonly exchange: Name;
}

/** RFC 1035 §3.3.14. At least one string, each of at most 255 octets (RFC 6763 §6.1). */
export interface TxtData {
  readonly kind: "TXT";
  readonly strings: readonly Uint8Array[];
}

/** RFC 2782. */
export interface SrvData {
  readonly kind: "SRV";
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: Name;
}

/** RFC 3403 §4.1. */
export interface NaptrData {
  readonly kind: "NAPTR";
  readonly order: number;
  readonly preference: number;
  readonly flags: Uint8Array;
  readonly services: Uint8Array;
  readonly regexp: Uint8Array;
  readonly replacement: Name;
}

/** RFC 4034 §4.1; RFC 6762 §6.1. `types` ascends and holds no duplicates. */
export interface NsecData {
  readonly kind: "NSEC";
  readonly nextDomainName: Name;
  readonly types: readonly number[];
}

/** SVCB and HTTPS (RFC 9460 §2.2). `params` ascends by key. */
export interface ServiceBindingData {
  readonly kind: "SVCB" | "HTTPS";
  readonly priority: number;
  readonly targetName: Name;
  readonly params: readonly { readonly key: number; readonly value: Uint8Array }[];
}

/** RFC 8659 §4.1. */
export interface CaaData {
  readonly kind: "CAA";
  readonly flags: number;
  readonly tag: Uint8Array;
  readonly value: Uint8Array;
}

/** RFC 4034 §5.1. */
export interface DsData {
  readonly kind: "DS";
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

/** RFC 4034 §2.1. */
export interface DnskeyData {
  readonly kind: "DNSKEY";
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

/** RFC 4034 §3.1. Times are seconds since 1970, modulo 2^32. */
export interface RrsigData {
  readonly kind: "RRSIG";
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signerName: Name;
  readonly signature: Uint8Array;
}

/** RFC 6891 §6.1.2: the options of an OPT record; the fixed part is read by `edns.ts`. */
export interface OptData {
  readonly kind: "OPT";
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
}

/**
 * Any other type: the octets as they came (RFC 3597). Also no octets at all for a known type, in the
 * classes ANY and NONE (RFC 2136 §2.4); in any other class that is malformed, but for TXT and OPT.
 */
export interface UnknownData {
  readonly kind: "UNKNOWN";
  readonly octets: Uint8Array;
}
