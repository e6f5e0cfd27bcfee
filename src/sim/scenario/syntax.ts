/** A scenario as data: what `parse-scenario.ts` makes of the text and `run-scenario.ts` runs. */

import type { IpAddress } from "../../core/ip-address.ts";
import type { LinkAddress } from "../../core/link.ts";
import type { Duration } from "../../core/time.ts";
import type { ServiceGroupSpec } from "../../dnssd/service.ts";
import type { InstanceOutcome } from "../../dnssd/types.ts";
import type { MdnsSettings, PublishedRecord, QuerySpec } from "../../mdns/types.ts";
import type { Name } from "../../wire/name.ts";
import type { Question, ResourceRecord } from "../../wire/record.ts";
import type { TxtData } from "../../wire/record-data.ts";
import type { Conditions } from "../conditions.ts";
import type { PacketPattern, RecordPattern } from "./pattern.ts";
import type { Position } from "./source.ts";

export interface Scenario {
  readonly title: string;
  readonly protocol: ScenarioProtocol;
  readonly seeds: readonly number[];
  readonly links: readonly LinkDeclaration[];
  readonly hosts: readonly HostDeclaration[];
  readonly steps: readonly Step[];
  readonly spreads: readonly SpreadCheck[];
  /** The run lasts at least this long. */
  readonly duration: Duration;
}

/** What scripted hosts send, and on which port, where nothing else is said. */
export type PacketProtocol = "mdns" | "llmnr";

/** What the engines of a scenario speak; hosts of DNS-SD send mDNS packets. */
export type ScenarioProtocol = PacketProtocol | "dnssd";

export interface LinkDeclaration {
  readonly name: string;
  readonly mtu: number;
  readonly conditions: Partial<Conditions>;
}

/** A host, or with `process` a further process of one. */
export interface HostDeclaration {
  readonly name: string;
  readonly kind: "engine" | "scripted" | "process";
  /** The host that a `process` runs on. */
  readonly on: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly settings: Partial<MdnsSettings>;
  /** RFC 6763 §11: what a host of DNS-SD recommends to browse. */
  readonly browseDomains: readonly Name[];
  /** Chooses another name when it loses one, as the layer above an engine does. */
  readonly renames: boolean;
  /** Started by an action, not from the beginning. */
  readonly isOff: boolean;
}

export interface Attachment {
  readonly link: string;
  readonly addresses: readonly LinkAddress[];
}

/** An instant: from the beginning, or from what a label names. */
export interface TimePoint {
  readonly anchor: string | undefined;
  readonly offset: Duration;
}

/** A span of time with both ends in it; after an anchor, only what follows the anchor counts. */
export interface Window {
  readonly anchor: string | undefined;
  readonly from: Duration;
  /** Infinity: to the end of the run. */
  readonly to: Duration;
}

interface StepFields {
  readonly position: Position;
  /** The statement as it reads, for reports. */
  readonly text: string;
  readonly label: string;
}

export type Step = ActionStep | ExpectationStep | StateStep;

export interface ActionStep extends StepFields {
  readonly kind: "action";
  readonly at: TimePoint;
  readonly action: Action;
}

export interface ExpectationStep extends StepFields {
  readonly kind: "expectation";
  readonly window: Window;
  readonly countMin: number;
  readonly countMax: number;
  /** `next`: the subject's first observation in the window must be the one expected. */
  readonly isNext: boolean;
  readonly observation: Observation;
}

export interface StateStep extends StepFields {
  readonly kind: "state";
  readonly at: TimePoint;
  readonly host: string;
  readonly state: StatePattern;
}

/** What is waited for; `"anyone"` as subject is every host. */
export type Observation =
  | {
      readonly kind: "sends" | "receives";
      readonly subject: string;
      readonly packet: PacketPattern;
    }
  | { readonly kind: "event"; readonly subject: string; readonly event: EventPattern };

export interface EventPattern {
  readonly kind: string;
  /** Of the registration, of the question, or of the record. */
  readonly name: Name | undefined;
  readonly type: number | undefined;
  readonly record: RecordPattern | undefined;
  readonly rival: IpAddress | undefined;
  readonly service: ServicePattern | undefined;
}

/** Of events of DNS-SD. */
export interface ServicePattern {
  /** What a group is called, or was called before a rename `to` another name. */
  readonly instance: string | undefined;
  readonly to: string | undefined;
  readonly outcome: InstanceOutcome["kind"] | undefined;
  readonly resolution: ResolutionPattern;
}

/** What an instance is resolved to; `addresses` are all that there are. */
export interface ResolutionPattern {
  readonly host: Name | undefined;
  readonly port: number | undefined;
  readonly addresses: readonly IpAddress[] | undefined;
  readonly txt: TxtData | undefined;
}

export type StatePattern =
  | {
      readonly kind: "sees" | "caches";
      readonly countMin: number;
      readonly countMax: number;
      readonly record: RecordPattern;
    }
  | {
      readonly kind: "registration";
      readonly id: string | undefined;
      readonly state:
        | "probing"
        | "registered"
        | "conflicted"
        | "verifying"
        | "unique"
        | "unverified";
    }
  | { readonly kind: "counter"; readonly counter: string; readonly value: NumberPattern }
  /** Instances in the listings of all browses; without a name any. */
  | {
      readonly kind: "lists";
      readonly countMin: number;
      readonly countMax: number;
      readonly name: Name | undefined;
    }
  | {
      readonly kind: "resolves";
      readonly name: Name;
      readonly isAbsent: boolean;
      readonly resolution: ResolutionPattern;
    }
  /** The name that a published group has. */
  | { readonly kind: "calls"; readonly id: string | undefined; readonly instance: string };

export interface NumberPattern {
  readonly comparison: "=" | "!=" | "<=" | ">=" | "<" | ">";
  readonly value: number;
}

/** Over all seeds: the time from one label to another is uniformly distributed in a range. */
export interface SpreadCheck {
  readonly position: Position;
  readonly from: string;
  readonly to: string;
  readonly min: Duration;
  readonly max: Duration;
}

export type Action =
  | {
      readonly kind: "register";
      readonly host: string;
      readonly links: readonly string[];
      readonly records: readonly PublishedRecord[];
    }
  | {
      readonly kind: "update";
      readonly host: string;
      readonly id: string | undefined;
      readonly records: readonly PublishedRecord[];
    }
  | { readonly kind: "withdraw" | "stop"; readonly host: string; readonly id: string | undefined }
  | {
      readonly kind: "query";
      readonly host: string;
      readonly name: Name;
      readonly type: number;
      readonly mode: QuerySpec["mode"];
      /** Empty for all. */
      readonly links: readonly string[];
    }
  | {
      readonly kind: "publish";
      readonly host: string;
      readonly group: ServiceGroupSpec;
    }
  | {
      readonly kind: "republish";
      readonly host: string;
      readonly id: string | undefined;
      readonly group: ServiceGroupSpec;
    }
  | {
      readonly kind: "browse";
      readonly host: string;
      /** Undefined: all types. */
      readonly type: string | undefined;
      /** Every instance that is found is watched. */
      readonly isResolving: boolean;
      /** Empty for all. */
      readonly links: readonly string[];
    }
  | { readonly kind: "watch" | "look-up"; readonly host: string; readonly name: Name }
  | { readonly kind: "reconfirm"; readonly host: string; readonly record: ResourceRecord }
  | { readonly kind: "flush"; readonly host: string; readonly link: string | undefined }
  | {
      readonly kind: "shutdown" | "crash" | "start" | "sleep" | "wake";
      readonly host: string;
    }
  | {
      readonly kind: "carrier";
      readonly host: string;
      readonly link: string | undefined;
      readonly change: "up" | "down" | "flap";
    }
  | {
      readonly kind: "address";
      readonly host: string;
      readonly link: string | undefined;
      readonly change: "add" | "remove";
      readonly address: LinkAddress;
    }
  | { readonly kind: "contest"; readonly host: string }
  | { readonly kind: "move"; readonly host: string; readonly from: string; readonly to: string }
  | {
      readonly kind: "resolve";
      readonly host: string;
      readonly name: Name;
      readonly types: readonly number[];
    }
  | { readonly kind: "sentinel"; readonly host: string; readonly name: Name }
  | { readonly kind: "distrust"; readonly host: string; readonly address: IpAddress }
  /** A scripted host takes TCP connections, or makes one and says nothing. */
  | { readonly kind: "accept"; readonly host: string }
  | { readonly kind: "connect"; readonly host: string; readonly to: IpAddress }
  | {
      readonly kind: "reply";
      readonly host: string;
      /** Which query of those received; undefined: the last one. */
      readonly question: { readonly name: Name; readonly type: number } | undefined;
      readonly sourceAddress: IpAddress | undefined;
      readonly sourcePort: number;
      /** Undefined copies the query's. */
      readonly id: number | undefined;
      readonly flags: number;
      readonly asked: "copied" | "left-out" | Question;
      readonly answers: readonly ResourceRecord[];
      readonly authorities: readonly ResourceRecord[];
      readonly additionals: readonly ResourceRecord[];
    }
  | {
      readonly kind: "send";
      readonly host: string;
      readonly protocol: PacketProtocol;
      readonly transport: "udp" | "tcp";
      readonly link: string | undefined;
      readonly octets: Uint8Array;
      readonly sourceAddress: IpAddress | undefined;
      readonly sourcePort: number;
      readonly family: "ipv4" | "ipv6" | undefined;
      readonly destination: "group" | { readonly address: IpAddress; readonly port: number };
    }
  | { readonly kind: "conditions"; readonly link: string; readonly conditions: Partial<Conditions> }
  | {
      readonly kind: "split";
      readonly link: string;
      readonly parts: readonly (readonly string[])[];
    }
  | { readonly kind: "merge"; readonly link: string }
  | {
      readonly kind: "block" | "unblock";
      readonly link: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "reflect";
      readonly from: string;
      readonly to: string;
      readonly delayMin: Duration;
      readonly delayMax: Duration;
      /** Undefined keeps the packet's own. */
      readonly source: IpAddress | undefined;
      readonly isEncodedAgain: boolean;
    }
  | { readonly kind: "stop-reflecting"; readonly link: string };
