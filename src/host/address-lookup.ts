/**
 * Look-ups of a host's addresses by Multicast DNS: A and AAAA asked together (`chain-lookup.ts`).
 *
 * Theory of operation: a wanted family is decided when
 * - an address of it is there: the RRset of an owner comes whole, in one packet (RFC 6762 §10.2);
 * - the owner's NSEC record denies it (§6.1), in every name that the aliases lead to;
 * - it has lately been found missing;
 * - the other family was answered, its own question has gone out, and `OTHER_FAMILY_WAIT` is over.
 * When all are decided, other links get `SETTLE_WAIT` from the first sign of life to add theirs. Both
 * families are asked for even when one is wanted: the other's answer tells that the host is there.
 */

import { FAMILIES, type Family } from "../core/ip-address.ts";
import { after, type Instant, NEVER } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { distinctAddresses, inAddressOrder } from "./address-order.ts";
import { type ChainJudge, ChainLookup, type Judgement } from "./chain-lookup.ts";
import { OTHER_FAMILY_WAIT } from "./constants.ts";
import {
  type Finish,
  foundAt,
  type Lookup,
  type LookupContext,
  type TimeLimit,
} from "./lookup-context.ts";
import { earliestOf, latestOf, type Walk } from "./name-chain.ts";
import { askedName } from "./routing.ts";
import type { AddressLookupSpec, FoundAddress, LookupOutcome } from "./types.ts";

const ADDRESS_TYPES = { ipv4: RecordType.A, ipv6: RecordType.AAAA } as const;
const BOTH_TYPES: readonly number[] = [RecordType.A, RecordType.AAAA];
const OTHER_FAMILY = { ipv4: "ipv6", ipv6: "ipv4" } as const;

/** What is known of one family. */
interface Finding {
  readonly family: Family;
  readonly addresses: readonly FoundAddress[];
  /** Every name that could have addresses says that it has none of the family. */
  readonly isDenied: boolean;
}

/** The outcome for a name that is this host's own. */
export function ownAddresses({ own, host }: LookupContext, spec: AddressLookupSpec): LookupOutcome {
  const found = own.addresses(spec.name, spec.family, spec.links);
  if (found.length === 0) return { kind: "no-data" };
  const addresses = inAddressOrder(distinctAddresses(found), host.links.values());
  return { kind: "addresses", canonicalName: askedName(spec.name, "mdns"), addresses };
}

export function addressLookup(
  context: LookupContext,
  spec: AddressLookupSpec,
  limit: TimeLimit,
  finish: Finish,
): Lookup {
  const isElsewhere = (target: Name) => context.own.isOwnName(target);
  const question = { name: spec.name, types: BOTH_TYPES, links: spec.links, isElsewhere };
  return new ChainLookup(context, question, limit, new AddressJudge(context, spec), finish);
}

class AddressJudge implements ChainJudge {
  readonly #context: LookupContext;
  readonly #spec: AddressLookupSpec;
  readonly #families: readonly Family[];

  constructor(context: LookupContext, spec: AddressLookupSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#families = spec.family === "any" ? FAMILIES : [spec.family];
  }

  judge(lookup: ChainLookup, walk: Walk, now: Instant): Judgement {
    const findings = this.#families.map((family) => this.#find(family, walk, now));
    const decided = findings.map((finding) => this.#decidedAt(finding, lookup, walk, now));
    return {
      finalAt: latestOf([...decided, lookup.settledAt(now)])!,
      found: this.#found(findings, walk, now),
      handleFinal: () => this.#rememberMissing(findings, lookup, now),
    };
  }

  #find(family: Family, { leaves, elsewhere }: Walk, now: Instant): Finding {
    const { own } = this.#context;
    const type = ADDRESS_TYPES[family];
    const addresses = [
      ...leaves.flatMap((leaf) => leaf.answers(type, now)).flatMap((answer) => found(answer, now)),
      ...elsewhere.flatMap((name) => own.addresses(name, family, this.#spec.links)),
    ];
    const isDenied = leaves.every((leaf) => leaf.isNegative(type, now));
    return { family, addresses, isDenied };
  }

  /** When the family is decided if nothing more comes. */
  #decidedAt(
    { family, addresses, isDenied }: Finding,
    lookup: ChainLookup,
    { leaves }: Walk,
    now: Instant,
  ): Instant {
    if (addresses.length > 0 || isDenied || this.#isAbsent(family, lookup, now)) return now;
    const otherType = ADDRESS_TYPES[OTHER_FAMILY[family]];
    const answeredAt = earliestOf(leaves.map((leaf) => leaf.answeredAt(otherType)));
    const askedAt = leaves.map((leaf) => leaf.askedAt(ADDRESS_TYPES[family]));
    if (answeredAt === undefined || askedAt.includes(undefined)) return NEVER;
    return after(latestOf([answeredAt, ...askedAt])!, OTHER_FAMILY_WAIT);
  }

  #isAbsent(family: Family, lookup: ChainLookup, now: Instant): boolean {
    const { absences } = this.#context;
    return absences.has(lookup.key, now) || absences.has(familyKey(lookup, family), now);
  }

  #found(findings: readonly Finding[], walk: Walk, now: Instant): LookupOutcome | undefined {
    const addresses = distinctAddresses(findings.flatMap((finding) => finding.addresses));
    if (addresses.length === 0) return undefined;
    const ordered = inAddressOrder(addresses, this.#context.host.links.values());
    const canonicalName = this.#canonicalName(walk, now);
    return { kind: "addresses", canonicalName, addresses: ordered };
  }

  /** A family that was waited for in vain is not waited for again at once. */
  #rememberMissing(findings: readonly Finding[], lookup: ChainLookup, now: Instant): void {
    for (const { family, addresses, isDenied } of findings) {
      if (addresses.length > 0 || isDenied || this.#isAbsent(family, lookup, now)) continue;
      this.#context.absences.remember(familyKey(lookup, family), now);
    }
  }

  #canonicalName({ leaves, elsewhere }: Walk, now: Instant): Name {
    const hasAddress = leaves.find((leaf) =>
      BOTH_TYPES.some((type) => leaf.answers(type, now).length > 0),
    );
    return hasAddress?.name ?? elsewhere[0] ?? this.#spec.name;
  }
}

/** What a family that is missing is remembered by. */
function familyKey({ key }: ChainLookup, family: Family): string {
  return `${key} ${family}`;
}

function found(answer: Answer, now: Instant): FoundAddress[] {
  const { data } = answer.record;
  if (data.kind !== "A" && data.kind !== "AAAA") return [];
  return [{ address: data.address, ...foundAt(answer, now) }];
}
