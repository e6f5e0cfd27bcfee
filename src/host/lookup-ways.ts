/**
 * How each kind of look-up is answered by each protocol: addresses of a host, names of an address,
 * records of any type.
 */

import type { Family } from "../core/ip-address.ts";
import type { Instant } from "../core/time.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { addressLookup, ownAddresses } from "./address-lookup.ts";
import { inAddressOrder } from "./address-order.ts";
import { hostsAddresses, hostsRecords } from "./hosts-answers.ts";
import { addressTypes, LlmnrLookup } from "./llmnr-lookup.ts";
import type { Finish, LookupContext, StepOutcome, TimeLimit } from "./lookup-context.ts";
import type { Reach, Ways } from "./lookup-router.ts";
import type { OwnAnswers } from "./own-answers.ts";
import type { Entrant } from "./ranked-lookup.ts";
import { ownRecords, recordLookup } from "./record-lookup.ts";
import { namesIn } from "./reverse-lookup.ts";
import { isMulticastName } from "./special-names.ts";
import type {
  AddressLookupSpec,
  LookupFailure,
  LookupOutcome,
  RecordLookupSpec,
  ReverseLookupSpec,
} from "./types.ts";
import { UnicastLookup } from "./unicast-lookup.ts";

/** What says more about a name that was not found, first. */
const FAILURE_RANK: readonly StepOutcome["kind"][] = [
  "no-data",
  "failed",
  "no-such-name",
  "timed-out",
  "refused",
  "unavailable",
];

/** What all look-ups have in common that end in a `StepOutcome`. */
const JUDGE = {
  isFound: ({ kind }: StepOutcome) => !FAILURE_RANK.includes(kind),
  failureRank: ({ kind }: StepOutcome) => FAILURE_RANK.indexOf(kind),
  failed: (failure: LookupFailure): StepOutcome => failure,
};

export type LookupWays = Ways<StepOutcome>;

export function addressWays(context: LookupContext, spec: AddressLookupSpec): LookupWays {
  const { name, family, links } = spec;
  const question = { name, types: addressTypes(family), links, wanted: "addresses" } as const;
  return {
    ...JUDGE,
    own: () => ownAddresses(context, spec),
    hosts: () => addressesInHosts(context, name, family),
    mdns: (_, limit) => (finish) => addressLookup(context, spec, limit, finish),
    llmnr: (limit) => (finish) => new LlmnrLookup(context.host, question, limit, finish),
    unicast: (until) => unicastEntrant(context, { ...question, until }),
  };
}

/** `name`: the reverse name of an address, or what that is an alias of (RFC 2317). */
export function nameWays(
  context: LookupContext,
  { links }: ReverseLookupSpec,
  name: Name,
): LookupWays {
  const ways = recordWays(context, { name, type: RecordType.PTR, links });
  const told = (outcome: StepOutcome | undefined) => outcome && namesIn(outcome);
  const telling =
    (enter: Entrant<StepOutcome>): Entrant<StepOutcome> =>
    (finish) =>
      enter((outcome) => finish(namesIn(outcome)));
  return {
    ...JUDGE,
    own: () => told(ways.own()),
    hosts: () => told(ways.hosts()),
    mdns: (reach, limit) => telling(ways.mdns(reach, limit)),
    llmnr: (limit) => telling(ways.llmnr(limit)),
    unicast: (until) => {
      const enter = ways.unicast(until);
      return enter && telling(enter);
    },
  };
}

export function recordWays(context: LookupContext, spec: RecordLookupSpec): LookupWays {
  const { name, type, links } = spec;
  const question = { name, types: [type], links, wanted: "records" } as const;
  return {
    ...JUDGE,
    own: () => ownRecords(context, spec),
    hosts: () => {
      const records = hostsRecords(context.host.settings.hosts, name, type);
      if (records === undefined) return undefined;
      return records.length === 0 ? { kind: "no-data" } : { kind: "records", records };
    },
    mdns: (reach: Reach, limit: TimeLimit) => (finish) =>
      recordLookup(context, spec, reach, limit, finish),
    llmnr: (limit) => (finish) => new LlmnrLookup(context.host, question, limit, finish),
    unicast: (until) => unicastEntrant(context, { ...question, until }),
  };
}

function addressesInHosts(
  { host }: LookupContext,
  name: Name,
  family: "any" | Family,
): LookupOutcome | undefined {
  const found = hostsAddresses(host.settings.hosts, name, family);
  if (found === undefined) return undefined;
  if (found.length === 0) return { kind: "no-data" };
  const addresses = inAddressOrder(found, host.links.values());
  return { kind: "addresses", canonicalName: name, addresses };
}

/** Whether an alias of name servers leads to the link or to this host. */
export function isOffServers(target: Name, own: OwnAnswers): boolean {
  return isMulticastName(target) || own.isOwnName(target);
}

function unicastEntrant(
  { host, own }: LookupContext,
  {
    name,
    types,
    wanted,
    until,
  }: {
    readonly name: Name;
    readonly types: readonly number[];
    readonly wanted: "addresses" | "records";
    readonly until: Instant | undefined;
  },
) {
  const isElsewhere = (target: Name) => isOffServers(target, own);
  return (finish: Finish) =>
    new UnicastLookup(host, { name, types, wanted, until, isElsewhere }, finish);
}
