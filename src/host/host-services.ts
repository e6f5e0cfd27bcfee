/**
 * DNS-SD within the composed engine: the engine on Multicast DNS records, what the settings publish
 * through it (`_workstation._tcp`, domains to browse), and its events as the composed engine's.
 */

import type { Link, LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import { DnssdEngine } from "../dnssd/dnssd-engine.ts";
import { browseDomainRecords } from "../dnssd/domain-enumeration.ts";
import type { RecordSetId } from "../dnssd/record-port.ts";
import { PLAIN_SERVICE, type ServiceGroupSpec } from "../dnssd/service.ts";
import type { DnssdSettings, ServiceId } from "../dnssd/types.ts";
import type { MdnsEngine } from "../mdns/engine.ts";
import { Name } from "../wire/name.ts";
import type { HostContext } from "./host-context.ts";
import { HostRecordPort } from "./record-port.ts";
import type { HostSettings } from "./types.ts";

/** The port of a service that says only that a host is there: discard (RFC 863). */
const WORKSTATION_PORT = 9;

export class HostServices {
  readonly dnssd: DnssdEngine;
  readonly #context: HostContext;
  readonly #port: HostRecordPort;
  /** By link, since a host's name may differ between them. */
  readonly #workstations = new Map<LinkId, { readonly id: ServiceId; readonly label: string }>();
  #browseDomains: RecordSetId | undefined;

  constructor(
    context: HostContext,
    engine: MdnsEngine,
    rememberedInstances: ReadonlyMap<string, string> | undefined,
  ) {
    this.#context = context;
    this.#port = new HostRecordPort(context, engine, (event, now) =>
      this.dnssd.handleRecordEvent(event, now),
    );
    const settings = dnssdSettings(context.settings);
    this.dnssd = new DnssdEngine({ port: this.#port, settings, rememberedInstances });
  }

  applySettings(now: Instant): void {
    this.dnssd.applySettings(dnssdSettings(this.#context.settings), now);
    this.#publishBrowseDomains(now);
    this.refresh(now);
  }

  handleLinks(links: readonly Link[], now: Instant): void {
    this.dnssd.handleLinks(links, now);
    if (this.#browseDomains === undefined) this.#publishBrowseDomains(now);
  }

  /** Links, names or the mode have changed. */
  refresh(now: Instant): void {
    this.#refreshWorkstations(now);
    this.#port.refresh(now);
  }

  /** Does what is due and hands out events; returns whether there was anything. */
  settle(now: Instant): boolean {
    const isDue = this.dnssd.nextDeadline <= now;
    if (isDue) this.dnssd.handleDeadline(now);
    for (let event = this.dnssd.pollEvent(); event; event = this.dnssd.pollEvent()) {
      this.#context.emit({ kind: "service", event });
    }
    return isDue;
  }

  #publishBrowseDomains(now: Instant): void {
    const records = browseDomainRecords(this.#context.settings.browseDomains, Name.LOCAL);
    const spec = { links: "all", recordsAt: () => records } as const;
    if (this.#browseDomains !== undefined) this.#port.updateSet(this.#browseDomains, spec, now);
    else if (records.length > 0) this.#browseDomains = this.#port.registerSet(spec, now);
  }

  #refreshWorkstations(now: Instant): void {
    const { links, settings } = this.#context;
    for (const [link, { id }] of this.#workstations) {
      if (links.has(link) && settings.publish.workstation) continue;
      this.dnssd.withdraw(id, now);
      this.#workstations.delete(link);
    }
    if (!settings.publish.workstation) return;
    for (const link of links.values()) this.#publishWorkstation(link, now);
  }

  #publishWorkstation(link: Link, now: Instant): void {
    const label = this.#context.placeOf(link).hostName.firstLabel;
    const known = this.#workstations.get(link.id);
    if (known?.label === label || (known === undefined && this.dnssd.isFull)) return;
    const spec = workstation(link, label);
    if (known !== undefined) this.dnssd.update(known.id, spec, now);
    const id = known?.id ?? this.dnssd.publish(spec, now);
    this.#workstations.set(link.id, { id, label });
  }
}

function workstation({ id }: Link, label: string): ServiceGroupSpec {
  const service = {
    ...PLAIN_SERVICE,
    type: "_workstation._tcp",
    domain: Name.LOCAL,
    port: WORKSTATION_PORT,
    links: (link: Link) => link.id === id,
  };
  return { instance: label, services: [service] };
}

function dnssdSettings({ reclaim }: HostSettings): DnssdSettings {
  return { reclaim };
}
