/**
 * The claims to all unique names of a link, and everything that moves them (RFC 6762 §8, §9): see
 * the picture in `name-claim.ts`. Each change is told to the observer, which decides what is
 * published and what the registrations' owners hear.
 */

import { type Instant, milliseconds } from "../core/time.ts";
import { Cession } from "./cession.ts";
import { ConflictPace } from "./conflict-pace.ts";
import { TIEBREAK_LOSER_WAIT } from "./constants.ts";
import type { LinkContext } from "./link-context.ts";
import type { OwnedName } from "./own-records.ts";
import { Prober } from "./prober.ts";
import type { Rival } from "./types.ts";

/** Told of names whose claim has moved; `set-back`: a tie was lost, or an owned name contested. */
export type ClaimObserver = (
  names: readonly OwnedName[],
  change: "moved" | "set-back",
  now: Instant,
) => void;

export class Claims {
  readonly #context: LinkContext;
  readonly #observer: ClaimObserver;
  readonly #prober: Prober;
  readonly #cession: Cession;
  readonly #pace = new ConflictPace();

  constructor(context: LinkContext, observer: ClaimObserver) {
    this.#context = context;
    this.#observer = observer;
    this.#prober = new Prober(context, (names, now) => this.#establish(names, now));
    this.#cession = new Cession(context, (name, now) => this.reclaim(name, now));
  }

  /** Begins to probe for a name that is not being claimed, or that was lost. */
  begin(name: OwnedName, now: Instant): void {
    if (name.claim.state !== "unclaimed" && name.claim.state !== "lost") return;
    this.#probe(name, false, now);
  }

  /** Probes for every one of them from the beginning (RFC 6762 §8, "Link Change"). */
  restart(names: readonly OwnedName[], now: Instant): void {
    for (const name of names) this.drop(name);
    for (const name of names) this.#probe(name, false, now);
  }

  /** Nothing of the name is to be unique any more. */
  drop(name: OwnedName): void {
    this.#leave(name);
    name.claim = { state: "unclaimed" };
  }

  /**
   * Another host answered for a name that we probe for (§8.1: it is lost) or have (§9: it must be
   * proved again). Answers that come before our first probe are ignored (§8.1).
   */
  conflict(name: OwnedName, rival: Rival, now: Instant): void {
    if (name.claim.state === "probing" && name.claim.run.sent > 0) this.#lose(name, rival, now);
    else if (name.claim.state === "established") this.#contest(name, now);
  }

  /** RFC 6762 §8.2: the loser of a tie waits a second and probes for the same name again. */
  defer(name: OwnedName, now: Instant): void {
    if (name.claim.state !== "probing") return;
    const { reclaiming } = name.claim;
    this.#leave(name);
    const run = this.#prober.startAfter(name, TIEBREAK_LOSER_WAIT, now);
    name.claim = { state: "probing", run, reclaiming };
    this.#observer([name], "set-back", now);
  }

  /** Another responder of this host speaks for the name: it may have it. */
  cede(name: OwnedName, now: Instant): void {
    if (name.claim.state === "ceded") {
      name.claim.heardAt = now;
      return;
    }
    this.#leave(name);
    name.claim = { state: "ceded", heardAt: now };
    this.#cession.watch(name, now);
    this.#observer([name], "moved", now);
  }

  /** The other responder of this host has gone, as it seems. */
  reclaim(name: OwnedName, now: Instant): void {
    if (name.claim.state !== "ceded") return;
    this.#leave(name);
    this.#probe(name, true, now);
  }

  reclaimAll(now: Instant): void {
    for (const name of this.#cession.names) this.reclaim(name, now);
  }

  #probe(name: OwnedName, reclaiming: boolean, now: Instant): void {
    const wait = this.#pace.waitAt(now);
    const run = wait > 0 ? this.#prober.startAfter(name, wait, now) : this.#prober.start(name, now);
    name.claim = { state: "probing", run, reclaiming };
  }

  #establish(names: readonly OwnedName[], now: Instant): void {
    for (const name of names) name.claim = { state: "established" };
    this.#observer(names, "moved", now);
  }

  #lose(name: OwnedName, rival: Rival, now: Instant): void {
    this.#noteConflict(now);
    this.#leave(name);
    name.claim = { state: "lost", rival };
    this.#observer([name], "moved", now);
  }

  #contest(name: OwnedName, now: Instant): void {
    this.#noteConflict(now);
    const pause = this.#pace.noteContest(name.name, now);
    const wait = milliseconds(Math.max(pause, this.#pace.waitAt(now)));
    const run = wait > 0 ? this.#prober.startAfter(name, wait, now) : this.#prober.start(name, now);
    name.claim = { state: "probing", run, reclaiming: false };
    this.#observer([name], "set-back", now);
  }

  #noteConflict(now: Instant): void {
    this.#context.counters.add("conflicts");
    this.#pace.noteConflict(now);
  }

  /** Ends what is under way for the name. */
  #leave(name: OwnedName): void {
    if (name.claim.state === "probing") this.#prober.stop(name, name.claim.run);
    if (name.claim.state === "ceded") this.#cession.unwatch(name);
  }
}
