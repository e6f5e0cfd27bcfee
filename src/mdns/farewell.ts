/**
 * Goodbyes (RFC 6762 §10.1): records that are taken back go out once more with a TTL of zero.
 *
 * They wait for the end of the instant, so that those of several commands share packets, and so
 * that a record that is published again within it is not taken back.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import type { Instant } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import type { LinkContext, Task } from "./link-context.ts";
import { byReach, groupsOf, type Reach, without } from "./reach.ts";
import type { Registry } from "./registry.ts";
import { responseMessage } from "./response-message.ts";

export interface Goodbye {
  readonly record: ResourceRecord;
  /** Where it is no longer published. */
  readonly reach: Reach;
}

export class Farewell implements Task {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  #goodbyes: Goodbye[] = [];
  #deadline: Deadline<Task> | undefined;

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
  }

  add(goodbyes: readonly Goodbye[], now: Instant): void {
    if (goodbyes.length === 0) return;
    this.#goodbyes.push(...goodbyes);
    this.#deadline ??= this.#context.schedule(now, this);
  }

  run(now: Instant): void {
    this.#context.cancel(this.#deadline);
    this.#deadline = undefined;
    const due = this.#goodbyes.map(({ record, reach }) => ({
      record: { ...record, ttl: 0 },
      reach: without(reach, this.#reachOf(record)),
    }));
    this.#goodbyes = [];
    for (const [reach, gone] of byReach(due)) {
      const message = responseMessage(gone.map(({ record }) => record));
      this.#context.send(message, groupsOf(reach), "goodbyes-sent", now);
    }
  }

  clear(): void {
    this.#context.cancel(this.#deadline);
    this.#deadline = undefined;
    this.#goodbyes = [];
  }

  /** Where the record is published now. */
  #reachOf(record: ResourceRecord): Reach | undefined {
    return this.#registry.findRecord(record)?.reach;
  }
}
