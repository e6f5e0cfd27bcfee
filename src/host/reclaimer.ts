/**
 * Tries to take the original name back after a rename: the first time after a minute, then at
 * intervals that double up to an hour. The present name stays published meanwhile.
 *
 * Theory of operation: an attempt registers address records under the original name on every link of
 * the plan, which probes for it (RFC 6762 §8.1). Won on all of them, the registrations are handed
 * over and the present name is given up; lost on one, all are withdrawn.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Link, LinkFilter, LinkId } from "../core/link.ts";
import type { RenamePlan } from "../core/rename-plan.ts";
import { after, type Instant } from "../core/time.ts";
import type { RegistrationId, Rival } from "../mdns/types.ts";
import { Name } from "../wire/name.ts";
import type { HostContext, Task } from "./host-context.ts";
import { addressRecords, publishedAddresses } from "./host-records.ts";
import { Publication, type PublicationOwner } from "./publication.ts";

/** A registration of the original name that was won. */
export interface Winning {
  readonly link: Link;
  readonly registration: RegistrationId;
}

type Progress =
  | { readonly state: "idle" }
  | { readonly state: "scheduled"; readonly deadline: Deadline<Task> }
  | { readonly state: "trying"; readonly publication: Publication };

export class Reclaimer implements PublicationOwner {
  readonly #context: HostContext;
  readonly #plan: RenamePlan<Rival>;
  readonly #links: LinkFilter;
  readonly #onWon: (winnings: readonly Winning[], now: Instant) => void;
  #progress: Progress = { state: "idle" };

  constructor(
    context: HostContext,
    plan: RenamePlan<Rival>,
    links: LinkFilter,
    onWon: (winnings: readonly Winning[], now: Instant) => void,
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#links = links;
    this.#onWon = onWon;
  }

  /** When the next attempt begins; undefined: none is scheduled. */
  get nextAttempt(): Instant | undefined {
    return this.#progress.state === "scheduled" ? this.#progress.deadline.at : undefined;
  }

  /** Schedules an attempt where one is called for, and follows the links during one. */
  refresh(now: Instant): void {
    if (this.#plan.isOriginal || !this.#context.settings.reclaim) {
      this.stop(now);
    } else if (this.#progress.state === "idle") {
      this.#schedule(now);
    } else if (this.#progress.state === "trying") {
      this.#progress.publication.refresh(now);
      this.#winIfRegistered(this.#progress.publication, now);
    }
  }

  stop(now: Instant): void {
    const progress = this.#progress;
    this.#progress = { state: "idle" };
    if (progress.state === "scheduled") this.#context.cancel(progress.deadline);
    if (progress.state === "trying") progress.publication.withdraw(now);
  }

  handleRegistered(_link: LinkId, now: Instant): void {
    if (this.#progress.state === "trying") this.#winIfRegistered(this.#progress.publication, now);
  }

  handleConflicted(_link: LinkId, _name: Name, rival: Rival, now: Instant): void {
    this.stop(now);
    this.#plan.missOriginal(rival);
    this.refresh(now);
  }

  /** Another responder of this host has the original name: then it is this host's all the same. */
  handleCession(): void {}

  #schedule(now: Instant): void {
    const at = after(now, this.#plan.reclaimInterval);
    const deadline = this.#context.schedule(at, { run: (then) => this.#try(then) });
    this.#progress = { state: "scheduled", deadline };
  }

  #try(now: Instant): void {
    const publication = new Publication(
      this.#context,
      { links: this.#links, recordsAt: ({ link }) => this.#recordsOn(link) },
      this,
    );
    this.#progress = { state: "trying", publication };
    publication.refresh(now);
  }

  #recordsOn(id: LinkId): ReturnType<typeof addressRecords> {
    const { links, settings } = this.#context;
    const addresses = publishedAddresses(links.get(id)!, settings);
    return addressRecords(
      Name.LOCAL.prepend(this.#plan.original),
      addresses,
      settings.hostTtl,
      "cedable",
    );
  }

  #winIfRegistered(publication: Publication, now: Instant): void {
    if (!publication.isRegistered) return;
    this.#progress = { state: "idle" };
    const winnings: Winning[] = [];
    for (const link of this.#context.links.values()) {
      const registration = publication.release(link.id);
      if (registration !== undefined) winnings.push({ link, registration });
    }
    this.#onWon(winnings, now);
  }
}
