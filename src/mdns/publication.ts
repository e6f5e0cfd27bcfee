/**
 * Which of the records are published, and what peers and our own querier hear when that changes: an
 * announcement (RFC 6762 §8.3, §8.4), a goodbye (§10.1), or nothing.
 */

import type { Instant } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { Announcer } from "./announcer.ts";
import { Farewell, type Goodbye } from "./farewell.ts";
import type { LinkContext } from "./link-context.ts";
import type { OwnedName, OwnRecord, OwnSet } from "./own-records.ts";
import { type Reach, unionOf, without } from "./reach.ts";
import type { Registry } from "./registry.ts";

/**
 * How records go: with a goodbye; or silently, where a goodbye would hurt whoever has the name now
 * (its cache-flush bit would take the other's records from caches too).
 */
export type Parting = "goodbye" | "silent";

export class Publication {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  readonly #announcer: Announcer;
  readonly #farewell: Farewell;

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
    this.#announcer = new Announcer(context);
    this.#farewell = new Farewell(context, registry);
  }

  /** Publishes those of the records that may be and are not, and takes back those that may not. */
  refresh(records: Iterable<OwnRecord>, parting: Parting, now: Instant): void {
    const added: OwnRecord[] = [];
    const removed: OwnRecord[] = [];
    const changed = new Set<OwnSet>();
    const news = new Set<OwnSet>();
    for (const own of records) {
      const reach = this.#reachFor(own);
      if (reach === own.reach) continue;
      if (!own.published) added.push(own);
      else if (reach === undefined) removed.push(own);
      if (!isNarrower(reach, own.reach)) news.add(own.set);
      own.reach = reach;
      changed.add(own.set);
    }
    if (changed.size === 0) return;
    const goodbyes = [...changed].flatMap(settle);
    if (parting === "goodbye") this.#farewell.add(goodbyes, now);
    for (const set of news) this.#tell(set, now);
    this.#context.ownRecordsChanged(recordsOf(added), recordsOf(removed), now);
  }

  /** RFC 6762 §8.4: sends the sets' records again, as after a change. */
  announce(sets: Iterable<OwnSet>, now: Instant): void {
    for (const set of sets) if (set.published.length > 0) this.#announcer.announce(set, now);
  }

  /** RFC 6762 §10.1: goodbyes for everything, without waiting for the end of the instant. */
  sayGoodbye(now: Instant): void {
    this.#announcer.clear();
    this.#farewell.run(now);
  }

  #tell(set: OwnSet, now: Instant): void {
    if (set.published.length > 0) this.#announcer.announce(set, now);
    else this.#announcer.forget(set);
  }

  /** Where the record may be published, which is wherever one of its users wants it. */
  #reachFor(own: OwnRecord): Reach | undefined {
    const isUnique = own.set.ownership === "unique";
    if (!(isUnique ? isOurs(own) : !this.#isLeft(own))) return undefined;
    const reaches: Reach[] = [];
    for (const [user, reach] of own.users) {
      if (!user.isConflicted && (isUnique || user.releases(own))) reaches.push(reach);
    }
    return unionOf(reaches);
  }

  #isLeft({ cedable, subject }: OwnRecord): boolean {
    return cedable && isCeded(this.#registry.find(subject));
  }
}

/** Whether another responder of this host has the name, or had it when we last heard of it. */
function isCeded(name: OwnedName | undefined): boolean {
  const claim = name?.claim;
  return claim?.state === "ceded" || (claim?.state === "probing" && claim.reclaiming);
}

/** Whether the record goes on with less than before, so that only a goodbye tells of the change. */
function isNarrower(reach: Reach | undefined, before: Reach | undefined): boolean {
  return reach !== undefined && without(reach, before) === undefined;
}

/** Whether the name of a unique record was won, or is another's whom this record does not hinder. */
function isOurs({ set: { owner }, cedable }: OwnRecord): boolean {
  return owner.claim.state === "established" || (isCeded(owner) && !cedable);
}

/**
 * Brings the set in line with its members, and returns the goodbyes to what was published of it.
 * RFC 6762 §8.4: what remains of a unique set says by its cache-flush bit that the rest has gone,
 * which is heard only where it still goes. What was never sent needs no goodbye.
 */
function settle(set: OwnSet): readonly Goodbye[] {
  const { published, reach } = set;
  set.refresh();
  set.owner.negative = undefined;
  const left = reach && without(reach, set.reach);
  if (left === undefined || !set.wasMulticast) return [];
  return published.map((record) => ({ record, reach: left }));
}

function recordsOf(records: readonly OwnRecord[]): readonly ResourceRecord[] {
  return records.map((own) => own.record);
}
