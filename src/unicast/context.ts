/** What the engine gives its parts: settings, randomness, counters, and a place to schedule. */

import type { Counters } from "../core/counters.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import type { Random } from "../core/random.ts";
import type { Instant } from "../core/time.ts";
import type { DnsCounter, DnsSettings } from "./types.ts";

/** Something to do later; kept in the engine's one deadline queue. */
export interface Task {
  run(now: Instant): void;
}

export interface DnsContext {
  readonly settings: DnsSettings;
  readonly random: Random;
  readonly counters: Counters<DnsCounter>;
  schedule(at: Instant, task: Task): Deadline<Task>;
  cancel(deadline: Deadline<Task> | undefined): void;
}
