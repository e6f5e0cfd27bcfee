/**
 * Announcing (RFC 6762 §8.3, §8.4): sets that are new or have changed are multicast unasked, a few
 * times with growing intervals. Sets that become due at the same instant share packets.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Duration, type Instant, latest } from "../core/time.ts";
import { negativeAdditionals } from "./additional-records.ts";
import { ANNOUNCE_INTERVAL_FIRST, MULTICAST_INTERVAL_MIN } from "./constants.ts";
import type { LinkContext, Task } from "./link-context.ts";
import type { OwnSet } from "./own-records.ts";
import { byReach, groupsOf, type Reach, reaches } from "./reach.ts";
import { responseMessage } from "./response-message.ts";

interface Series {
  readonly sets: Set<OwnSet>;
  readonly due: Instant;
  sent: number;
  deadline: Deadline<Task>;
}

export class Announcer {
  readonly #context: LinkContext;
  readonly #seriesOf = new Map<OwnSet, Series>();
  /** Those that have not begun, by when they do. */
  readonly #waiting = new Map<Instant, Series>();

  constructor(context: LinkContext) {
    this.#context = context;
  }

  /**
   * Announces the set from now on, from the beginning where it was being announced already. RFC
   * 6762 §6: not within a second of when it was last multicast, so that even an owner that keeps
   * changing its records cannot flood the link.
   */
  announce(set: OwnSet, now: Instant): void {
    this.forget(set);
    const due = latest(now, after(set.lastMulticastAt, MULTICAST_INTERVAL_MIN));
    const series = this.#waiting.get(due) ?? this.#begin(due);
    series.sets.add(set);
    this.#seriesOf.set(set, series);
  }

  /** Stops announcing the set. */
  forget(set: OwnSet): void {
    const series = this.#seriesOf.get(set);
    if (series === undefined) return;
    series.sets.delete(set);
    this.#seriesOf.delete(set);
    if (series.sets.size > 0) return;
    this.#context.cancel(series.deadline);
    if (series.sent === 0) this.#waiting.delete(series.due);
  }

  clear(): void {
    for (const set of [...this.#seriesOf.keys()]) this.forget(set);
  }

  #begin(due: Instant): Series {
    const series: Series = {
      sets: new Set(),
      due,
      sent: 0,
      deadline: this.#context.schedule(due, { run: (at) => this.#send(series, at) }),
    };
    this.#waiting.set(due, series);
    return series;
  }

  #send(series: Series, now: Instant): void {
    this.#waiting.delete(series.due);
    this.#announceOnce(series.sets, now);
    series.sent++;
    if (series.sent >= this.#context.settings.announcements) {
      for (const set of series.sets) this.#seriesOf.delete(set);
      return;
    }
    const due = after(now, intervalAfter(series.sent));
    series.deadline = this.#context.schedule(due, { run: (at) => this.#send(series, at) });
  }

  /** RFC 6762 §6: what was multicast within the last second, to defend it, is not sent again. */
  #announceOnce(sets: ReadonlySet<OwnSet>, now: Instant): void {
    const all = [...sets].filter((set) => {
      return after(set.lastMulticastAt, MULTICAST_INTERVAL_MIN) <= now;
    });
    for (const [reach, sets] of byReach(all)) this.#announceTo(reach, sets, now);
  }

  #announceTo(reach: Reach, sets: readonly OwnSet[], now: Instant): void {
    const negatives = negativeAdditionals(sets);
    const message = responseMessage(
      sets.flatMap((set) => set.published),
      negatives.flatMap((set) => set.published),
    );
    this.#context.send(message, groupsOf(reach), "announcements-sent", now);
    const families = this.#context.link.families.filter((family) => reaches(reach, family));
    for (const set of [...sets, ...negatives]) set.noteMulticast(families, now);
  }
}

/** RFC 6762 §8.3: one second after the first, then at least twice as long each time. */
function intervalAfter(sent: number): Duration {
  return (ANNOUNCE_INTERVAL_FIRST * 2 ** (sent - 1)) as Duration;
}
