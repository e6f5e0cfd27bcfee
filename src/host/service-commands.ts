/** What the composed engine offers of DNS-SD; its events come as `service` events. */

import type { Instant } from "../core/time.ts";
import type { ServiceGroupSpec } from "../dnssd/service.ts";
import type {
  BrowseId,
  BrowseSpec,
  InstanceLookupId,
  InstanceLookupSpec,
  ServiceId,
  ServiceInstance,
  ServiceSnapshot,
  WatchId,
  WatchSpec,
} from "../dnssd/types.ts";

export interface ServiceCommands {
  /**
   * Publishes services under one name until withdrawn. A name that is taken becomes `Name (2)`.
   * Throws INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA, LIMIT_REACHED.
   */
  publishService(spec: ServiceGroupSpec, now: Instant): ServiceId;

  /** The group's whole new description; only what changed goes on the wire. Throws as above. */
  updateService(id: ServiceId, spec: ServiceGroupSpec, now: Instant): void;

  /** RFC 6762 §10.1: takes the records back with goodbyes. */
  withdrawService(id: ServiceId, now: Instant): void;

  /** How a group stands; undefined when it is withdrawn. */
  serviceSnapshot(id: ServiceId): ServiceSnapshot | undefined;

  /** Follows the instances of a type, of a subtype, or of all types. Throws INVALID_NAME, LIMIT_REACHED. */
  browse(spec: BrowseSpec, now: Instant): BrowseId;
  stopBrowse(id: BrowseId, now: Instant): void;
  /** The instances known now. */
  instances(id: BrowseId): readonly ServiceInstance[];

  /** Keeps an instance's host, port, addresses and TXT known. Throws LIMIT_REACHED. */
  watchInstance(spec: WatchSpec, now: Instant): WatchId;
  stopWatch(id: WatchId, now: Instant): void;

  /** Where an instance is; `instance-lookup-done` tells. Throws LIMIT_REACHED. */
  lookupInstance(spec: InstanceLookupSpec, now: Instant): InstanceLookupId;
  cancelInstanceLookup(id: InstanceLookupId, now: Instant): void;
}
