/**
 * This host's own name on its links: claims it, publishes the host's records under it, and gives it
 * another when it turns out to be somebody else's (RFC 6762 §8, §9).
 *
 * Theory of operation: a plan says what the host is called; one publication carries the records on
 * all links. A conflict on a link moves its plan to the next label, and every set of records that
 * mentions the host's name follows through `onNameChanged`. The reclaimer of the plan tries for the
 * original label from time to time.
 */

import type { LinkFilter, LinkId } from "../core/link.ts";
import { RenamePlan } from "../core/rename-plan.ts";
import type { Instant } from "../core/time.ts";
import type { PublishedRecord, Rival } from "../mdns/types.ts";
import { Name } from "../wire/name.ts";
import type { HostContext } from "./host-context.ts";
import { originalLabel } from "./host-name.ts";
import { hostRecords } from "./host-records.ts";
import { Publication, type PublicationOwner } from "./publication.ts";
import { Reclaimer, type Winning } from "./reclaimer.ts";
import { LABEL_NUMBERING } from "./rename.ts";

/** A plan with what follows from it. */
interface Naming {
  readonly plan: RenamePlan<Rival>;
  readonly name: Name;
  readonly reclaimer: Reclaimer;
}

/** Whom a plan is for: all links, or one. */
type Scope = "all" | LinkId;

export class HostNaming implements PublicationOwner {
  readonly #context: HostContext;
  readonly #onNameChanged: (now: Instant) => void;
  readonly #publication: Publication;
  readonly #namings = new Map<Scope, Naming>();
  #original: string;
  #scoping: "all" | "each";
  /** What the next start is to be told. */
  #remembered: string | undefined;

  constructor(
    context: HostContext,
    remembered: string | undefined,
    onNameChanged: (now: Instant) => void,
  ) {
    this.#context = context;
    this.#remembered = remembered;
    this.#onNameChanged = onNameChanged;
    this.#original = originalLabel(context.settings);
    this.#scoping = scopingOf(context);
    this.#publication = new Publication(
      context,
      { links: "all", recordsAt: ({ link }) => this.#recordsOn(link) },
      this,
    );
  }

  get originalLabel(): string {
    return this.#original;
  }

  get publication(): Publication {
    return this.#publication;
  }

  labelOn(link: LinkId): string {
    return this.#namingOn(link).plan.name;
  }

  nameOn(link: LinkId): Name {
    return this.#namingOn(link).name;
  }

  planOn(link: LinkId): RenamePlan<Rival> {
    return this.#namingOn(link).plan;
  }

  reclaimAt(link: LinkId): Instant | undefined {
    return this.#namingOn(link).reclaimer.nextAttempt;
  }

  /** Links came, went or changed, or another responder's name did. */
  refresh(now: Instant): void {
    for (const scope of this.#namings.keys()) {
      if (scope !== "all" && !this.#context.links.has(scope)) this.#drop(scope, now);
    }
    this.#publication.refresh(now);
    for (const { reclaimer } of this.#namings.values()) reclaimer.refresh(now);
  }

  /** Follows new settings; the caller refreshes everything else that mentions the name. */
  applySettings(now: Instant): void {
    const original = originalLabel(this.#context.settings);
    const scoping = scopingOf(this.#context);
    if (original !== this.#original || scoping !== this.#scoping) {
      for (const scope of this.#namings.keys()) this.#drop(scope, now);
      this.#original = original;
      this.#scoping = scoping;
    }
    this.#publication.republish(now);
    for (const { reclaimer } of this.#namings.values()) reclaimer.refresh(now);
  }

  handleRegistered(link: LinkId, now: Instant): void {
    const { plan } = this.#namingOn(link);
    plan.hold(now);
    this.#context.emit({ kind: "name-registered", link, label: plan.name });
    this.#remember(plan);
  }

  handleConflicted(link: LinkId, name: Name, rival: Rival, now: Instant): void {
    const scope = this.#scopeOf(link);
    const naming = this.#namingOn(link);
    if (!name.equals(naming.name)) return;
    const from = naming.plan.name;
    const at = naming.plan.lose(rival, now);
    const to = naming.plan.name;
    this.#namings.set(scope, { ...naming, name: Name.LOCAL.prepend(to) });
    this.#context.emit({ kind: "renamed", link, from, to, rival, at });
    if (at > now) this.#claimLater(naming.plan, at);
    this.#publication.republish(now);
    naming.reclaimer.refresh(now);
    this.#onNameChanged(now);
  }

  handleCession(change: "ceded" | "reclaimed", link: LinkId, name: Name): void {
    this.#context.emit({ kind: change === "ceded" ? "ceded" : "unceded", link, name });
  }

  #recordsOn(id: LinkId): readonly PublishedRecord[] {
    const { plan, name } = this.#namingOn(id);
    if (plan.standing.state === "waiting") return [];
    return hostRecords(name, this.#context.links.get(id)!, this.#context.settings);
  }

  /** RFC 6762 §9: a host that loses one name after the other must not flood the link. */
  #claimLater(plan: RenamePlan<Rival>, at: Instant): void {
    this.#context.schedule(at, {
      run: (now) => {
        if (plan.standing.state !== "waiting" || plan.standing.until > now) return;
        plan.claim();
        this.#publication.republish(now);
      },
    });
  }

  #handleWon(scope: Scope, winnings: readonly Winning[], now: Instant): void {
    const naming = this.#namings.get(scope)!;
    const from = naming.plan.name;
    naming.plan.takeOriginal(now);
    const to = naming.plan.name;
    this.#namings.set(scope, { ...naming, name: Name.LOCAL.prepend(to) });
    for (const { link, registration } of winnings) {
      this.#publication.adopt(link, registration, now);
      this.#context.emit({ kind: "name-reclaimed", link: link.id, from, to });
    }
    this.#publication.republish(now);
    this.#remember(naming.plan);
    this.#onNameChanged(now);
  }

  /** RFC 6762 §9: a name that was found is kept for the next start. Names of single links are not. */
  #remember(plan: RenamePlan<Rival>): void {
    const label = plan.isOriginal ? undefined : plan.name;
    if (this.#scoping === "each" || label === this.#remembered) return;
    this.#remembered = label;
    this.#context.emit({ kind: "remember", label });
  }

  #scopeOf(link: LinkId): Scope {
    return this.#scoping === "all" ? "all" : link;
  }

  #namingOn(link: LinkId): Naming {
    const scope = this.#scopeOf(link);
    const known = this.#namings.get(scope);
    if (known !== undefined) return known;
    const plan = new RenamePlan<Rival>(
      this.#original,
      scope === "all" ? this.#remembered : undefined,
      LABEL_NUMBERING,
    );
    const links: LinkFilter = scope === "all" ? "all" : ({ id }) => id === scope;
    const reclaimer = new Reclaimer(this.#context, plan, links, (winnings, now) =>
      this.#handleWon(scope, winnings, now),
    );
    const naming = { plan, name: Name.LOCAL.prepend(plan.name), reclaimer };
    this.#namings.set(scope, naming);
    return naming;
  }

  #drop(scope: Scope, now: Instant): void {
    this.#namings.get(scope)?.reclaimer.stop(now);
    this.#namings.delete(scope);
  }
}

function scopingOf({ settings }: HostContext): "all" | "each" {
  return settings.sameNameOnAllLinks ? "all" : "each";
}
