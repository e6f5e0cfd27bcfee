/** What the DNS-SD engine gives its parts: links, records, and a place to schedule. */

import type { Counters } from "../core/counters.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { RecordBinding } from "./record-binding.ts";
import type { DnssdCounter, DnssdEvent, DnssdSettings } from "./types.ts";

/** Something to do later; kept in the engine's deadline queue. */
export interface Task {
  run(now: Instant): void;
}

export interface DnssdContext {
  readonly settings: DnssdSettings;
  readonly links: ReadonlyMap<LinkId, Link>;
  readonly records: RecordBinding;
  readonly counters: Counters<DnssdCounter>;

  /** A task due at once runs when all that the present input brought has been handled. */
  schedule(at: Instant, task: Task): Deadline<Task>;
  cancel(deadline: Deadline<Task> | undefined): void;

  emit(event: DnssdEvent): void;
}
