/**
 * Everything that is published by DNS-SD: groups of services, and that no two of them have the same
 * name on a link. Other hosts' names are found out by probing; those of this program are known.
 */

import { DotlocalError } from "../core/errors.ts";
import type { Instant } from "../core/time.ts";
import { GROUPS_MAX } from "./constants.ts";
import type { DnssdContext } from "./dnssd-context.ts";
import { InstanceMemory } from "./instance-memory.ts";
import { isOfferedOn, type ServiceGroupSpec } from "./service.ts";
import { checkedGroup } from "./service-check.ts";
import { type Neighbours, ServiceGroup } from "./service-group.ts";
import type { ServiceId, ServiceSnapshot } from "./types.ts";

export class Registrar implements Neighbours {
  readonly memory: InstanceMemory;
  readonly #context: DnssdContext;
  readonly #groups = new Map<ServiceId, ServiceGroup>();
  /** The groups of each whole service name, by its key. */
  readonly #holders = new Map<string, Set<ServiceGroup>>();
  #lastId = 0;

  constructor(context: DnssdContext, remembered: ReadonlyMap<string, string>) {
    this.#context = context;
    this.memory = new InstanceMemory(remembered, (original, instance) =>
      context.emit({ kind: "remember-instance", original, instance }),
    );
  }

  get isFull(): boolean {
    return this.#groups.size >= GROUPS_MAX;
  }

  /** Throws INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA, LIMIT_REACHED. */
  publish(spec: ServiceGroupSpec, now: Instant): ServiceId {
    const checked = checkedGroup(spec);
    if (this.isFull) {
      throw new DotlocalError("LIMIT_REACHED", `${GROUPS_MAX} services are published already`);
    }
    const id = ++this.#lastId as ServiceId;
    const group = new ServiceGroup(this.#context, this, id, checked);
    this.#groups.set(id, group);
    group.publish(now);
    return id;
  }

  /** Throws as `publish`; then all stays as it was. */
  update(id: ServiceId, spec: ServiceGroupSpec, now: Instant): void {
    const checked = checkedGroup(spec);
    this.#groups.get(id)?.update(checked, now);
  }

  withdraw(id: ServiceId, now: Instant): void {
    const group = this.#groups.get(id);
    this.#groups.delete(id);
    group?.withdraw(now);
  }

  /** Links or settings have changed. */
  refresh(now: Instant): void {
    for (const group of this.#groups.values()) group.refresh(now);
  }

  snapshotOf(id: ServiceId): ServiceSnapshot | undefined {
    return this.#groups.get(id)?.snapshot();
  }

  snapshots(): readonly ServiceSnapshot[] {
    return Array.from(this.#groups.values(), (group) => group.snapshot());
  }

  /** A group keeps a name that it has from those that came later. */
  isTaken(group: ServiceGroup, instance: string): boolean {
    return group.namesAs(instance).some((name, index) => {
      const rivals = [...(this.#holders.get(name) ?? [])].filter(
        (holder) => holder !== group && !(group.has(name) && group.id < holder.id),
      );
      if (rivals.length === 0) return false;
      const service = group.services[index]!;
      const links = [...this.#context.links.values()].filter((link) => isOfferedOn(service, link));
      return links.some((link) => rivals.some((rival) => rival.hasNameOn(name, link)));
    });
  }

  moved(group: ServiceGroup, from: readonly string[], to: readonly string[]): void {
    for (const name of from) {
      const holders = this.#holders.get(name);
      holders?.delete(group);
      if (holders?.size === 0) this.#holders.delete(name);
    }
    for (const name of to) {
      const holders = this.#holders.get(name) ?? new Set();
      this.#holders.set(name, holders.add(group));
    }
  }
}
