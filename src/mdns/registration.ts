/** One registration on one link: its records, what has become of it, and what its owner is told. */

import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { OwnedName, OwnRecord } from "./own-records.ts";
import type { MdnsEvent, RegistrationId, RegistrationState } from "./types.ts";

export class Registration {
  readonly id: RegistrationId;
  records: ReadonlySet<OwnRecord> = new Set();
  /** Lost ties and contested names since all names were last won. */
  conflicts = 0;
  #state: RegistrationState = { state: "probing", conflicts: 0 };
  #released: ReadonlySet<OwnRecord> = new Set();
  readonly #ceded = new Set<OwnedName>();

  constructor(id: RegistrationId) {
    this.id = id;
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /**
   * Whether a record that needs no proof itself may be published: all unique names were won once
   * since the registration has it, so no browser is told of a name that is about to change.
   */
  releases(own: OwnRecord): boolean {
    return this.#released.has(own);
  }

  get isConflicted(): boolean {
    return this.#state.state === "conflicted";
  }

  /** The names that it must win. */
  get uniqueNames(): ReadonlySet<OwnedName> {
    const names = new Set<OwnedName>();
    for (const { set } of this.records) if (set.ownership === "unique") names.add(set.owner);
    return names;
  }

  /** Names left to another responder of this host, as the owner knows it. */
  get ceded(): ReadonlySet<OwnedName> {
    return this.#ceded;
  }

  /** RFC 6762 §8: forgets what was won, after the link was away. */
  restart(): void {
    this.#state = { state: "probing", conflicts: 0 };
    this.#released = new Set();
    this.conflicts = 0;
  }

  /** Brings the state in line with the names' claims; returns what the owner is to be told. */
  settle(link: LinkId, now: Instant): readonly MdnsEvent[] {
    const names = [...this.uniqueNames];
    const events = this.#settleCessions(names, link);
    for (const { name, claim } of names) {
      if (claim.state !== "lost") continue;
      if (this.isConflicted) return events;
      const { rival } = claim;
      this.#state = { state: "conflicted", name, rival };
      this.#released = new Set();
      return [...events, { kind: "conflicted", registration: this.id, link, name, rival }];
    }
    if (names.some(isUndecided)) {
      this.#state = { state: "probing", conflicts: this.conflicts };
      return events;
    }
    this.#released = this.records;
    if (this.#state.state === "registered") return events;
    this.#state = { state: "registered", since: now };
    this.conflicts = 0;
    return [...events, { kind: "registered", registration: this.id, link }];
  }

  #settleCessions(names: readonly OwnedName[], link: LinkId): readonly MdnsEvent[] {
    const events: MdnsEvent[] = [];
    for (const owner of this.#ceded) if (!names.includes(owner)) this.#ceded.delete(owner);
    for (const owner of names) {
      const { name, claim } = owner;
      if (claim.state === "ceded" && !this.#ceded.has(owner) && this.#hasCedableAt(owner)) {
        this.#ceded.add(owner);
        events.push({ kind: "ceded", registration: this.id, link, name });
      }
      if (claim.state === "established" && this.#ceded.delete(owner)) {
        events.push({ kind: "reclaimed", registration: this.id, link, name });
      }
    }
    return events;
  }

  #hasCedableAt(owner: OwnedName): boolean {
    for (const { set, cedable } of this.records) if (cedable && set.owner === owner) return true;
    return false;
  }
}

/** While a ceded name is claimed back, whoever uses it goes on. */
function isUndecided({ claim }: OwnedName): boolean {
  return claim.state === "unclaimed" || (claim.state === "probing" && !claim.reclaiming);
}
