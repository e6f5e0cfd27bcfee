/**
 * Look-ups of records of any type by Multicast DNS, aliases followed.
 *
 * Theory of operation: whatever comes in has the look-up evaluated, once an instant. Records that one
 * host owns end it at once, as does their owner's NSEC record (RFC 6762 §6.1, §10.2). Records that many
 * hosts may have are collected until none came for `QUIET_WAIT`.
 */

import { after, earliest, type Instant, NEVER } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import { QUIET_WAIT, SETTLE_WAIT } from "./constants.ts";
import { Evaluation } from "./evaluation.ts";
import {
  chosenLinkCount,
  type Finish,
  foundRecord,
  type Lookup,
  type LookupContext,
  type StepOutcome,
  silence,
  type TimeLimit,
} from "./lookup-context.ts";
import { aliasOutcome, latestOf, NameChain, type Walk } from "./name-chain.ts";
import { addressRecord, pointerRecord } from "./plain-records.ts";
import { askedName } from "./routing.ts";
import { LOCALHOST } from "./special-names.ts";
import type {
  FoundAddress,
  FoundName,
  FoundRecord,
  LookupOutcome,
  RecordLookupSpec,
} from "./types.ts";

/**
 * The outcome for a name that is this host's own, where it follows from its addresses; undefined: the
 * records that this host publishes under it have to be looked at.
 */
export function ownRecords(
  { own }: LookupContext,
  { name, type, links }: RecordLookupSpec,
): LookupOutcome | undefined {
  if (type === RecordType.A || type === RecordType.AAAA) {
    const family = type === RecordType.A ? "ipv4" : "ipv6";
    const records = own.addresses(name, family, links).map((found) => addressRecordOf(name, found));
    return records.length === 0 ? { kind: "no-data" } : { kind: "records", records };
  }
  const address = type === RecordType.PTR ? addressOfReverseName(name) : undefined;
  if (address !== undefined) {
    const records = own.names(address).map((found) => pointerRecordOf(name, found));
    return { kind: "records", records };
  }
  return name.isWithin(LOCALHOST) ? { kind: "no-data" } : undefined;
}

function addressRecordOf(name: Name, { address, ...found }: FoundAddress): FoundRecord {
  return { record: addressRecord(name, address, found.ttl), ...found };
}

function pointerRecordOf(name: Name, { name: target, ...found }: FoundName): FoundRecord {
  return { record: pointerRecord(name, target, found.ttl), ...found };
}

export class RecordLookup implements Lookup {
  readonly #context: LookupContext;
  readonly #spec: RecordLookupSpec;
  /** `this-host`: the name is our own, so that nobody else has anything to add. */
  readonly #reach: "links" | "this-host";
  readonly #limit: TimeLimit;
  readonly #finish: Finish;
  readonly #chain: NameChain;
  readonly #evaluation: Evaluation;
  /** What it is remembered by when nobody answers. */
  readonly #key: string;
  #begunAt: Instant | undefined;

  constructor(
    context: LookupContext,
    spec: RecordLookupSpec,
    reach: "links" | "this-host",
    limit: TimeLimit,
    finish: Finish,
  ) {
    this.#context = context;
    this.#spec = spec;
    this.#reach = reach;
    this.#limit = limit;
    this.#finish = finish;
    const name = askedName(spec.name, "mdns");
    const types = [spec.type];
    this.#key = context.inquiries.keyOf(name, types, spec.links);
    this.#evaluation = new Evaluation(context.host, (now) => this.#evaluate(now));
    this.#chain = new NameChain(
      context.inquiries,
      { name, types, links: spec.links },
      () => false,
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
    const answers = this.#answers(walk, now);
    const doneAt = this.#doneAt(walk, answers, now);
    if (doneAt <= now) this.#end(this.#outcome(walk, answers, now), now);
    else if (this.#limit.at <= now) this.#end(this.#outcomeAtLimit(walk, answers, now), now);
    else this.#evaluation.at(earliest(doneAt, this.#limit.at));
  }

  #end(outcome: StepOutcome, now: Instant): void {
    this.cancel(now);
    this.#finish(outcome);
  }

  #answers({ leaves }: Walk, now: Instant): readonly Answer[] {
    const all = leaves.flatMap((leaf) => leaf.answers(this.#spec.type, now));
    return this.#reach === "this-host" ? all.filter(({ own }) => own) : all;
  }

  /** When it is over if nothing more comes. */
  #doneAt(walk: Walk, answers: readonly Answer[], now: Instant): Instant {
    const { leaves } = walk;
    const { type } = this.#spec;
    if (this.#reach === "this-host" || leaves.length === 0) return now;
    if (answers.length > 0)
      return this.#isSole(answers) ? this.#settledAt(now) : this.#quietAt(walk);
    if (leaves.every((leaf) => leaf.isNegative(type, now))) return this.#settledAt(now);
    return this.#context.absences.has(this.#key, now) ? now : NEVER;
  }

  /** Whether the records are such that their owner has told all there are. */
  #isSole(answers: readonly Answer[]): boolean {
    return this.#spec.type !== RecordType.ANY && answers.every(({ record }) => record.cacheFlush);
  }

  #settledAt(now: Instant): Instant {
    const { heardAt } = this.#chain;
    if (heardAt === undefined || heardAt === this.#begunAt) return now;
    const linkCount = chosenLinkCount(this.#context.host, this.#spec.links);
    return linkCount > 1 ? after(heardAt, SETTLE_WAIT) : now;
  }

  #quietAt({ leaves }: Walk): Instant {
    const askedAt = leaves.map((leaf) => leaf.askedAt(this.#spec.type));
    if (askedAt.includes(undefined)) return NEVER;
    return after(latestOf([this.#chain.lastHeardAt, ...askedAt])!, QUIET_WAIT);
  }

  #outcome(walk: Walk, answers: readonly Answer[], now: Instant): StepOutcome {
    if (answers.length > 0) {
      const records = [...walk.aliases, ...answers].map((answer) => foundRecord(answer, now));
      return { kind: "records", records };
    }
    const departure = aliasOutcome(this.#chain.root, walk, this.#context.own, now);
    if (departure !== undefined) return departure;
    const isKnown = this.#reach === "this-host" || this.#chain.heardAt !== undefined;
    return { kind: isKnown ? "no-data" : "no-such-name" };
  }

  #outcomeAtLimit(walk: Walk, answers: readonly Answer[], now: Instant): StepOutcome {
    if (this.#chain.heardAt !== undefined) return this.#outcome(walk, answers, now);
    if (this.#limit.extent === "full") this.#context.absences.remember(this.#key, now);
    return silence(this.#limit);
  }
}
