/**
 * Names that are left to another responder of this very host (RFC 6762 §15): it has the same right
 * to them as we, and fighting over them would rename the host. While it answers for a name we keep
 * silent; once it has gone, the name is claimed again.
 *
 * Theory of operation: whatever it says is noted. When it has said nothing for an interval, a plain
 * query is sent (not a probe: another instance of ours would cede the name to that in turn); when
 * that too stays unanswered, it is gone. Its goodbye, or the port being no longer shared, is taken
 * as its going at once, and the probes that follow find it should it be there after all.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, before, type Instant } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import { CEDED_CHECK_INTERVAL, CEDED_CHECK_WAIT, MULTICAST_INTERVAL_MIN } from "./constants.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { OwnedName } from "./own-records.ts";

export class Cession {
  readonly #context: LinkContext;
  readonly #onGone: (name: OwnedName, now: Instant) => void;
  readonly #checks = new Map<OwnedName, Deadline<Task>>();

  /** `onGone` gets a name that nobody on this host answers for any more. */
  constructor(context: LinkContext, onGone: (name: OwnedName, now: Instant) => void) {
    this.#context = context;
    this.#onGone = onGone;
  }

  get names(): readonly OwnedName[] {
    return [...this.#checks.keys()];
  }

  /** Begins to watch over a name that was just ceded. */
  watch(name: OwnedName, now: Instant): void {
    this.#schedule(name, after(now, CEDED_CHECK_INTERVAL), (at) => this.#check(name, at));
  }

  unwatch(name: OwnedName): void {
    this.#context.cancel(this.#checks.get(name));
    this.#checks.delete(name);
  }

  #check(name: OwnedName, now: Instant): void {
    const nextCheck = after(heardAt(name), CEDED_CHECK_INTERVAL);
    if (nextCheck > now) {
      this.#schedule(name, nextCheck, (at) => this.#check(name, at));
      return;
    }
    this.#ask(name, now);
    this.#schedule(name, after(now, CEDED_CHECK_WAIT), (at) => this.#conclude(name, now, at));
  }

  /** What it multicast in the second before we asked it need not repeat (RFC 6762 §6). */
  #conclude(name: OwnedName, askedAt: Instant, now: Instant): void {
    if (heardAt(name) > before(askedAt, MULTICAST_INTERVAL_MIN)) {
      this.watch(name, now);
      return;
    }
    this.#onGone(name, now);
  }

  /** QM: a unicast answer to the shared port might never reach us (RFC 6762 §15.1). */
  #ask({ name }: OwnedName, now: Instant): void {
    const question = {
      name,
      type: RecordType.ANY,
      class: RecordClass.IN,
      unicastResponse: false,
    };
    const query = { questions: [question], answers: [], authorities: [], additionals: [] };
    this.#context.send({ id: 0, flags: 0, ...query }, "groups", "queries-sent", now);
  }

  #schedule(name: OwnedName, at: Instant, run: (now: Instant) => void): void {
    this.unwatch(name);
    this.#checks.set(name, this.#context.schedule(at, { run }));
  }
}

function heardAt({ claim }: OwnedName): Instant {
  return claim.state === "ceded" ? claim.heardAt : (Number.NEGATIVE_INFINITY as Instant);
}
