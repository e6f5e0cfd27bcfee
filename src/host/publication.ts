/**
 * One set of records on every link it is chosen for: the Multicast DNS engine registers on a link and
 * forgets with the link, and this registers again wherever a link comes, changes or comes back.
 *
 * Theory of operation: `refresh` compares what should be with what is. A link's records are worked
 * out anew when the link, the host's name there or the set itself has changed. After a conflict the
 * set stays silent on that link until its records no longer claim the lost name, or `retry`. What a
 * lost name is called next is its owner's business.
 */

import { isChosen, type Link, type LinkFilter, type LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Place } from "../dnssd/record-port.ts";
import type { PublishedRecord, RegistrationId, RegistrationState, Rival } from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import type { HostContext } from "./host-context.ts";
import type { RegistrationEvent } from "./mdns-binding.ts";

export interface PublicationSpec {
  readonly links: LinkFilter;
  /** Nothing is published on a link for which it gives no record. */
  readonly recordsAt: (place: Place) => readonly PublishedRecord[];
}

export interface PublicationOwner {
  handleRegistered(link: LinkId, now: Instant): void;
  handleConflicted(link: LinkId, name: Name, rival: Rival, now: Instant): void;
  handleCession(change: "ceded" | "reclaimed", link: LinkId, name: Name, now: Instant): void;
}

interface Entry {
  readonly registration: RegistrationId;
  link: Link;
  hostName: Name;
  spec: PublicationSpec;
  ceded: boolean;
}

export class Publication {
  readonly #context: HostContext;
  readonly #owner: PublicationOwner;
  readonly #entries = new Map<LinkId, Entry>();
  #spec: PublicationSpec;

  constructor(context: HostContext, spec: PublicationSpec, owner: PublicationOwner) {
    this.#context = context;
    this.#spec = spec;
    this.#owner = owner;
  }

  /** Publishes, changes and takes back until every link has what it should have. */
  refresh(now: Instant): void {
    const { links } = this.#context;
    for (const [id, entry] of this.#entries) {
      if (links.has(id)) continue;
      this.#context.mdns.forget(entry.registration);
      this.#entries.delete(id);
    }
    for (const link of links.values()) {
      if (this.#isWantedOn(link)) this.#publishOn(link, now);
      else this.#withdrawFrom(link.id, now);
    }
  }

  update(spec: PublicationSpec, now: Instant): void {
    this.#spec = spec;
    this.refresh(now);
  }

  /** Works the records out anew although neither links nor names have changed. */
  republish(now: Instant): void {
    this.update({ ...this.#spec }, now);
  }

  /** Takes the records back with goodbyes (RFC 6762 §10.1). */
  withdraw(now: Instant): void {
    for (const link of [...this.#entries.keys()]) this.#withdrawFrom(link, now);
  }

  /** Claims again what was lost on the link. */
  retry(link: LinkId, now: Instant): void {
    if (this.#stateOf(link)?.state === "conflicted") this.#withdrawFrom(link, now);
    this.refresh(now);
  }

  /** Gives the link's registration away, as it is. */
  release(link: LinkId): RegistrationId | undefined {
    const entry = this.#entries.get(link);
    this.#entries.delete(link);
    return entry?.registration;
  }

  /**
   * Goes on with a registration that another publication has won, in the place of its own; the next
   * `republish` gives it the records of this one.
   */
  adopt(link: Link, registration: RegistrationId, now: Instant): void {
    this.#withdrawFrom(link.id, now);
    const { hostName } = this.#context.placeOf(link);
    this.#entries.set(link.id, { registration, link, hostName, spec: this.#spec, ceded: false });
    this.#context.mdns.reassign(registration, this.#ownerOn(link.id));
  }

  /** The state on every link it is chosen for; undefined: nothing is published there. */
  get states(): ReadonlyMap<LinkId, RegistrationState | undefined> {
    const states = new Map<LinkId, RegistrationState | undefined>();
    for (const link of this.#context.links.values()) {
      if (isChosen(this.#spec.links, link)) states.set(link.id, this.#stateOf(link.id));
    }
    return states;
  }

  /** Whether another responder of this host answers for it on the link. */
  isCededOn(link: LinkId): boolean {
    return this.#entries.get(link)?.ceded ?? false;
  }

  /** Registered on at least one link, and on all where anything is published. */
  get isRegistered(): boolean {
    const links = [...this.#entries.keys()];
    return links.length > 0 && links.every((link) => this.#stateOf(link)?.state === "registered");
  }

  #isWantedOn(link: Link): boolean {
    return this.#context.settings.mdnsMode === "full" && isChosen(this.#spec.links, link);
  }

  #publishOn(link: Link, now: Instant): void {
    const place = this.#context.placeOf(link);
    const entry = this.#entries.get(link.id);
    if (entry !== undefined && this.#isCurrent(entry, link, place)) return;
    const records = this.#spec.recordsAt(place);
    if (records.length === 0) this.#withdrawFrom(link.id, now);
    else if (entry === undefined) this.#register(link, place, records, now);
    else this.#change(entry, link, place, records, now);
  }

  #isCurrent(entry: Entry, link: Link, place: Place): boolean {
    return (
      entry.link === link && entry.spec === this.#spec && entry.hostName.equals(place.hostName)
    );
  }

  #register(link: Link, place: Place, records: readonly PublishedRecord[], now: Instant): void {
    const owner = this.#ownerOn(link.id);
    const registration = this.#context.mdns.register(link.id, { records }, owner, now);
    const { hostName } = place;
    this.#entries.set(link.id, { registration, link, hostName, spec: this.#spec, ceded: false });
  }

  #change(
    entry: Entry,
    link: Link,
    place: Place,
    records: readonly PublishedRecord[],
    now: Instant,
  ): void {
    entry.link = link;
    entry.hostName = place.hostName;
    entry.spec = this.#spec;
    const state = this.#stateOf(link.id);
    const claimsLostName =
      state?.state === "conflicted" && records.some(({ name }) => name.equals(state.name));
    if (!claimsLostName) this.#context.mdns.update(entry.registration, { records }, now);
  }

  #withdrawFrom(link: LinkId, now: Instant): void {
    const entry = this.#entries.get(link);
    if (entry === undefined) return;
    this.#entries.delete(link);
    this.#context.mdns.withdraw(entry.registration, now);
  }

  #stateOf(link: LinkId): RegistrationState | undefined {
    const entry = this.#entries.get(link);
    return entry && this.#context.mdns.registrationState(entry.registration);
  }

  #ownerOn(link: LinkId): {
    handleRegistrationEvent(event: RegistrationEvent, now: Instant): void;
  } {
    return { handleRegistrationEvent: (event, now) => this.#handleEvent(link, event, now) };
  }

  /** Events that a later command has overtaken are not told. */
  #handleEvent(link: LinkId, event: RegistrationEvent, now: Instant): void {
    const entry = this.#entries.get(link);
    const state = this.#stateOf(link);
    if (entry?.registration !== event.registration || state === undefined) return;
    if (event.kind === "registered") {
      if (state.state === "registered") this.#owner.handleRegistered(link, now);
    } else if (event.kind === "conflicted") {
      if (state.state !== "conflicted") return;
      this.#owner.handleConflicted(link, event.name, event.rival, now);
    } else {
      entry.ceded = event.kind === "ceded";
      this.#owner.handleCession(event.kind, link, event.name, now);
    }
  }
}
