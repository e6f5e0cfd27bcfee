/**
 * Look-ups of a host's addresses: A and AAAA asked together on all chosen links, ended as soon as it
 * can be known that no more will come.
 *
 * Theory of operation: whatever comes in has the look-up evaluated, once an instant. A wanted family
 * is decided when
 * - an address of it is there: the RRset of an owner comes whole, in one packet (RFC 6762 §10.2);
 * - the owner's NSEC record denies it (§6.1), in every name that the aliases lead to;
 * - it has lately been found missing;
 * - the other family was answered, its own question has gone out, and `OTHER_FAMILY_WAIT` is over.
 * When all are decided, other links get `SETTLE_WAIT` from the first sign of life to add theirs. Both
 * families are asked for even when one is wanted: the other's answer tells that the host is there.
 */

import { FAMILIES, type Family } from "../core/ip-address.ts";
import { after, earliest, type Instant, NEVER } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { distinctAddresses, inAddressOrder } from "./address-order.ts";
import { OTHER_FAMILY_WAIT, SETTLE_WAIT } from "./constants.ts";
import { Evaluation } from "./evaluation.ts";
import {
  chosenLinkCount,
  type Finish,
  foundAt,
  type Lookup,
  type LookupContext,
  type StepOutcome,
  silence,
  type TimeLimit,
} from "./lookup-context.ts";
import { aliasOutcome, earliestOf, latestOf, NameChain, type Walk } from "./name-chain.ts";
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

export class AddressLookup implements Lookup {
  readonly #context: LookupContext;
  readonly #spec: AddressLookupSpec;
  readonly #limit: TimeLimit;
  readonly #finish: Finish;
  readonly #families: readonly Family[];
  readonly #chain: NameChain;
  readonly #evaluation: Evaluation;
  /** What it is remembered by when nobody answers. */
  readonly #key: string;
  #begunAt: Instant | undefined;

  constructor(context: LookupContext, spec: AddressLookupSpec, limit: TimeLimit, finish: Finish) {
    this.#context = context;
    this.#spec = spec;
    this.#limit = limit;
    this.#finish = finish;
    this.#families = spec.family === "any" ? FAMILIES : [spec.family];
    const name = askedName(spec.name, "mdns");
    this.#key = context.inquiries.keyOf(name, BOTH_TYPES, spec.links);
    this.#evaluation = new Evaluation(context.host, (now) => this.#evaluate(now));
    this.#chain = new NameChain(
      context.inquiries,
      { name, types: BOTH_TYPES, links: spec.links },
      (target) => context.own.isOwnName(target),
      (now) => this.#evaluation.at(now),
    );
  }

  begin(now: Instant): void {
    this.#begunAt = now;
    this.#evaluate(now);
  }

  cancel(now: Instant): void {
    this.#evaluation.end();
    this.#chain.close(now);
  }

  #evaluate(now: Instant): void {
    const walk = this.#chain.walk(now);
    if (this.#chain.heardAt !== undefined) this.#context.absences.forget(this.#key);
    const findings = this.#families.map((family) => this.#find(family, walk, now));
    const decidedAt = latestOf(findings.map((finding) => this.#decidedAt(finding, walk, now)))!;
    const settledAt = this.#settledAt(now);
    if (decidedAt <= now && settledAt <= now) {
      this.#rememberMissing(findings, now);
      this.#end(this.#outcome(findings, walk, now), now);
    } else if (this.#limit.at <= now) {
      this.#end(this.#outcomeAtLimit(findings, walk, now), now);
    } else {
      this.#evaluation.at(earliest(decidedAt > now ? decidedAt : settledAt, this.#limit.at));
    }
  }

  #end(outcome: StepOutcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
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
  #decidedAt({ family, addresses, isDenied }: Finding, { leaves }: Walk, now: Instant): Instant {
    if (addresses.length > 0 || isDenied || this.#isAbsent(family, now)) return now;
    const otherType = ADDRESS_TYPES[OTHER_FAMILY[family]];
    const answeredAt = earliestOf(leaves.map((leaf) => leaf.answeredAt(otherType)));
    const askedAt = leaves.map((leaf) => leaf.askedAt(ADDRESS_TYPES[family]));
    if (answeredAt === undefined || askedAt.includes(undefined)) return NEVER;
    return after(latestOf([answeredAt, ...askedAt])!, OTHER_FAMILY_WAIT);
  }

  #isAbsent(family: Family, now: Instant): boolean {
    const { absences } = this.#context;
    return absences.has(this.#key, now) || absences.has(this.#familyKey(family), now);
  }

  #familyKey(family: Family): string {
    return `${this.#key} ${family}`;
  }

  /** When all links have had their chance to answer. What was known from the start needs none. */
  #settledAt(now: Instant): Instant {
    const { heardAt } = this.#chain;
    const { host } = this.#context;
    if (heardAt === undefined || heardAt === this.#begunAt) return now;
    return chosenLinkCount(host, this.#spec.links) > 1 ? after(heardAt, SETTLE_WAIT) : now;
  }

  #outcome(findings: readonly Finding[], walk: Walk, now: Instant): StepOutcome {
    const { host } = this.#context;
    const addresses = distinctAddresses(findings.flatMap((finding) => finding.addresses));
    if (addresses.length > 0) {
      const ordered = inAddressOrder(addresses, host.links.values());
      return {
        kind: "addresses",
        canonicalName: this.#canonicalName(walk, now),
        addresses: ordered,
      };
    }
    const departure = aliasOutcome(this.#chain.root, walk, this.#context.own, now);
    return departure ?? { kind: this.#chain.heardAt === undefined ? "no-such-name" : "no-data" };
  }

  #outcomeAtLimit(findings: readonly Finding[], walk: Walk, now: Instant): StepOutcome {
    if (this.#chain.heardAt !== undefined) return this.#outcome(findings, walk, now);
    if (this.#limit.extent === "full") this.#context.absences.remember(this.#key, now);
    return silence(this.#limit);
  }

  /** A family that was waited for in vain is not waited for again at once. */
  #rememberMissing(findings: readonly Finding[], now: Instant): void {
    for (const { family, addresses, isDenied } of findings) {
      if (addresses.length > 0 || isDenied || this.#isAbsent(family, now)) continue;
      this.#context.absences.remember(this.#familyKey(family), now);
    }
  }

  #canonicalName({ leaves, elsewhere }: Walk, now: Instant): Name {
    const hasAddress = leaves.find((leaf) =>
      BOTH_TYPES.some((type) => leaf.answers(type, now).length > 0),
    );
    return hasAddress?.name ?? elsewhere[0] ?? this.#spec.name;
  }
}

function found(answer: Answer, now: Instant): FoundAddress[] {
  const { data } = answer.record;
  if (data.kind !== "A" && data.kind !== "AAAA") return [];
  return [{ address: data.address, ...foundAt(answer, now) }];
}
