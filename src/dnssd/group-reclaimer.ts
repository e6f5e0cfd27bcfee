/**
 * Tries to take a group's original name back after a rename: the first time after a minute, then at
 * intervals that double up to an hour. The present name stays published meanwhile.
 *
 * Theory of operation: an attempt registers the SRV records of the group under the original name,
 * which probes for them (RFC 6762 §8.1). Won on every link, the group moves to the name while the
 * attempt still holds it, so nothing is probed for twice; lost on one, the attempt is withdrawn.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { LinkId } from "../core/link.ts";
import { after, type Instant } from "../core/time.ts";
import type { DnssdContext, Task } from "./dnssd-context.ts";
import type { SetOwner } from "./record-binding.ts";
import type { RecordRival, RecordSetId } from "./record-port.ts";
import type { ServiceGroup } from "./service-group.ts";
import { srvRecord } from "./service-records.ts";

type Progress =
  | { readonly state: "idle" }
  | { readonly state: "scheduled"; readonly deadline: Deadline<Task> }
  | { readonly state: "trying"; readonly set: RecordSetId };

export class GroupReclaimer implements SetOwner {
  readonly #context: DnssdContext;
  readonly #group: ServiceGroup;
  #progress: Progress = { state: "idle" };

  constructor(context: DnssdContext, group: ServiceGroup) {
    this.#context = context;
    this.#group = group;
  }

  /** When the next attempt begins; undefined: none is scheduled. */
  get nextAttempt(): Instant | undefined {
    return this.#progress.state === "scheduled" ? this.#progress.deadline.at : undefined;
  }

  /** Schedules an attempt where one is called for. */
  refresh(now: Instant): void {
    if (this.#group.plan.isOriginal || !this.#context.settings.reclaim) this.stop(now);
    else if (this.#progress.state === "idle") this.#schedule(now);
    else if (this.#progress.state === "trying") this.#winIfRegistered(this.#progress.set, now);
  }

  /** The group's services have changed: an attempt under way would claim what is no longer meant. */
  restart(now: Instant): void {
    if (this.#progress.state === "trying") this.stop(now);
    this.refresh(now);
  }

  stop(now: Instant): void {
    const progress = this.#progress;
    this.#progress = { state: "idle" };
    if (progress.state === "scheduled") this.#context.cancel(progress.deadline);
    if (progress.state === "trying") this.#context.records.withdrawSet(progress.set, now);
  }

  handleRegistered(_link: LinkId, now: Instant): void {
    if (this.#progress.state === "trying") this.#winIfRegistered(this.#progress.set, now);
  }

  handleConflicted(_link: LinkId, rival: RecordRival, now: Instant): void {
    this.#miss(rival, now);
  }

  #schedule(now: Instant): void {
    const at = after(now, this.#group.plan.reclaimInterval);
    const deadline = this.#context.schedule(at, { run: (then) => this.#try(then) });
    this.#progress = { state: "scheduled", deadline };
  }

  #try(now: Instant): void {
    const group = this.#group;
    const { original } = group.plan;
    this.#progress = { state: "idle" };
    if (group.isTakenHere(original)) {
      this.#miss(undefined, now);
      return;
    }
    const set = this.#context.records.registerSet(
      {
        links: (link) => group.isOfferedOn(link),
        recordsAt: ({ link, hostName }) =>
          group.servicesOn(link).map((service) => srvRecord(original, service, hostName)),
      },
      this,
      now,
    );
    this.#progress = { state: "trying", set };
  }

  #miss(rival: RecordRival | undefined, now: Instant): void {
    this.stop(now);
    this.#group.plan.missOriginal(rival);
    this.refresh(now);
  }

  #winIfRegistered(set: RecordSetId, now: Instant): void {
    const states = [...this.#context.records.port.setStates(set).values()];
    const claimed = states.filter(({ state }) => state !== "held");
    if (claimed.length === 0 || claimed.some(({ state }) => state !== "registered")) return;
    if (this.#group.isTakenHere(this.#group.plan.original)) {
      this.#miss(undefined, now);
      return;
    }
    this.#group.takeOriginal(now);
    this.stop(now);
  }
}
