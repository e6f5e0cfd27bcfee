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
import type { Registry } from "./registry.ts";
import { responseMessage } from "./response-message.ts";

export class Farewell implements Task {
  readonly #context: LinkContext;
  readonly #registry: Registry;
  #records: ResourceRecord[] = [];
  #deadline: Deadline<Task> | undefined;

  constructor(context: LinkContext, registry: Registry) {
    this.#context = context;
    this.#registry = registry;
  }

  add(records: readonly ResourceRecord[], now: Instant): void {
    if (records.length === 0) return;
    this.#records.push(...records);
    this.#deadline ??= this.#context.schedule(now, this);
  }

  run(now: Instant): void {
    this.#context.cancel(this.#deadline);
    this.#deadline = undefined;
    const gone = this.#records.filter((record) => !this.#isPublished(record));
    this.#records = [];
    if (gone.length === 0) return;
    const goodbyes = gone.map((record) => ({ ...record, ttl: 0 }));
    this.#context.send(responseMessage(goodbyes), "groups", "goodbyes-sent", now);
  }

  clear(): void {
    this.#context.cancel(this.#deadline);
    this.#deadline = undefined;
    this.#records = [];
  }

  #isPublished(record: ResourceRecord): boolean {
    return this.#registry.findRecord(record)?.published === true;
  }
}
