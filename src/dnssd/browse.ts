/**
 * One browse: the instances of a type or subtype, or of all types (RFC 6763 §4, §7.1, §9), told as
 * they come and go, one a link.
 *
 * Theory of operation: answers mark what they list; when all that the present input brought has been
 * handled, the difference to what was told becomes events. A type is followed for as long as anybody
 * lists it or an instance of it is known, so a host that leaves takes only its own services along.
 */

import type { Deadline } from "../core/deadline-queue.ts";
import { isChosen, type LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { Name } from "../wire/name.ts";
import { INSTANCES_A_BROWSE_MAX, TYPES_A_BROWSE_MAX } from "./constants.ts";
import type { DnssdContext, Task } from "./dnssd-context.ts";
import type { Listed } from "./listing.ts";
import { PointerQuery, type PointerQuerySpec } from "./pointer-query.ts";
import { browseName, enumerationName, isInstanceOf, isType, listedType } from "./service-type.ts";
import type { BrowseId, BrowseSpec, ServiceInstance } from "./types.ts";

export class Browse {
  readonly #id: BrowseId;
  readonly #context: DnssdContext;
  readonly #spec: BrowseSpec;
  readonly #enumeration: PointerQuery | undefined;
  /** By the key of the name asked for. */
  readonly #types = new Map<string, PointerQuery>();
  #pending: Deadline<Task> | undefined;

  /** Throws INVALID_NAME. */
  constructor(context: DnssdContext, id: BrowseId, spec: BrowseSpec, now: Instant) {
    this.#id = id;
    this.#context = context;
    this.#spec = spec;
    if (spec.type === undefined) {
      this.#enumeration = this.#ask(
        {
          name: enumerationName(spec.domain),
          links: spec.links,
          accepts: (type) => isType(type, spec.domain),
          sizeMax: TYPES_A_BROWSE_MAX,
        },
        now,
      );
    } else {
      this.#follow(browseName(spec.type, spec.domain), now);
    }
  }

  get instances(): readonly ServiceInstance[] {
    return [...this.#types.values()].flatMap(({ listing }) => listing.present.map(toInstance));
  }

  stop(now: Instant): void {
    this.#context.cancel(this.#pending);
    this.#enumeration?.stop(now);
    for (const type of this.#types.values()) type.stop(now);
    this.#types.clear();
  }

  /** Nothing is known any more of links that are gone. */
  handleLinks(now: Instant): void {
    const isKept = ({ link }: Listed): boolean => this.#isBrowsed(link);
    this.#enumeration?.listing.retain(isKept);
    for (const { listing } of this.#types.values()) listing.retain(isKept);
    this.#markChanged(now);
  }

  #isBrowsed(id: LinkId): boolean {
    const link = this.#context.links.get(id);
    return link !== undefined && isChosen(this.#spec.links, link);
  }

  #markChanged(now: Instant): void {
    this.#pending ??= this.#context.schedule(now, { run: (then) => this.#settle(then) });
  }

  #settle(now: Instant): void {
    this.#pending = undefined;
    this.#followTypes(now);
    for (const { listing } of this.#types.values()) {
      for (const { listed, change } of listing.takeChanges()) {
        const instance = toInstance(listed);
        this.#context.emit({ kind: `instance-${change}`, browse: this.#id, instance });
      }
    }
    this.#leaveTypes(now);
  }

  #followTypes(now: Instant): void {
    for (const { listed, change } of this.#enumeration?.listing.takeChanges() ?? []) {
      if (change === "added") this.#follow(listed.name, now);
    }
  }

  #leaveTypes(now: Instant): void {
    if (this.#enumeration === undefined) return;
    const listed = new Set(this.#enumeration.listing.present.map(({ name }) => name.key));
    for (const [key, type] of this.#types) {
      if (listed.has(key) || !type.listing.isEmpty) continue;
      type.stop(now);
      this.#types.delete(key);
    }
  }

  #follow(name: Name, now: Instant): void {
    if (this.#types.has(name.key)) return;
    const { domain, links } = this.#spec;
    const type = listedType(name, domain);
    const accepts = (instance: Name): boolean => isInstanceOf(instance, type);
    const spec = { name, links, accepts, sizeMax: INSTANCES_A_BROWSE_MAX };
    this.#types.set(name.key, this.#ask(spec, now));
  }

  #ask(spec: PointerQuerySpec, now: Instant): PointerQuery {
    return new PointerQuery(this.#context, spec, (then) => this.#markChanged(then), now);
  }
}

function toInstance({ name, link, ownAnswers }: Listed): ServiceInstance {
  return { name, link, own: ownAnswers > 0 };
}
