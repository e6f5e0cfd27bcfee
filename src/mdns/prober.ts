/**
 * Probing (RFC 6762 §8.1): three queries, 250 ms apart, for the names that are to be ours alone,
 * with the records that we propose for them. What others say meanwhile is `claims.ts`'s business.
 *
 * Names that become due at the same instant form a run and share packets; names that come to be
 * probed while a run waits for its random start join it.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Duration, type Instant, milliseconds } from "../core/time.ts";
import { RecordClass, RecordType } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { PROBE_COUNT, PROBE_DELAY_MAX, PROBE_INTERVAL } from "./constants.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { OwnedName } from "./own-records.ts";
import { byReach, groupsOf } from "./reach.ts";

export interface ProbeRun {
  readonly names: Set<OwnedName>;
  /** When its first probe is due. */
  readonly start: Instant;
  /** Probes sent so far. */
  sent: number;
  deadline: Deadline<Task>;
}

export class Prober {
  readonly #context: LinkContext;
  readonly #onWon: (names: readonly OwnedName[], now: Instant) => void;
  /** Runs that have sent nothing yet, by their start. */
  readonly #waiting = new Map<Instant, ProbeRun>();
  /** The one of them that has a random start. */
  #gathering: ProbeRun | undefined;

  /** `onWon` gets the names whose probes all went unanswered. */
  constructor(context: LinkContext, onWon: (names: readonly OwnedName[], now: Instant) => void) {
    this.#context = context;
    this.#onWon = onWon;
  }

  /** RFC 6762 §8.1: the first probe follows after a random wait of up to 250 ms. */
  start(name: OwnedName, now: Instant): ProbeRun {
    this.#gathering ??= this.#runAt(after(now, this.#randomWait()));
    this.#gathering.names.add(name);
    return this.#gathering;
  }

  /** The first probe follows after exactly `wait`. */
  startAfter(name: OwnedName, wait: Duration, now: Instant): ProbeRun {
    const run = this.#runAt(after(now, wait));
    run.names.add(name);
    return run;
  }

  stop(name: OwnedName, run: ProbeRun): void {
    run.names.delete(name);
    if (run.names.size > 0) return;
    this.#context.cancel(run.deadline);
    this.#noLongerWaits(run);
  }

  #runAt(start: Instant): ProbeRun {
    const known = this.#waiting.get(start);
    if (known !== undefined) return known;
    const run: ProbeRun = {
      names: new Set(),
      start,
      sent: 0,
      deadline: this.#context.schedule(start, { run: (at) => this.#step(run, at) }),
    };
    this.#waiting.set(start, run);
    return run;
  }

  #step(run: ProbeRun, now: Instant): void {
    this.#noLongerWaits(run);
    if (run.sent === PROBE_COUNT) {
      this.#onWon([...run.names], now);
      return;
    }
    for (const [reach, names] of byReach(run.names)) {
      const probe = probeFor(names, this.#context.link.sharesPort);
      this.#context.send(probe, groupsOf(reach), "probes-sent", now);
    }
    run.sent++;
    const due = after(now, PROBE_INTERVAL);
    run.deadline = this.#context.schedule(due, { run: (at) => this.#step(run, at) });
  }

  #noLongerWaits(run: ProbeRun): void {
    if (this.#waiting.get(run.start) === run) this.#waiting.delete(run.start);
    if (this.#gathering === run) this.#gathering = undefined;
  }

  #randomWait(): Duration {
    return milliseconds(this.#context.random.integer(0, PROBE_DELAY_MAX));
  }
}

/** What we propose for the name. RFC 6762 §10.2: the cache-flush bit is for responses only. */
export function proposedRecords(name: OwnedName): readonly ResourceRecord[] {
  return name.uniqueRecords.map(({ record }) => ({ ...record, cacheFlush: false }));
}

/**
 * RFC 6762 §8.1: a question of type ANY a name, which SHOULD be QU so that a defender may answer at
 * once (§15.1: not while another process may get our unicast packets); §8.2: all proposed records.
 */
function probeFor(names: readonly OwnedName[], sharesPort: boolean): Message {
  return {
    id: 0,
    flags: 0,
    questions: names.map(({ name }) => ({
      name,
      type: RecordType.ANY,
      class: RecordClass.IN,
      unicastResponse: !sharesPort,
    })),
    answers: [],
    authorities: names.flatMap(proposedRecords),
    additionals: [],
  };
}
