/**
 * What clients of the control API publish. A registration lasts as long as the connection that it
 * was made on, so that a client that crashes leaves nothing behind; one made with `lasting` answers
 * at once and stays until it is deleted or the daemon ends.
 */

import { DotlocalError } from "../../core/errors.ts";
import type {
  Publication,
  PublicationEvent,
  PublishedGroup,
  ServiceDirectory,
} from "../../runtime/services.ts";
import type { Registered } from "./service-body.ts";

/** Registrations in all, and of each user. */
const REGISTRATIONS_MAX = 2048;
const REGISTRATIONS_OF_USER_MAX = 1024;

/** The user behind a client; undefined where it cannot be told. */
export type User = number | undefined;

export interface RegistrationState {
  readonly id: string;
  /** What it is called now. */
  readonly name: string;
  readonly lasting: boolean;
  /** What was last heard of it; null: it is being probed for. */
  readonly last: PublicationEvent | null;
}

interface Entry {
  readonly publication: Publication;
  readonly user: User;
  readonly isLasting: boolean;
  last: PublicationEvent | null;
}

/** A line of the stream that a registration is. */
export type RegistrationLine =
  | { readonly event: "accepted"; readonly id: string; readonly name: string }
  | PublicationEvent;

export class Registrations {
  readonly #directory: ServiceDirectory;
  readonly #entries = new Map<string, Entry>();

  constructor(directory: ServiceDirectory) {
    this.#directory = directory;
  }

  /** Published until the signal is aborted: its lines, the first of them at once. */
  async open(
    registered: Registered,
    user: User,
    signal: AbortSignal,
  ): Promise<AsyncIterable<RegistrationLine>> {
    const entry = await this.#publish(registered, { user, isLasting: false }, signal);
    return this.#lines(entry);
  }

  /** Published until it is deleted. */
  async openLasting(registered: Registered, user: User): Promise<RegistrationState> {
    const entry = await this.#publish(registered, { user, isLasting: true }, undefined);
    void this.#follow(entry);
    return stateOf(entry);
  }

  list(): readonly RegistrationState[] {
    return Array.from(this.#entries.values(), stateOf);
  }

  /** @throws DotlocalError NOT_FOUND. */
  state(id: string): RegistrationState {
    return stateOf(this.#find(id));
  }

  /** @throws DotlocalError NOT_FOUND, NOT_PERMITTED, or as for publishing. */
  async update(id: string, group: PublishedGroup, user: User): Promise<RegistrationState> {
    const entry = this.#findOwn(id, user);
    await entry.publication.update(group);
    return stateOf(entry);
  }

  /** @throws DotlocalError NOT_FOUND, NOT_PERMITTED. */
  async close(id: string, user: User): Promise<void> {
    const { publication } = this.#findOwn(id, user);
    this.#entries.delete(id);
    await publication.close();
  }

  async #publish(
    registered: Registered,
    { user, isLasting }: Pick<Entry, "user" | "isLasting">,
    signal: AbortSignal | undefined,
  ): Promise<Entry> {
    this.#refuseBeyondLimits(user);
    const publication =
      registered.kind === "host"
        ? await this.#directory.publishHost(registered.host, signal)
        : await this.#directory.publish(registered.group, signal);
    const entry = { publication, user, isLasting, last: null };
    this.#entries.set(publication.id, entry);
    return entry;
  }

  #refuseBeyondLimits(user: User): void {
    const ofUser = [...this.#entries.values()].filter((entry) => entry.user === user).length;
    if (this.#entries.size < REGISTRATIONS_MAX && ofUser < REGISTRATIONS_OF_USER_MAX) return;
    throw new DotlocalError("LIMIT_REACHED", `${ofUser} registrations of yours are held already`);
  }

  async *#lines(entry: Entry): AsyncGenerator<RegistrationLine> {
    const { publication } = entry;
    try {
      yield { event: "accepted", id: publication.id, name: publication.name };
      for await (const event of publication.events) {
        entry.last = event;
        yield event;
      }
    } finally {
      this.#entries.delete(publication.id);
      await publication.close();
    }
  }

  async #follow(entry: Entry): Promise<void> {
    for await (const event of entry.publication.events) entry.last = event;
  }

  #find(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry;
    throw new DotlocalError("NOT_FOUND", `there is no registration ${id}`);
  }

  #findOwn(id: string, user: User): Entry {
    const entry = this.#find(id);
    const isOwn = user === undefined || user === 0 || user === entry.user;
    if (isOwn) return entry;
    throw new DotlocalError("NOT_PERMITTED", `the registration ${id} is another user's`);
  }
}

function stateOf({ publication, isLasting, last }: Entry): RegistrationState {
  return { id: publication.id, name: publication.name, lasting: isLasting, last };
}
