/**
 * A name with the names that its CNAMEs lead to, each asked for on all links: an alias seen on one
 * link may have its addresses on another (RFC 1034 §3.6.2, RFC 6762 §16).
 *
 * Theory of operation: `walk` starts from the first name every time and asks for names that are new,
 * so that aliases that come, go or change need no bookkeeping. Names seen before are not followed
 * again, and there are at most `CHAIN_MAX` of them: loops end.
 */

import type { LinkFilter } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import { CHAIN_MAX } from "./constants.ts";
import type { Inquiries, Inquiry, Listener } from "./inquiry.ts";
import { type AliasOutcome, aliasOf, foundRecord } from "./lookup-context.ts";
import type { OwnAnswers } from "./own-answers.ts";
import { isMulticastName } from "./special-names.ts";

export interface Walk {
  /** Names where the chain ends for now: not known to be aliases. */
  readonly leaves: readonly Inquiry[];
  /** Leaves' names that other protocols or this host itself would have to answer for. */
  readonly elsewhere: readonly Name[];
  /** The CNAME records followed. */
  readonly aliases: readonly Answer[];
}

export class NameChain {
  readonly #inquiries: Inquiries;
  readonly #root: Name;
  readonly #types: readonly number[];
  readonly #links: LinkFilter;
  readonly #listener: Listener;
  readonly #isElsewhere: (name: Name) => boolean;
  readonly #opened = new Map<string, Inquiry>();

  /** `isElsewhere`: which names that an alias leads to are not asked for on the links. */
  constructor(
    inquiries: Inquiries,
    question: {
      readonly name: Name;
      readonly types: readonly number[];
      readonly links: LinkFilter;
    },
    isElsewhere: (name: Name) => boolean,
    listener: Listener,
  ) {
    this.#inquiries = inquiries;
    this.#root = question.name;
    this.#types = question.types;
    this.#links = question.links;
    this.#isElsewhere = isElsewhere;
    this.#listener = listener;
  }

  get root(): Name {
    return this.#root;
  }

  /** When anything of any name was first heard of. */
  get heardAt(): Instant | undefined {
    return earliestOf([...this.#opened.values()].map(({ heardAt }) => heardAt));
  }

  get lastHeardAt(): Instant | undefined {
    return latestOf([...this.#opened.values()].map(({ lastHeardAt }) => lastHeardAt));
  }

  /** Follows the aliases known at `now`. */
  walk(now: Instant): Walk {
    const leaves: Inquiry[] = [];
    const elsewhere: Name[] = [];
    const aliases: Answer[] = [];
    const ahead: Name[] = [this.#root];
    const seen = new Set<string>();
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      if (seen.has(name.key) || seen.size >= CHAIN_MAX) continue;
      seen.add(name.key);
      if (!name.equals(this.#root) && (!isMulticastName(name) || this.#isElsewhere(name))) {
        elsewhere.push(name);
        continue;
      }
      const inquiry = this.#open(name, now);
      const found = this.#hasAnswers(inquiry, now) ? [] : inquiry.aliases(now);
      if (found.length === 0) leaves.push(inquiry);
      aliases.push(...found);
      ahead.push(...found.flatMap(targetOf));
    }
    return { leaves, elsewhere, aliases };
  }

  close(now: Instant): void {
    for (const inquiry of this.#opened.values()) {
      this.#inquiries.close(inquiry, this.#listener, now);
    }
    this.#opened.clear();
  }

  #open(name: Name, now: Instant): Inquiry {
    const known = this.#opened.get(name.key);
    if (known !== undefined) return known;
    const inquiry = this.#inquiries.open(name, this.#types, this.#links, this.#listener, now);
    this.#opened.set(name.key, inquiry);
    return inquiry;
  }

  #hasAnswers(inquiry: Inquiry, now: Instant): boolean {
    return this.#types.some((type) => inquiry.answers(type, now).length > 0);
  }
}

/** The walk as aliases that lead to others; undefined: they do not, or to a bare label. */
export function aliasOutcome(
  root: Name,
  { elsewhere, aliases }: Walk,
  own: OwnAnswers,
  now: Instant,
): AliasOutcome | undefined {
  const outcome = aliasOf(
    root,
    aliases.map((answer) => foundRecord(answer, now)),
  );
  if (outcome === undefined) return undefined;
  const { target } = outcome;
  const isFollowed = target.labelCount > 1 || own.isOwnName(target);
  return isFollowed && elsewhere.some((name) => name.equals(target)) ? outcome : undefined;
}

function targetOf({ record }: Answer): Name[] {
  return record.data.kind === "CNAME" ? [record.data.name] : [];
}

export function earliestOf(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : (Math.min(...known) as Instant);
}

export function latestOf(instants: readonly (Instant | undefined)[]): Instant | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : (Math.max(...known) as Instant);
}
