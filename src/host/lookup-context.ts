/** What look-ups of every kind have in common. */

import type { LinkFilter } from "../core/link.ts";
import { between, type Instant } from "../core/time.ts";
import type { Answer } from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import type { Absences } from "./absences.ts";
import { chainFrom } from "./alias-lookup.ts";
import type { HostContext } from "./host-context.ts";
import type { Inquiries } from "./inquiry.ts";
import type { OwnAnswers } from "./own-answers.ts";
import type { Found, FoundRecord, LookupFailure, LookupOutcome } from "./types.ts";

/** A look-up of one kind. */
export interface Lookup {
  /** Called once, and may finish at once with what is known already. */
  begin(now: Instant): void;
  /** Gives up; no outcome follows. */
  cancel(now: Instant): void;
}

/** What every look-up works with. */
export interface LookupContext {
  readonly host: HostContext;
  readonly inquiries: Inquiries;
  readonly absences: Absences;
  readonly own: OwnAnswers;
}

/** Aliases that lead to a name that another protocol, or this host, has to answer for. */
export interface AliasOutcome {
  readonly kind: "alias";
  /** At least one CNAME record, in the order in which they lead on. */
  readonly aliases: readonly FoundRecord[];
  readonly target: Name;
}

/** What was found as aliases of the name; undefined: it is none. */
export function aliasOf(name: Name, found: readonly FoundRecord[]): AliasOutcome | undefined {
  const records = found.map(({ record }) => record);
  const { end, aliases } = chainFrom(name, records);
  if (aliases.length === 0) return undefined;
  return {
    kind: "alias",
    aliases: aliases.map((one) => found[records.indexOf(one)]!),
    target: end,
  };
}

/** What one protocol, or several together, have to say. */
export type StepOutcome = LookupOutcome | AliasOutcome;

/** Called once, when the look-up has an outcome. */
export type Finish = (outcome: StepOutcome) => void;

/** How long a look-up may take, and what silence until then means. */
export interface TimeLimit {
  readonly at: Instant;
  /**
   * - `full`: nobody has the name.
   * - `shared`: nobody seems to have it, and others are asked too.
   * - `short`: the caller was in more of a hurry.
   */
  readonly extent: "full" | "shared" | "short";
}

/** How many links the filter chooses now. */
export function chosenLinkCount({ links }: HostContext, filter: LinkFilter): number {
  if (filter === "all") return links.size;
  return [...links.values()].filter(filter).length;
}

/** What silence until the limit comes to. */
export function silence({ extent }: TimeLimit): LookupFailure {
  return { kind: extent === "short" ? "timed-out" : "no-such-name" };
}

export function foundRecord(answer: Answer, now: Instant): FoundRecord {
  const found = foundAt(answer, now);
  return { ...found, record: { ...answer.record, ttl: found.ttl } };
}

/** Where an answer was found, and the seconds it is good for. */
export function foundAt(answer: Answer, now: Instant): Found {
  const { record, link, own, source, expires } = answer;
  const ttl = own ? record.ttl : Math.max(Math.ceil(between(now, expires) / 1000), 0);
  return { link, ttl, protocol: own ? "local" : "mdns", source };
}
