/**
 * What a program can ask of dotlocal, whoever answers: an engine in this process
 * (`host-runtime.ts`) or a running daemon (`client/`). Plain data, so that it passes through the
 * control socket as it is.
 */

import type { ServiceDirectory } from "./services.ts";

/** Who is asked, whatever the name says; undefined: whoever the name says. */
export type AskedProtocol = "mdns" | "llmnr" | "unicast";

/** A question for a host's addresses. */
export interface AddressQuery {
  /** Presentation format, e.g. `node-1.local`. */
  readonly name: string;
  readonly family?: "any" | "ipv4" | "ipv6";
  /** Globs of interface names; none: every link. */
  readonly interfaces?: readonly string[];
  /** Milliseconds; undefined: as configured. */
  readonly timeout?: number;
  readonly protocol?: AskedProtocol;
  /**
   * Whether the name may be short for one with a domain of the search list behind it; undefined: unless
   * it is written with a dot at its end.
   */
  readonly search?: boolean;
}

/** A question for the names of an address. */
export interface NameQuery {
  /** Text of an IPv4 or IPv6 address; `%interface` limits a link-local one to its link. */
  readonly address: string;
  readonly interfaces?: readonly string[];
  readonly timeout?: number;
  readonly protocol?: AskedProtocol;
}

/** A question for records of any type. */
export interface RecordQuery {
  readonly name: string;
  /** A mnemonic (`SRV`), or `TYPE65` (RFC 3597 §5). */
  readonly type: string;
  readonly interfaces?: readonly string[];
  readonly timeout?: number;
  readonly protocol?: AskedProtocol;
  /** As of `AddressQuery`. */
  readonly search?: boolean;
}

/** Where a result was found. */
export interface Found {
  /** Name of the interface it is valid on; null: on none in particular. */
  readonly interface: string | null;
  /** Seconds left. */
  readonly ttl: number;
  readonly protocol: "mdns" | "llmnr" | "unicast" | "local";
  /** Address of the host that answered; null: this host. */
  readonly source: string | null;
}

export interface FoundAddress extends Found {
  readonly address: string;
}

export interface FoundName extends Found {
  readonly name: string;
}

export interface FoundRecord extends Found {
  readonly name: string;
  readonly type: string;
  /** Presentation format. */
  readonly data: string;
}

export type FailureReason =
  | "no-such-name"
  | "no-data"
  | "timed-out"
  | "refused"
  /** Name servers were asked, and none gave an answer. */
  | "failed"
  | "unavailable";

/** Why nothing was found; `message` is a sentence for people. */
export interface NotFound {
  readonly outcome: "not-found";
  readonly reason: FailureReason;
  readonly message: string;
}

export type AddressResult =
  | {
      readonly outcome: "found";
      /** The name that the addresses belong to, after CNAMEs. */
      readonly canonicalName: string;
      readonly addresses: readonly FoundAddress[];
    }
  | NotFound;

export type NameResult =
  | { readonly outcome: "found"; readonly names: readonly FoundName[] }
  | NotFound;

export type RecordResult =
  | { readonly outcome: "found"; readonly records: readonly FoundRecord[] }
  | NotFound;

/** Look-ups reject with a `DotlocalError` for bad input; finding nothing is a result. */
export interface Directory extends ServiceDirectory {
  lookupAddresses(query: AddressQuery, signal?: AbortSignal): Promise<AddressResult>;
  lookupNames(query: NameQuery, signal?: AbortSignal): Promise<NameResult>;
  lookupRecords(query: RecordQuery, signal?: AbortSignal): Promise<RecordResult>;
  close(): Promise<void>;
}
