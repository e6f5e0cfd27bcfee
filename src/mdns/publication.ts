/**
 * Which of the records are published, and what peers and our own querier hear when that changes: an
 * announcement (RFC 6762 §8.3, §8.4), a goodbye (§10.1), or nothing.
 */

import type { Instant } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { Announcer } from "./announcer.ts";
import { Farewell } from "./farewell.ts";
import type { LinkContext } from "./link-context.ts";
import type { OwnedName, OwnRecord, OwnSet } from "./own-records.ts";
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
    for (const own of records) {
      const publish = this.#mayBePublished(own);
      if (publish === own.published) continue;
      own.published = publish;
      (publish ? added : removed).push(own);
    }
    if (added.length === 0 && removed.length === 0) return;
    const changed = new Set([...removed, ...added].map((own) => own.set));
    for (const set of changed) settle(set);
    if (parting === "goodbye") this.#farewell.add(goodbyesFor(removed), now);
    for (const set of changed) this.#tell(set, now);
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

  #mayBePublished(own: OwnRecord): boolean {
    const users = [...own.users].filter((user) => !user.isConflicted);
    if (users.length === 0) return false;
    const { claim } = own.set.owner;
    if (own.set.ownership === "unique") {
      return claim.state === "established" || (isCeded(own.set.owner) && !own.cedable);
    }
    if (own.cedable && isCeded(this.#registry.find(own.subject))) return false;
    return users.some((user) => user.releases(own));
  }
}

/** Whether another responder of this host has the name, or had it when we last heard of it. */
export function isCeded(name: OwnedName | undefined): boolean {
  const claim = name?.claim;
  return claim?.state === "ceded" || (claim?.state === "probing" && claim.reclaiming);
}

function settle(set: OwnSet): void {
  set.refresh();
  set.owner.negative = undefined;
}

/**
 * RFC 6762 §8.4: what remains of a unique set says by its cache-flush bit that the rest has gone.
 * What was never sent needs no goodbye.
 */
function goodbyesFor(removed: readonly OwnRecord[]): readonly ResourceRecord[] {
  const gone = removed.filter(({ set }) => {
    return set.wasMulticast && (set.isShared || set.published.length === 0);
  });
  return recordsOf(gone);
}

function recordsOf(records: readonly OwnRecord[]): readonly ResourceRecord[] {
  return records.map((own) => own.record);
}
