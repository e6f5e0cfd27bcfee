/** Which of the published sets answer a question (RFC 6762 §6, §6.1, §6.5). */

import type { Family } from "../core/ip-address.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Question } from "../wire/record.ts";
import { negativeSet } from "./negative-response.ts";
import type { OwnedName, OwnSet } from "./own-records.ts";
import type { Registry } from "./registry.ts";

/** Aliases followed from one question. */
const ALIASES_MAX = 8;

export interface Finding {
  readonly owner: OwnedName;
  /** At least one; an NSEC record where the name has nothing of the type. */
  readonly sets: readonly OwnSet[];
  /** No other host has anything to add. */
  readonly isSole: boolean;
}

/** Undefined when we have nothing to say to it on the family by which it came. */
export function findAnswers(
  question: Question,
  family: Family,
  registry: Registry,
): Finding | undefined {
  if (question.class !== RecordClass.IN && question.class !== RecordClass.ANY) return undefined;
  const owner = registry.find(question.name);
  if (owner === undefined) return undefined;
  const isSolelyOurs = owner.isSolelyOurs;
  const matching = owner.publishedOfType(question.type);
  const found = matching.length > 0 ? matching : aliasAnswers(owner, question.type, registry);
  const sets = found.filter((set) => set.reaches(family));
  if (sets.length > 0) {
    return { owner, sets, isSole: isSolelyOurs && !sets.some((set) => set.isShared) };
  }
  // RFC 6762 §6.1: we MUST say that there is no such record, where we have sole ownership.
  if (found.length > 0 || !isSolelyOurs || owner.publishedTypes.length === 0) return undefined;
  const negative = negativeSet(owner);
  return negative.reaches(family) ? { owner, sets: [negative], isSole: true } : undefined;
}

/**
 * RFC 6762 §6: a CNAME record answers questions of every type. §16: the records that the alias
 * stands for follow it, where they are ours too.
 */
function aliasAnswers(owner: OwnedName, type: number, registry: Registry): readonly OwnSet[] {
  const answers: OwnSet[] = [];
  let alias: OwnedName | undefined = owner;
  for (let count = 0; count < ALIASES_MAX && alias !== undefined; count++) {
    const canonical: readonly OwnSet[] = alias.publishedOfType(RecordType.CNAME);
    const data = canonical[0]?.published[0]?.data;
    if (data?.kind !== "CNAME") break;
    answers.push(...canonical);
    alias = registry.find(data.name);
    answers.push(...(alias?.publishedOfType(type) ?? []));
  }
  return [...new Set(answers)];
}
