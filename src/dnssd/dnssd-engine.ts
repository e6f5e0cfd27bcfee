/**
 * The DNS-SD engine (RFC 6763): what is published, browsed and resolved, on top of a port for records.
 *
 * It follows the contract of `core/engine.ts` without datagrams: what the port's owner hears of sets
 * and questions comes in by `handleRecordEvent`, and records go out through the port. Answers only
 * mark what they concern; `handleDeadline` at the same instant works out what is to be told.
 */

import { BoundedQueue } from "../core/bounded.ts";
import { Counters } from "../core/counters.ts";
import { DeadlineQueue } from "../core/deadline-queue.ts";
import { DotlocalError } from "../core/errors.ts";
import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { Browse } from "./browse.ts";
import { BROWSES_MAX, DNSSD_EVENTS_MAX, INSTANCE_LOOKUPS_MAX, WATCHES_MAX } from "./constants.ts";
import type { DnssdContext, Task } from "./dnssd-context.ts";
import { InstanceLookup } from "./instance-lookup.ts";
import { InstanceWatch, type WatchOwner } from "./instance-watch.ts";
import { RecordBinding } from "./record-binding.ts";
import type { RecordEvent, RecordPort } from "./record-port.ts";
import { Registrar } from "./registrar.ts";
import type { ServiceGroupSpec } from "./service.ts";
import type {
  BrowseId,
  BrowseSpec,
  DnssdCounter,
  DnssdEvent,
  DnssdSettings,
  DnssdSnapshot,
  InstanceLookupId,
  InstanceLookupSpec,
  ServiceId,
  ServiceInstance,
  ServiceSnapshot,
  WatchId,
  WatchSpec,
} from "./types.ts";

export interface DnssdEngineOptions {
  readonly port: RecordPort;
  readonly settings: DnssdSettings;
  /** What `remember-instance` events of the previous run said, from `original` to `instance`. */
  readonly rememberedInstances?: ReadonlyMap<string, string> | undefined;
}

export class DnssdEngine {
  readonly #records: RecordBinding;
  readonly #links = new Map<LinkId, Link>();
  readonly #deadlines = new DeadlineQueue<Task>();
  readonly #events = new BoundedQueue<DnssdEvent>(DNSSD_EVENTS_MAX);
  readonly #counters = new Counters<DnssdCounter>();
  readonly #context: DnssdContext;
  readonly #registrar: Registrar;
  readonly #browses = new Map<BrowseId, Browse>();
  readonly #watches = new Map<WatchId, InstanceWatch>();
  readonly #lookups = new Map<InstanceLookupId, InstanceLookup>();
  #settings: DnssdSettings;
  #lastId = 0;

  constructor({ port, settings, rememberedInstances = new Map() }: DnssdEngineOptions) {
    this.#records = new RecordBinding(port);
    this.#settings = settings;
    this.#context = this.#makeContext();
    this.#registrar = new Registrar(this.#context, rememberedInstances);
  }

  applySettings(settings: DnssdSettings, now: Instant): void {
    this.#settings = settings;
    this.#registrar.refresh(now);
  }

  // Publishing.

  /** No further group can be published. */
  get isFull(): boolean {
    return this.#registrar.isFull;
  }

  /** Throws INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA, LIMIT_REACHED. */
  publish(spec: ServiceGroupSpec, now: Instant): ServiceId {
    return this.#registrar.publish(spec, now);
  }

  /** The group's whole new description; only what changed goes on the wire. Throws as `publish`. */
  update(id: ServiceId, spec: ServiceGroupSpec, now: Instant): void {
    this.#registrar.update(id, spec, now);
  }

  withdraw(id: ServiceId, now: Instant): void {
    this.#registrar.withdraw(id, now);
  }

  serviceSnapshot(id: ServiceId): ServiceSnapshot | undefined {
    return this.#registrar.snapshotOf(id);
  }

  // Browsing.

  /** Throws INVALID_NAME, LIMIT_REACHED. */
  browse(spec: BrowseSpec, now: Instant): BrowseId {
    refuseBeyond(BROWSES_MAX, this.#browses, "browses");
    const id = this.#nextId() as BrowseId;
    this.#browses.set(id, new Browse(this.#context, id, spec, now));
    return id;
  }

  stopBrowse(id: BrowseId, now: Instant): void {
    this.#browses.get(id)?.stop(now);
    this.#browses.delete(id);
  }

  instances(id: BrowseId): readonly ServiceInstance[] {
    return this.#browses.get(id)?.instances ?? [];
  }

  // Resolving.

  /** Throws LIMIT_REACHED. */
  watch(spec: WatchSpec, now: Instant): WatchId {
    refuseBeyond(WATCHES_MAX, this.#watches, "instances are watched");
    const id = this.#nextId() as WatchId;
    this.#watches.set(id, new InstanceWatch(this.#context, spec, this.#watchOwner(id), now));
    return id;
  }

  stopWatch(id: WatchId, now: Instant): void {
    this.#watches.get(id)?.stop(now);
    this.#watches.delete(id);
  }

  /** `instance-lookup-done` tells. Throws LIMIT_REACHED. */
  lookup(spec: InstanceLookupSpec, now: Instant): InstanceLookupId {
    refuseBeyond(INSTANCE_LOOKUPS_MAX, this.#lookups, "look-ups are under way");
    const id = this.#nextId() as InstanceLookupId;
    const lookup = new InstanceLookup(
      this.#context,
      spec,
      (outcome) => {
        this.#lookups.delete(id);
        this.#events.push({ kind: "instance-lookup-done", lookup: id, outcome });
      },
      now,
    );
    this.#lookups.set(id, lookup);
    return id;
  }

  cancelLookup(id: InstanceLookupId, now: Instant): void {
    this.#lookups.get(id)?.stop(now);
    this.#lookups.delete(id);
  }

  snapshot(): DnssdSnapshot {
    return {
      services: this.#registrar.snapshots(),
      browses: this.#browses.size,
      watches: this.#watches.size,
      counters: this.#counters.snapshot(),
    };
  }

  // Inputs.

  /** The whole new set of links; to be told before the port works out records for them. */
  handleLinks(links: readonly Link[], now: Instant): void {
    this.#links.clear();
    for (const link of links) this.#links.set(link.id, link);
    this.#registrar.refresh(now);
    for (const browse of this.#browses.values()) browse.handleLinks(now);
    for (const watch of this.#watches.values()) watch.handleLinks(now);
  }

  handleRecordEvent(event: RecordEvent, now: Instant): void {
    this.#records.handleEvent(event, now);
  }

  handleDeadline(now: Instant): void {
    for (let task = this.#deadlines.pop(now); task; task = this.#deadlines.pop(now)) task.run(now);
  }

  // Outputs.

  pollEvent(): DnssdEvent | undefined {
    return this.#events.shift();
  }

  get nextDeadline(): Instant {
    return this.#deadlines.next;
  }

  // Within.

  #makeContext(): DnssdContext {
    const engine = this;
    return {
      get settings() {
        return engine.#settings;
      },
      links: this.#links,
      records: this.#records,
      counters: this.#counters,
      schedule: (at, task) => this.#deadlines.schedule(at, task),
      cancel: (deadline) => this.#deadlines.cancel(deadline),
      emit: (event) => this.#events.push(event),
    };
  }

  #watchOwner(watch: WatchId): WatchOwner {
    return {
      handleResolved: (resolution) =>
        this.#events.push({ kind: "instance-resolved", watch, resolution }),
      handleUnresolved: (link) => this.#events.push({ kind: "instance-unresolved", watch, link }),
      handleDenied: () => undefined,
    };
  }

  #nextId(): number {
    return ++this.#lastId;
  }
}

function refuseBeyond(sizeMax: number, held: { readonly size: number }, what: string): void {
  if (held.size >= sizeMax) throw new DotlocalError("LIMIT_REACHED", `${sizeMax} ${what} already`);
}
