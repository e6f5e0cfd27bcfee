/**
 * The chain of aliases in an answer: CNAME (RFC 1034 §3.6.2) and DNAME (RFC 6672 §2.2), followed
 * from the name asked for to where they end, within one message.
 *
 * Records of the answer section that are not on the chain were not asked for and are left out
 * (RFC 5452 §6).
 */

import { DotlocalError } from "../core/errors.ts";
import { Flag, RecordType, ResponseCode } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { Name } from "../wire/name.ts";
import type { Question, ResourceRecord } from "../wire/record.ts";
import { CHAIN_MAX } from "./constants.ts";
import { soaOf } from "./negative-cache.ts";

export interface FollowedChain {
  /** The records of the chain and of the name it ends at, in the order received. */
  readonly answers: readonly ResourceRecord[];
  /** The name the chain ends at: the name asked for, when it is no alias. */
  readonly end: Name;
  /** The names on the way, the first included and the end not. */
  readonly aliases: readonly Name[];
  /**
   * - `data`, `no-data`, `no-name`: what the answer says of `end`.
   * - `open`: it leads to `end` and says nothing of it.
   * - `endless`: a loop, or too long, or a name beyond the limits.
   */
  readonly result: "data" | "no-data" | "no-name" | "open" | "endless";
}

export function followChain(question: Question, message: Message): FollowedChain {
  if (isPlain(question, message.answers)) {
    return { answers: message.answers, end: question.name, aliases: [], result: "data" };
  }
  const chain = follow(question, message);
  return { ...chain, answers: [...new Set(chain.answers)] };
}

/** All of it is what was asked for, as most answers are. */
function isPlain({ name, type }: Question, answers: readonly ResourceRecord[]): boolean {
  if (answers.length === 0) return false;
  for (const answer of answers) {
    if (answer.type !== type || !answer.name.equals(name)) return false;
  }
  return true;
}

function follow(question: Question, message: Message): FollowedChain {
  const index = new AnswerIndex(message.answers);
  const aliases: Name[] = [];
  const answers: ResourceRecord[] = [];
  let name = question.name;
  for (;;) {
    const own = index.of(name);
    answers.push(...own);
    if (own.some((record) => isAnswerTo(question.type, record))) {
      return { answers, end: name, aliases, result: "data" };
    }
    const next = aliasTarget(name, own, index, answers);
    if (next === undefined) {
      return { answers, end: name, aliases, result: resultWithout(message, name, aliases) };
    }
    aliases.push(name);
    const isLoop = next === "too-long" || aliases.some((alias) => alias.equals(next));
    if (isLoop || aliases.length >= CHAIN_MAX) {
      return { answers, end: name, aliases, result: "endless" };
    }
    name = next;
  }
}

/** What an answer without data says of the name that its chain ends at. */
function resultWithout(
  message: Message,
  end: Name,
  aliases: readonly Name[],
): FollowedChain["result"] {
  // RFC 6604 §3: the response code is that of the last name.
  if ((message.flags & Flag.RCODE) === ResponseCode.NXDOMAIN) return "no-name";
  const soa = soaOf(message);
  const isDenied = soa !== undefined && end.isWithin(soa.name);
  return aliases.length === 0 || isDenied ? "no-data" : "open";
}

function isAnswerTo(type: number, record: ResourceRecord): boolean {
  return record.type === type || (type === RecordType.ANY && record.type !== RecordType.RRSIG);
}

/** Where the name leads, if it is an alias. Adds what a DNAME adds to the answer. */
function aliasTarget(
  name: Name,
  own: readonly ResourceRecord[],
  index: AnswerIndex,
  answers: ResourceRecord[],
): Name | "too-long" | undefined {
  const alias = own.find(({ data }) => data.kind === "CNAME");
  const redirection = index.redirectionAbove(name);
  if (redirection !== undefined) answers.splice(answers.length - own.length, 0, ...redirection.set);
  if (alias?.data.kind === "CNAME") return alias.data.name;
  if (redirection === undefined) return undefined;
  const target = substitute(name, redirection.owner, redirection.target);
  if (target === undefined) return "too-long";
  // RFC 6672 §3.1: for clients that know no DNAME.
  answers.push({ ...redirection.set[0]!, name, type: RecordType.CNAME, data: cname(target) });
  return target;
}

function cname(name: Name): ResourceRecord["data"] {
  return { kind: "CNAME", name };
}

/** RFC 6672 §2.2: the name with `owner` at its end replaced; undefined beyond the limits. */
function substitute(name: Name, owner: Name, target: Name): Name | undefined {
  const kept = name.labels.slice(0, name.labelCount - owner.labelCount);
  try {
    return Name.of(...kept, ...target.labels);
  } catch (error) {
    if (error instanceof DotlocalError) return undefined;
    throw error;
  }
}

interface Redirection {
  readonly owner: Name;
  readonly target: Name;
  /** The DNAME record with its signatures. */
  readonly set: readonly ResourceRecord[];
}

/** The answer section by owner name. */
class AnswerIndex {
  readonly #byOwner = new Map<string, ResourceRecord[]>();
  readonly #redirections: Redirection[] = [];

  constructor(records: readonly ResourceRecord[]) {
    for (const record of records) {
      const known = this.#byOwner.get(record.name.key);
      if (known === undefined) this.#byOwner.set(record.name.key, [record]);
      else known.push(record);
    }
    for (const { name, data } of records) {
      if (data.kind !== "DNAME") continue;
      this.#redirections.push({ owner: name, target: data.name, set: this.of(name) });
    }
  }

  of(name: Name): readonly ResourceRecord[] {
    return this.#byOwner.get(name.key) ?? [];
  }

  /** RFC 6672 §2.3: a DNAME redirects the names below its owner, not the owner. */
  redirectionAbove(name: Name): Redirection | undefined {
    return this.#redirections.find(({ owner }) => name.isWithin(owner) && !name.equals(owner));
  }
}
