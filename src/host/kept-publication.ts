/**
 * A publication whose name is fixed: an alias, a further host, records given as they are. When the
 * name is somebody else's on a link it is not renamed but tried for again there, first after a
 * minute, then at intervals that double up to an hour.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { LinkId } from "../core/link.ts";
import { nextReclaimInterval, RECLAIM_INTERVAL_FIRST } from "../core/rename-plan.ts";
import { after, type Duration, type Instant } from "../core/time.ts";
import type { Rival } from "../mdns/types.ts";
import type { Name } from "../wire/name.ts";
import type { HostContext, Task } from "./host-context.ts";
import { Publication, type PublicationOwner, type PublicationSpec } from "./publication.ts";
import type { PublicationId } from "./types.ts";

interface Retry {
  readonly deadline: Deadline<Task>;
  readonly interval: Duration;
}

export class KeptPublication implements PublicationOwner {
  readonly id: PublicationId;
  /** What it is called in events and in `status`. */
  readonly name: Name;
  readonly publication: Publication;
  readonly #context: HostContext;
  /** Of links where the name was lost and has not been won since. */
  readonly #retries = new Map<LinkId, Retry>();

  constructor(context: HostContext, id: PublicationId, name: Name, spec: PublicationSpec) {
    this.#context = context;
    this.id = id;
    this.name = name;
    this.publication = new Publication(context, spec, this);
  }

  refresh(now: Instant): void {
    for (const link of this.#retries.keys()) {
      if (!this.#context.links.has(link)) this.#forgetRetry(link);
    }
    this.publication.refresh(now);
  }

  withdraw(now: Instant): void {
    for (const link of this.#retries.keys()) this.#forgetRetry(link);
    this.publication.withdraw(now);
  }

  /** When the name is tried for again on the link, where it was lost. */
  retryAt(link: LinkId): Instant | undefined {
    return this.#retries.get(link)?.deadline.at;
  }

  handleRegistered(link: LinkId): void {
    this.#forgetRetry(link);
    const { id, name } = this;
    this.#context.emit({ kind: "publication-registered", publication: id, name, link });
  }

  handleConflicted(link: LinkId, name: Name, rival: Rival, now: Instant): void {
    const interval = this.#nextInterval(link);
    this.#forgetRetry(link);
    const retryAt = after(now, interval);
    const deadline = this.#context.schedule(retryAt, {
      run: (then) => this.publication.retry(link, then),
    });
    this.#retries.set(link, { deadline, interval });
    const { id: publication } = this;
    this.#context.emit({ kind: "publication-conflicted", publication, name, link, rival, retryAt });
  }

  handleCession(change: "ceded" | "reclaimed", link: LinkId, name: Name): void {
    this.#context.emit({ kind: change === "ceded" ? "ceded" : "unceded", link, name });
  }

  #nextInterval(link: LinkId): Duration {
    const previous = this.#retries.get(link)?.interval;
    return previous === undefined ? RECLAIM_INTERVAL_FIRST : nextReclaimInterval(previous);
  }

  #forgetRetry(link: LinkId): void {
    this.#context.cancel(this.#retries.get(link)?.deadline);
    this.#retries.delete(link);
  }
}
