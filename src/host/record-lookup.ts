/**
 * Look-ups of records of any type by Multicast DNS, aliases followed (`chain-lookup.ts`).
 *
 * Theory of operation: records that one host owns end it at once, as does their owner's NSEC record
 * (RFC 6762 §6.1, §10.2). Records that many hosts may have are collected until none came for
 * `QUIET_WAIT`.
 */

import { after, type Instant, NEVER } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import { RecordType } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { addressOfReverseName } from "../wire/reverse.ts";
import { type ChainJudge, ChainLookup, type Judgement } from "./chain-lookup.ts";
import { QUIET_WAIT } from "./constants.ts";
import {
  type Finish,
  foundRecord,
  type Lookup,
  type LookupContext,
  type TimeLimit,
} from "./lookup-context.ts";
import type { Reach } from "./lookup-router.ts";
import { latestOf, type Walk } from "./name-chain.ts";
import { addressRecord, pointerRecord } from "./plain-records.ts";
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

/** `this-host`: the name is our own, so that nobody else has anything to add. */
export function recordLookup(
  context: LookupContext,
  spec: RecordLookupSpec,
  reach: Reach,
  limit: TimeLimit,
  finish: Finish,
): Lookup {
  const { name, type, links } = spec;
  const question = { name, types: [type], links, isElsewhere: () => false };
  const judge = new RecordJudge(context, spec, reach);
  return new ChainLookup(context, question, limit, judge, finish);
}

class RecordJudge implements ChainJudge {
  readonly #context: LookupContext;
  readonly #spec: RecordLookupSpec;
  readonly #reach: Reach;

  constructor(context: LookupContext, spec: RecordLookupSpec, reach: Reach) {
    this.#context = context;
    this.#spec = spec;
    this.#reach = reach;
  }

  judge(lookup: ChainLookup, walk: Walk, now: Instant): Judgement {
    const answers = this.#answers(walk, now);
    return {
      finalAt: this.#finalAt(lookup, walk, answers, now),
      found: this.#found(walk, answers, now),
    };
  }

  #answers({ leaves }: Walk, now: Instant): readonly Answer[] {
    const all = leaves.flatMap((leaf) => leaf.answers(this.#spec.type, now));
    return this.#reach === "this-host" ? all.filter(({ own }) => own) : all;
  }

  #finalAt(lookup: ChainLookup, walk: Walk, answers: readonly Answer[], now: Instant): Instant {
    const { leaves } = walk;
    const { type } = this.#spec;
    if (this.#reach === "this-host" || leaves.length === 0) return now;
    if (answers.length > 0) {
      return this.#isSole(answers) ? lookup.settledAt(now) : this.#quietAt(lookup, walk);
    }
    if (leaves.every((leaf) => leaf.isNegative(type, now))) return lookup.settledAt(now);
    return this.#context.absences.has(lookup.key, now) ? now : NEVER;
  }

  /** Whether the records are such that their owner has told all there are. */
  #isSole(answers: readonly Answer[]): boolean {
    return this.#spec.type !== RecordType.ANY && answers.every(({ record }) => record.cacheFlush);
  }

  #quietAt({ lastHeardAt }: ChainLookup, { leaves }: Walk): Instant {
    const askedAt = leaves.map((leaf) => leaf.askedAt(this.#spec.type));
    if (askedAt.includes(undefined)) return NEVER;
    return after(latestOf([lastHeardAt, ...askedAt])!, QUIET_WAIT);
  }

  #found({ aliases }: Walk, answers: readonly Answer[], now: Instant): LookupOutcome | undefined {
    if (answers.length > 0) {
      const records = [...aliases, ...answers].map((answer) => foundRecord(answer, now));
      return { kind: "records", records };
    }
    // The name is there, whatever has been heard of it.
    return this.#reach === "this-host" && aliases.length === 0 ? { kind: "no-data" } : undefined;
  }
}
