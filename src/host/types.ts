/**
 * The composed engine's vocabulary: its settings, what its commands take, what its events say, and
 * the data that `status` shows. Everything outside the engines speaks these words.
 */

import type { Family, IpAddress } from "../core/ip-address.ts";
import type { LinkFilter, LinkId } from "../core/link.ts";
import type { Duration, Instant } from "../core/time.ts";
import type { RecordEvent } from "../dnssd/record-port.ts";
import type { DnssdEvent, DnssdSnapshot } from "../dnssd/types.ts";
import type { LlmnrSnapshot } from "../llmnr/snapshot.ts";
import type { LlmnrEvent, LlmnrLookupId } from "../llmnr/types.ts";
import type { MdnsSnapshot } from "../mdns/snapshot.ts";
import type { CachedRecord, PublishedRecord, Rival } from "../mdns/types.ts";
import type { SearchSettings } from "../unicast/search-list.ts";
import type { DnsSnapshot } from "../unicast/snapshot.ts";
import type { DnsSettings, FailureReason, ServerPlan } from "../unicast/types.ts";
import type { ExtendedError } from "../wire/edns.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { HostsTable } from "./hosts-table.ts";

/** A record heard on a link, as `HostEngine.cached` tells it. */
export type { CachedRecord };

declare const lookupIdBrand: unique symbol;
declare const questionIdBrand: unique symbol;
declare const publicationIdBrand: unique symbol;

export type LookupId = number & { readonly [lookupIdBrand]: true };
export type QuestionId = number & { readonly [questionIdBrand]: true };
export type PublicationId = number & { readonly [publicationIdBrand]: true };

/** Answer and ask, only ask, or neither. */
export type ProtocolMode = "full" | "resolve" | "off";

/** Who can be asked for a name. */
export type Protocol = "mdns" | "llmnr" | "unicast";

/** What this host tells of itself. */
export interface HostPublishing {
  /** A and AAAA of each link's addresses under the host's name. */
  readonly addresses: boolean;
  /** PTR records from those addresses to the host's name. */
  readonly reverse: boolean;
  /** RFC 1035 §3.3.2: kind of machine and operating system. */
  readonly hinfo: boolean;
  /** A `_workstation._tcp` service; published by DNS-SD. */
  readonly workstation: boolean;
}

/** Everything that can be changed while the engine runs (`HostEngine.applySettings`). */
export interface HostSettings {
  /** One label; undefined: the first label of `systemHostName`. */
  readonly hostname: string | undefined;
  /** What the operating system calls this host, with or without a domain. */
  readonly systemHostName: string;
  /**
   * Anything that stays the same for this host and differs between hosts (a machine id, a hardware
   * address): makes a stable label where the operating system's name gives none.
   */
  readonly fallbackSeed: string;
  /** Further labels of this host. */
  readonly aliases: readonly string[];
  readonly publish: HostPublishing;
  /** The two strings of an HINFO record, at most 255 octets each. */
  readonly hinfo: { readonly cpu: string; readonly os: string };
  readonly mdnsMode: ProtocolMode;
  readonly llmnrMode: ProtocolMode;
  /** Whether the links are watched for hosts that answer for names nobody has, and how often. */
  readonly llmnrGuard: boolean;
  readonly llmnrGuardInterval: Duration;
  /** Who is asked for single labels; whose answer counts more comes first. */
  readonly singleLabel: readonly Protocol[];
  /** The families whose addresses are published. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** TTL in seconds of address and reverse records (RFC 6762 §10). */
  readonly hostTtl: number;
  /** Recommended for browsing on the links (RFC 6763 §11); the first is the default. */
  readonly browseDomains: readonly Name[];
  /** After a rename, take the original name back when it is free. */
  readonly reclaim: boolean;
  /** A rename on one link is a rename on all. */
  readonly sameNameOnAllLinks: boolean;
  /** After this time in all, a name nobody answered for is taken not to exist. */
  readonly lookupTimeout: Duration;
  readonly resolver: ResolverSettings;
  /** Names that the owner of this host has given addresses. */
  readonly hosts: HostsTable;
}

/** How names are asked for at name servers, and which names are. */
export interface ResolverSettings {
  readonly servers: ServerPlan;
  readonly dns: DnsSettings;
  readonly search: SearchSettings;
  /** Whether name servers are asked for names in `local` too: see `routing.ts`. */
  readonly localUnicastFallback: "auto" | "always" | "never";
}

/** A name of another host, or a further name of this one, published with fixed addresses. */
export interface HostPublication {
  readonly name: Name;
  readonly addresses: readonly IpAddress[];
  /** PTR records from the addresses to the name. */
  readonly reverse: boolean;
  readonly links: LinkFilter;
}

/** Records published as they are. */
export interface RecordPublication {
  readonly records: readonly PublishedRecord[];
  readonly links: LinkFilter;
}

/**
 * Whether a name stands for itself alone (`absolute`, the default), or may be short for one with a
 * domain of the search list behind it.
 */
export type NameExtent = "absolute" | "searched";

/** A question for a host's addresses. */
export interface AddressLookupSpec {
  readonly name: Name;
  readonly family: "any" | Family;
  readonly links: LinkFilter;
  /** Ends the look-up sooner or later than `lookupTimeout` would. */
  readonly timeout?: Duration;
  /** Asks this protocol whatever the name says. */
  readonly protocol?: Protocol;
  readonly extent?: NameExtent;
}

/** A question for the names of an address. */
export interface ReverseLookupSpec {
  readonly address: IpAddress;
  readonly links: LinkFilter;
  readonly timeout?: Duration;
  readonly protocol?: Protocol;
}

/** A question for records of any type. */
export interface RecordLookupSpec {
  readonly name: Name;
  /** A number from `RecordType`, or any other; ANY collects whatever comes. */
  readonly type: number;
  readonly links: LinkFilter;
  readonly timeout?: Duration;
  readonly protocol?: Protocol;
  readonly extent?: NameExtent;
}

/** A question as a stub's clients ask it: for whole answer messages. */
export interface QuestionSpec {
  readonly name: Name;
  /** A number from `RecordType`, or any other. */
  readonly type: number;
  readonly class: number;
  /** RFC 3225 §3: DO, DNSSEC records are wanted. */
  readonly dnssecOk: boolean;
  /** RFC 4035 §3.2.2: CD, answers that fail validation are wanted. */
  readonly checkingDisabled: boolean;
  /** Without it nobody else is asked at name servers. */
  readonly recursionDesired: boolean;
}

export interface QuestionReply {
  /** The bits AA, RA and AD of the header. */
  readonly flags: number;
  /** With the upper bits of EDNS, where there are any. */
  readonly responseCode: number;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without an OPT record. */
  readonly additionals: readonly ResourceRecord[];
  readonly extendedErrors: readonly ExtendedError[];
}

/** Where a result was found. */
export interface Found {
  /** The link it is valid on; undefined: on none in particular (`localhost`). */
  readonly link: LinkId | undefined;
  /** Seconds left. */
  readonly ttl: number;
  /** `local`: this host itself, its hosts file included. */
  readonly protocol: Protocol | "local";
  /** Who answered; undefined: this host itself. Its family is that of the transport. */
  readonly source: IpAddress | undefined;
}

/** A link-local address means something only together with its link. */
export interface FoundAddress extends Found {
  readonly address: IpAddress;
}

export interface FoundName extends Found {
  readonly name: Name;
}

export interface FoundRecord extends Found {
  readonly record: ResourceRecord;
}

export type LookupOutcome =
  /** At least one address, in the order of RFC 6724 for this host. */
  | {
      readonly kind: "addresses";
      /** The name the addresses belong to, after CNAMEs. */
      readonly canonicalName: Name;
      readonly addresses: readonly FoundAddress[];
    }
  /** At least one name. */
  | { readonly kind: "names"; readonly names: readonly FoundName[] }
  /** At least one record; CNAMEs that led to it come first. */
  | { readonly kind: "records"; readonly records: readonly FoundRecord[] }
  | LookupFailure;

export type LookupFailure =
  /** Nobody answered for the name in the time that is given to a name nobody has. */
  | { readonly kind: "no-such-name" }
  /** The name exists, and has no record of the type. */
  | { readonly kind: "no-data" }
  /** The caller's time, shorter than that, is over. */
  | { readonly kind: "timed-out" }
  /** RFC 6761, RFC 7686: the name must never be asked for. */
  | { readonly kind: "refused"; readonly domain: string }
  /** Name servers were asked, and none gave an answer. */
  | {
      readonly kind: "failed";
      readonly reason: FailureReason;
      /** The last server's, e.g. SERVFAIL. */
      readonly responseCode: number;
    }
  /** None of the protocols that could answer is at work: switched off, or without a link. */
  | { readonly kind: "unavailable"; readonly protocols: readonly Protocol[] };

export type HostEvent =
  /** The host's name is established on the link; again after each re-probing. */
  | {
      readonly kind: "name-registered";
      readonly link: LinkId;
      readonly label: string;
    }
  /** The name `from` belongs to another host there; `to` is claimed now, or at `at` when later. */
  | {
      readonly kind: "renamed";
      readonly link: LinkId;
      readonly from: string;
      readonly to: string;
      readonly rival: Rival;
      readonly at: Instant;
    }
  /** The original name was free again and is ours. */
  | {
      readonly kind: "name-reclaimed";
      readonly link: LinkId;
      readonly from: string;
      readonly to: string;
    }
  /** Another responder on this host answers for `name`, or no longer does. */
  | {
      readonly kind: "ceded" | "unceded";
      readonly link: LinkId;
      readonly name: Name;
    }
  /** To be given as `rememberedLabel` at the next start; undefined: nothing to remember. */
  | { readonly kind: "remember"; readonly label: string | undefined }
  /** An alias, a further host or a set of records is established on the link. */
  | {
      readonly kind: "publication-registered";
      readonly publication: PublicationId;
      readonly name: Name;
      readonly link: LinkId;
    }
  /** It belongs to another host there; it is not renamed, and tried again at `retryAt`. */
  | {
      readonly kind: "publication-conflicted";
      readonly publication: PublicationId;
      readonly name: Name;
      readonly link: LinkId;
      readonly rival: Rival;
      readonly retryAt: Instant;
    }
  | { readonly kind: "lookup-done"; readonly lookup: LookupId; readonly outcome: LookupOutcome }
  | {
      readonly kind: "question-answered";
      readonly question: QuestionId;
      readonly reply: QuestionReply;
    }
  /** What befalls this host's names by LLMNR, and answers that differ. */
  | {
      readonly kind: "llmnr";
      readonly event: Exclude<LlmnrEvent, { readonly lookup: LlmnrLookupId }>;
    }
  /** Hosts that answer for names nobody has; their LLMNR answers are ignored until then. */
  | {
      readonly kind: "poisoner-found";
      readonly link: LinkId;
      readonly addresses: readonly IpAddress[];
      readonly protocols: readonly ("llmnr" | "mdns")[];
      readonly until: Instant;
    }
  /** Of what is published, browsed and resolved by DNS-SD. */
  | { readonly kind: "service"; readonly event: DnssdEvent }
  /** Of a standing question (`HostEngine.startQuery`). */
  | { readonly kind: "record"; readonly event: RecordEvent };

/** Words of a registration's state on a link, for people. */
export type PublicationState =
  /** Not published: the mode forbids it, or there is nothing to publish there. */
  | { readonly state: "held" }
  | { readonly state: "probing" }
  /** `since` is an instant in milliseconds of the engine's clock. */
  | { readonly state: "registered"; readonly since: Instant }
  | {
      readonly state: "conflicted";
      readonly name: string;
      readonly rival: IpAddress;
      readonly retryAt: Instant | undefined;
    };

/** What this host is called on one link. */
export type HostNameSnapshot = {
  readonly link: LinkId;
  readonly linkName: string;
  readonly label: string;
  /** Who has the original label, where the present one is another. */
  readonly takenBy: IpAddress | undefined;
  /** When the label is claimed, after too many renames; undefined: it is already. */
  readonly claimAt: Instant | undefined;
  /** When the original is tried for next; undefined: not at all. */
  readonly reclaimAt: Instant | undefined;
  /** Another responder of this host answers for the name. */
  readonly ceded: boolean;
} & PublicationState;

export type PublicationSnapshot = {
  readonly publication: PublicationId;
  readonly name: string;
  readonly link: LinkId;
  readonly linkName: string;
} & PublicationState;

export interface LinkSnapshot {
  readonly link: LinkId;
  readonly name: string;
  readonly mtu: number;
  readonly addresses: readonly string[];
  readonly families: readonly Family[];
  /** Another process of this host holds port 5353 too. */
  readonly sharesPort: boolean;
}

/** A host that answered for a name nobody has. */
export interface PoisonerSnapshot {
  readonly link: LinkId;
  readonly linkName: string;
  readonly address: IpAddress;
  readonly protocols: readonly ("llmnr" | "mdns")[];
  /** Until when its LLMNR answers for single labels are ignored. */
  readonly until: Instant;
}

export interface LookupsSnapshot {
  readonly active: number;
  /** Names remembered for a few seconds as names that nobody has. */
  readonly absentNames: number;
  readonly counters: Readonly<Record<string, number>>;
}

export interface QuestionsSnapshot {
  /** Questions of a stub's clients under way. */
  readonly active: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Everything that `status` shows, as plain data. */
export interface HostSnapshot {
  /** When it was taken, by the engine's clock: what the other instants compare to. */
  readonly now: Instant;
  readonly mdnsMode: ProtocolMode;
  /** What this host would be called if nobody else were. */
  readonly originalLabel: string;
  readonly names: readonly HostNameSnapshot[];
  readonly publications: readonly PublicationSnapshot[];
  readonly links: readonly LinkSnapshot[];
  readonly services: DnssdSnapshot;
  readonly lookups: LookupsSnapshot;
  readonly mdns: MdnsSnapshot;
  readonly llmnrMode: ProtocolMode;
  readonly llmnr: LlmnrSnapshot;
  readonly poisoners: readonly PoisonerSnapshot[];
  readonly questions: QuestionsSnapshot;
  readonly unicast: DnsSnapshot;
}
