/** One look-up of a service instance: a watch that ends with its first resolution, or in time. */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant } from "../core/time.ts";
import { OTHER_LINKS_WAIT } from "./constants.ts";
import type { DnssdContext, Task } from "./dnssd-context.ts";
import { InstanceWatch, type WatchOwner } from "./instance-watch.ts";
import type { InstanceLookupSpec, InstanceOutcome } from "./types.ts";

export class InstanceLookup implements WatchOwner {
  readonly #context: DnssdContext;
  readonly #onDone: (outcome: InstanceOutcome, now: Instant) => void;
  readonly #watch: InstanceWatch;
  readonly #end: Deadline<Task>;
  #settling: Deadline<Task> | undefined;

  constructor(
    context: DnssdContext,
    { name, links, timeout }: InstanceLookupSpec,
    onDone: (outcome: InstanceOutcome, now: Instant) => void,
    now: Instant,
  ) {
    this.#context = context;
    this.#onDone = onDone;
    this.#watch = new InstanceWatch(context, { name, links }, this, now);
    this.#end = context.schedule(after(now, timeout), { run: (then) => this.#finish(then) });
  }

  handleResolved(_resolution: unknown, now: Instant): void {
    const at = after(now, OTHER_LINKS_WAIT);
    this.#settling ??= this.#context.schedule(at, { run: (then) => this.#finish(then) });
  }

  /** Should it come back in time, so much the better. */
  handleUnresolved(): void {}

  handleDenied(now: Instant): void {
    this.stop(now);
    this.#onDone({ kind: "no-data" }, now);
  }

  stop(now: Instant): void {
    this.#context.cancel(this.#end);
    this.#context.cancel(this.#settling);
    this.#watch.stop(now);
  }

  #finish(now: Instant): void {
    const { resolutions } = this.#watch;
    // RFC 6762 §10.4: whoever lists the instance still may be mistaken.
    if (resolutions.length === 0) this.#watch.reconfirm(now);
    this.stop(now);
    this.#onDone(
      resolutions.length > 0 ? { kind: "resolved", resolutions } : { kind: "no-such-name" },
      now,
    );
  }
}
