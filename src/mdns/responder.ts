/**
 * The responder of one link (RFC 6762 §6 to §10): what is published, and all that follows from it.
 *
 * This file keeps the registrations and binds the mechanisms: `registry.ts` holds the records,
 * `claims.ts` proves unique names to be ours, `publication.ts` announces and takes back,
 * `query-responder.ts` answers, `peer-observer.ts` watches what others say. Which name to take after a
 * lost one is the host's decision, not made here.
 */

import type { Family } from "../core/ip-address.ts";
import type { Link } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { Claims } from "./claims.ts";
import type { LinkContext, Received } from "./link-context.ts";
import type { OwnedName, OwnRecord } from "./own-records.ts";
import { PeerObserver } from "./peer-observer.ts";
import { Publication } from "./publication.ts";
import { QueryResponder } from "./query-responder.ts";
import { Registration } from "./registration.ts";
import { Registry } from "./registry.ts";
import type { RegistrationId, RegistrationSpec, RegistrationState } from "./types.ts";

export interface RegistrationSnapshot {
  readonly id: RegistrationId;
  readonly state: RegistrationState;
  readonly records: readonly ResourceRecord[];
  /** Names left to another responder of this host. */
  readonly ceded: readonly Name[];
}

export interface ResponderSnapshot {
  readonly registrations: readonly RegistrationSnapshot[];
}

export class Responder {
  readonly #context: LinkContext;
  readonly #registry = new Registry();
  readonly #registrations = new Map<RegistrationId, Registration>();
  readonly #claims: Claims;
  readonly #publication: Publication;
  readonly #queries: QueryResponder;
  readonly #peers: PeerObserver;

  constructor(context: LinkContext) {
    this.#context = context;
    this.#publication = new Publication(context, this.#registry);
    this.#claims = new Claims(context, (names, change, now) => {
      this.#handleClaims(names, change, now);
    });
    this.#queries = new QueryResponder(context, this.#registry);
    const { scheduler } = this.#queries;
    this.#peers = new PeerObserver(context, this.#registry, this.#claims, scheduler);
  }

  register(id: RegistrationId, spec: RegistrationSpec, now: Instant): void {
    const registration = new Registration(id);
    this.#registrations.set(id, registration);
    this.#adopt(registration, spec, now);
  }

  /**
   * RFC 6762 §8.4: the whole new set. What stays the same is not sent again; a name that was not
   * ours yet, or that was lost, is probed for.
   */
  update(id: RegistrationId, spec: RegistrationSpec, now: Instant): void {
    const registration = this.#registrations.get(id);
    if (registration !== undefined) this.#adopt(registration, spec, now);
  }

  withdraw(id: RegistrationId, now: Instant): void {
    const registration = this.#registrations.get(id);
    if (registration === undefined) return;
    this.#registrations.delete(id);
    this.#replaceRecords(registration, new Set(), now);
  }

  state(id: RegistrationId): RegistrationState | undefined {
    return this.#registrations.get(id)?.state;
  }

  /** Whether a registration has this record, published at the moment or not. */
  publishes(record: ResourceRecord): boolean {
    return this.#registry.findRecord(record) !== undefined;
  }

  /** The published records of the name and type; `RecordType.ANY` for all. */
  ownRecords(name: Name, type: number): readonly ResourceRecord[] {
    const sets = this.#registry.find(name)?.publishedOfType(type) ?? [];
    return sets.flatMap((set) => set.published);
  }

  handleQuery(received: Received, now: Instant): void {
    this.#peers.handleProbe(received, now);
    this.#queries.handleQuery(received, now);
  }

  handleResponse(received: Received, now: Instant): void {
    this.#peers.handleResponse(received, now);
  }

  /**
   * Addresses reach us as updates of the registrations that publish them. A family that was not
   * there before has to hear of everything; and when nobody else holds our port any more, whoever
   * had our names has gone.
   */
  handleLinkChange(previous: Link, now: Instant): void {
    const { families, sharesPort } = this.#context.link;
    for (const family of families) {
      if (!previous.families.includes(family)) this.#announceOn(family, now);
    }
    if (previous.sharesPort && !sharesPort) this.#claims.reclaimAll(now);
  }

  /** RFC 6762 §8: connectivity may have changed, so everything is probed for and announced anew. */
  handleReset(now: Instant): void {
    this.#queries.clear();
    for (const registration of this.#registrations.values()) registration.restart();
    const names = [...this.#registry.names];
    const claimed = names.filter((name) => name.claim.state !== "unclaimed");
    this.#claims.restart(claimed, now);
    for (const name of names) this.#publication.refresh(name.records(), "silent", now);
    for (const registration of this.#registrations.values()) this.#settle(registration, now);
  }

  /** RFC 6762 §10.1: goodbyes for everything, at once; nothing is published after. */
  handleShutdown(now: Instant): void {
    for (const id of [...this.#registrations.keys()]) this.withdraw(id, now);
    this.#queries.clear();
    this.#publication.sayGoodbye(now);
  }

  snapshot(): ResponderSnapshot {
    const registrations = Array.from(this.#registrations.values(), (registration) => ({
      id: registration.id,
      state: registration.state,
      records: Array.from(registration.records, (own) => own.record),
      ceded: Array.from(registration.ceded, (owner) => owner.name),
    }));
    return { registrations };
  }

  #announceOn(family: Family, now: Instant): void {
    for (const { sets } of this.#registry.names) {
      const there = sets.filter((set) => set.reaches(family));
      this.#publication.announce(there, now);
    }
  }

  /** Gives the registration these records instead of those it has, and claims their names. */
  #adopt(registration: Registration, spec: RegistrationSpec, now: Instant): void {
    for (const own of registration.records) own.users.delete(registration);
    const records = spec.records.map((record) => this.#registry.use(record, registration));
    this.#replaceRecords(registration, new Set(records), now);
    for (const name of registration.uniqueNames) this.#claims.begin(name, now);
    this.#settle(registration, now);
  }

  #replaceRecords(registration: Registration, records: ReadonlySet<OwnRecord>, now: Instant): void {
    const dropped = [...registration.records].filter((own) => !records.has(own));
    registration.records = records;
    for (const own of dropped) this.#registry.release(own, registration);
    this.#publication.refresh([...dropped, ...records], "goodbye", now);
    for (const { set } of dropped) {
      if (set.owner.uniqueRecords.length === 0) this.#claims.drop(set.owner);
    }
  }

  /** Claims have moved: what is published changes, and so do the registrations that use them. */
  #handleClaims(names: readonly OwnedName[], change: "moved" | "set-back", now: Instant): void {
    const users = new Set(names.flatMap((name) => [...name.users]));
    if (change === "set-back") for (const user of users) user.conflicts++;
    const cedable = [...users].flatMap((user) => [...user.records].filter((own) => own.cedable));
    this.#publication.refresh(new Set([...names.flatMap(recordsOf), ...cedable]), "silent", now);
    for (const user of users) this.#settle(user, now);
  }

  /** Brings the registration's state in line with its names, and tells its owner. */
  #settle(registration: Registration, now: Instant): void {
    const link = this.#context.link.id;
    for (const event of registration.settle(link, now)) this.#context.emit(event);
    this.#publication.refresh(registration.records, "goodbye", now);
  }
}

function recordsOf(name: OwnedName): readonly OwnRecord[] {
  return [...name.records()];
}
