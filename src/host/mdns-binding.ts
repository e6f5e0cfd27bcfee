/**
 * The Multicast DNS engine as the parts of `host` use it: whoever registers records or asks a
 * question owns the id, and is told what happens to it.
 *
 * Events are handed out by `drain`, which the composed engine calls after every input, so owners are
 * never called in the middle of their own commands.
 */

import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { MdnsEngine } from "../mdns/engine.ts";
import type {
  Answer,
  MdnsEvent,
  QueryId,
  QuerySpec,
  RegistrationId,
  RegistrationSpec,
  RegistrationState,
} from "../mdns/types.ts";

export type RegistrationEvent = Extract<MdnsEvent, { readonly registration: RegistrationId }>;
export type QueryEvent = Extract<MdnsEvent, { readonly query: QueryId }>;

export interface RegistrationOwner {
  handleRegistrationEvent(event: RegistrationEvent, now: Instant): void;
}

export interface QueryOwner {
  handleQueryEvent(event: QueryEvent, now: Instant): void;
}

export class MdnsBinding {
  readonly #engine: MdnsEngine;
  readonly #registrations = new Map<RegistrationId, RegistrationOwner>();
  readonly #queries = new Map<QueryId, QueryOwner>();

  constructor(engine: MdnsEngine) {
    this.#engine = engine;
  }

  register(
    link: LinkId,
    spec: RegistrationSpec,
    owner: RegistrationOwner,
    now: Instant,
  ): RegistrationId {
    const id = this.#engine.register(link, spec, now);
    this.#registrations.set(id, owner);
    return id;
  }

  update(id: RegistrationId, spec: RegistrationSpec, now: Instant): void {
    this.#engine.update(id, spec, now);
  }

  withdraw(id: RegistrationId, now: Instant): void {
    this.#registrations.delete(id);
    this.#engine.withdraw(id, now);
  }

  /** The registration died with its link. */
  forget(id: RegistrationId): void {
    this.#registrations.delete(id);
  }

  /** Another owner is told of the registration from now on. */
  reassign(id: RegistrationId, owner: RegistrationOwner): void {
    this.#registrations.set(id, owner);
  }

  registrationState(id: RegistrationId): RegistrationState | undefined {
    return this.#engine.registrationState(id);
  }

  startQuery(spec: QuerySpec, owner: QueryOwner, now: Instant): QueryId {
    const id = this.#engine.startQuery(spec, now);
    this.#queries.set(id, owner);
    return id;
  }

  stopQuery(id: QueryId, now: Instant): void {
    this.#queries.delete(id);
    this.#engine.stopQuery(id, now);
  }

  answers(id: QueryId, now: Instant): readonly Answer[] {
    return this.#engine.answers(id, now);
  }

  isNegative(id: QueryId, now: Instant): boolean {
    return this.#engine.isNegative(id, now);
  }

  /** Hands every event to its owner; those of ids given up in the meantime are dropped. */
  drain(now: Instant): void {
    for (let event = this.#engine.pollEvent(); event; event = this.#engine.pollEvent()) {
      if ("registration" in event) {
        this.#registrations.get(event.registration)?.handleRegistrationEvent(event, now);
      } else {
        this.#queries.get(event.query)?.handleQueryEvent(event, now);
      }
    }
  }
}
