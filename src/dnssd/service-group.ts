/**
 * One published group of services: its records under its present name, and another name when one of
 * them turns out to be somebody else's (RFC 6763 Appendix D; RFC 6762 §9).
 *
 * Theory of operation: a plan says what the group is called; one set of records carries all services
 * on all links. A conflict on any link moves the plan to the next name, and the set with it, so the
 * group has one name everywhere. The reclaimer tries for the original from time to time.
 */

import type { Link, LinkId } from "../core/link.ts";
import { RenamePlan } from "../core/rename-plan.ts";
import type { Instant } from "../core/time.ts";
import type { DnssdContext } from "./dnssd-context.ts";
import { GroupReclaimer } from "./group-reclaimer.ts";
import type { InstanceMemory } from "./instance-memory.ts";
import { INSTANCE_NUMBERING } from "./instance-name.ts";
import type { SetOwner } from "./record-binding.ts";
import type { Place, RecordRival, RecordSetId, RecordSetSpec } from "./record-port.ts";
import { isOfferedOn, type ServiceGroupSpec, type ServiceSpec } from "./service.ts";
import { serviceName, serviceRecords } from "./service-records.ts";
import type { ServiceId, ServiceSnapshot } from "./types.ts";

/** The other groups of this program. */
export interface Neighbours {
  readonly memory: InstanceMemory;
  /** Whether another group has one of the group's names, were it called so, on a common link. */
  isTaken(group: ServiceGroup, instance: string): boolean;
  /** The group's names have become others; none: it is withdrawn. */
  moved(group: ServiceGroup, from: readonly string[], to: readonly string[]): void;
}

export class ServiceGroup implements SetOwner {
  readonly id: ServiceId;
  readonly #context: DnssdContext;
  readonly #neighbours: Neighbours;
  readonly #reclaimer: GroupReclaimer;
  #spec: ServiceGroupSpec;
  #plan: RenamePlan<RecordRival>;
  #set: RecordSetId | undefined;
  #names: readonly string[] = [];

  constructor(
    context: DnssdContext,
    neighbours: Neighbours,
    id: ServiceId,
    spec: ServiceGroupSpec,
  ) {
    this.#context = context;
    this.#neighbours = neighbours;
    this.id = id;
    this.#spec = spec;
    this.#plan = this.#planFor(spec);
    this.#reclaimer = new GroupReclaimer(context, this);
  }

  get plan(): RenamePlan<RecordRival> {
    return this.#plan;
  }

  get services(): readonly ServiceSpec[] {
    return this.#spec.services;
  }

  publish(now: Instant): void {
    this.#avoidNeighbours(now);
    this.#set = this.#context.records.registerSet(this.#recordSet(), this, now);
    this.#reclaimer.refresh(now);
  }

  update(spec: ServiceGroupSpec, now: Instant): void {
    const isRenamed = spec.instance !== this.#plan.original;
    this.#spec = spec;
    if (isRenamed) {
      this.#reclaimer.stop(now);
      this.#plan = this.#planFor(spec);
    }
    this.#avoidNeighbours(now);
    this.#republish(now);
    this.#reclaimer.restart(now);
  }

  withdraw(now: Instant): void {
    this.#reclaimer.stop(now);
    if (this.#set !== undefined) this.#context.records.withdrawSet(this.#set, now);
    this.#set = undefined;
    this.#setNames([]);
  }

  /** Links or settings have changed; where links bring groups together, the later one yields. */
  refresh(now: Instant): void {
    if (this.#neighbours.isTaken(this, this.#plan.name)) {
      this.#avoidNeighbours(now);
      this.#republish(now);
    }
    this.#reclaimer.refresh(now);
  }

  /** The keys of the names that the group would have, were it called so. */
  namesAs(instance: string): readonly string[] {
    return this.services.map((service) => serviceName(instance, service).key);
  }

  /** Whether the name is among those that the group has now. */
  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** Whether a service with this name is offered on the link. */
  hasNameOn(name: string, link: Link): boolean {
    return this.services.some(
      (service, index) => this.#names[index] === name && isOfferedOn(service, link),
    );
  }

  servicesOn(id: LinkId): readonly ServiceSpec[] {
    const link = this.#context.links.get(id);
    return link === undefined ? [] : this.services.filter((service) => isOfferedOn(service, link));
  }

  isOfferedOn(link: Link): boolean {
    return this.services.some((service) => isOfferedOn(service, link));
  }

  isTakenHere(instance: string): boolean {
    return this.#neighbours.isTaken(this, instance);
  }

  /** The original name was won by the reclaimer, which still holds it. */
  takeOriginal(now: Instant): void {
    const from = this.#plan.name;
    this.#plan.takeOriginal(now);
    this.#setNames(this.namesAs(this.#plan.name));
    this.#republish(now);
    this.#context.emit({
      kind: "service-reclaimed",
      service: this.id,
      from,
      to: this.#plan.name,
    });
    this.#remember();
  }

  handleRegistered(link: LinkId, now: Instant): void {
    this.#plan.hold(now);
    const { name: instance } = this.#plan;
    this.#context.emit({ kind: "service-registered", service: this.id, instance, link });
    this.#remember();
  }

  handleConflicted(link: LinkId, rival: RecordRival, now: Instant): void {
    const from = this.#plan.name;
    const at = this.#plan.lose(rival, now);
    this.#skipTaken();
    this.#tellRenamed(from, at, link, rival);
    if (at > now) this.#claimLater(at);
    this.#republish(now);
    this.#reclaimer.refresh(now);
  }

  snapshot(): ServiceSnapshot {
    const states = this.#set && this.#context.records.port.setStates(this.#set);
    return {
      service: this.id,
      instance: this.#plan.name,
      original: this.#plan.original,
      services: this.services.map(({ type, port }) => ({ type, port })),
      takenBy: this.#plan.rival?.address,
      reclaimAt: this.#reclaimer.nextAttempt,
      links: Array.from(states ?? [], ([link, { state }]) => ({ link, state })),
    };
  }

  #planFor(spec: ServiceGroupSpec): RenamePlan<RecordRival> {
    return new RenamePlan(
      spec.instance,
      this.#neighbours.memory.recall(memoryKey(spec)),
      INSTANCE_NUMBERING,
    );
  }

  /** Takes the first name that no other group of this program has. */
  #avoidNeighbours(now: Instant): void {
    const from = this.#plan.name;
    this.#skipTaken();
    if (this.#plan.name !== from) this.#tellRenamed(from, now, undefined, undefined);
  }

  #skipTaken(): void {
    while (this.#neighbours.isTaken(this, this.#plan.name)) this.#plan.yield();
    this.#setNames(this.namesAs(this.#plan.name));
  }

  #tellRenamed(
    from: string,
    at: Instant,
    link: LinkId | undefined,
    rival: RecordRival | undefined,
  ): void {
    const to = this.#plan.name;
    this.#context.emit({ kind: "service-renamed", service: this.id, from, to, rival, link, at });
  }

  #setNames(names: readonly string[]): void {
    this.#neighbours.moved(this, this.#names, names);
    this.#names = names;
  }

  #republish(now: Instant): void {
    if (this.#set === undefined) return;
    this.#context.records.port.updateSet(this.#set, this.#recordSet(), now);
  }

  #recordSet(): RecordSetSpec {
    return {
      links: (link) => this.isOfferedOn(link),
      recordsAt: (place) => this.#recordsAt(place),
    };
  }

  #recordsAt({ link, hostName }: Place): ReturnType<RecordSetSpec["recordsAt"]> {
    const { standing, name: instance } = this.#plan;
    if (standing.state === "waiting") return [];
    return this.servicesOn(link).flatMap((service) => serviceRecords(instance, service, hostName));
  }

  /** RFC 6762 §9: a group that loses one name after the other must not flood the link. */
  #claimLater(at: Instant): void {
    this.#context.schedule(at, {
      run: (now) => {
        const { standing } = this.#plan;
        if (standing.state !== "waiting" || standing.until > now) return;
        this.#plan.claim();
        this.#republish(now);
      },
    });
  }

  #remember(): void {
    const { isOriginal, name } = this.#plan;
    this.#neighbours.memory.note(memoryKey(this.#spec), isOriginal ? undefined : name);
  }
}

/** What a group is remembered by: the whole original name of its first service. */
function memoryKey({ instance, services }: ServiceGroupSpec): string {
  return serviceName(instance, services[0]!).toString();
}
