/** What callers publish through the engine, each with its stream of plain events. */

import { DotlocalError } from "../core/errors.ts";
import type { DnssdEvent, ServiceId } from "../dnssd/types.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { HostEvent, PublicationId } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";
import { EventBuffer } from "./event-buffer.ts";
import type { LinkNames } from "./plain-results.ts";
import { groupSpec, hostPublication } from "./plain-services.ts";
import type { Publication, PublicationEvent, PublishedGroup, PublishedHost } from "./services.ts";

type EngineDriver = Driver<HostEvent, HostEngine>;

export class HostPublishing {
  readonly #driver: EngineDriver;
  readonly #linkNames: LinkNames;
  readonly #groups = new Map<ServiceId, GroupPublication>();
  readonly #hosts = new Map<PublicationId, FurtherHost>();

  constructor(driver: EngineDriver, linkNames: LinkNames) {
    this.#driver = driver;
    this.#linkNames = linkNames;
  }

  /** @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA, LIMIT_REACHED. */
  publish(group: PublishedGroup, signal: AbortSignal | undefined): Publication {
    const spec = groupSpec(group);
    const publication = this.#driver.run((engine, now) => {
      const id = engine.publishService(spec, now);
      const opened = new GroupPublication(this.#driver, id, () => this.#groups.delete(id));
      this.#groups.set(id, opened);
      return opened;
    });
    publication.buffer.endWith(signal);
    return publication;
  }

  /** @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, LIMIT_REACHED. */
  publishHost(host: PublishedHost, signal: AbortSignal | undefined): Publication {
    const spec = hostPublication(host);
    const publication = this.#driver.run((engine, now) => {
      const id = engine.publishHost(spec, now);
      const name = spec.name.toString();
      const opened = new FurtherHost(this.#driver, id, name, () => this.#hosts.delete(id));
      this.#hosts.set(id, opened);
      return opened;
    });
    publication.buffer.endWith(signal);
    return publication;
  }

  handleServiceEvent(event: DnssdEvent): void {
    switch (event.kind) {
      case "service-registered": {
        const place = this.#linkNames(event.link) ?? "";
        this.#groups.get(event.service)?.tell({
          ...{ event: "registered", name: event.instance },
          interface: place,
        });
        break;
      }
      case "service-renamed": {
        const { from, to, rival } = event;
        const told = { event: "renamed", from, to, rival: rival?.address ?? null } as const;
        this.#groups.get(event.service)?.tell(told);
        break;
      }
      case "service-reclaimed": {
        const { from, to } = event;
        this.#groups.get(event.service)?.tell({ event: "reclaimed", from, to });
        break;
      }
      default:
        break;
    }
  }

  handleHostEvent(event: HostEvent): void {
    if (event.kind !== "publication-registered" && event.kind !== "publication-conflicted") return;
    const name = event.name.toString();
    const place = { name, interface: this.#linkNames(event.link) ?? "" };
    this.#hosts
      .get(event.publication)
      ?.buffer.push(
        event.kind === "publication-registered"
          ? { event: "registered", ...place }
          : { event: "conflicted", ...place, rival: event.rival.address },
      );
  }

  /** The engine says its goodbyes itself when it is shut down. */
  close(): void {
    for (const { buffer } of [...this.#groups.values(), ...this.#hosts.values()]) buffer.end();
  }
}

class GroupPublication implements Publication {
  readonly buffer: EventBuffer<PublicationEvent>;
  readonly #driver: EngineDriver;
  readonly #id: ServiceId;

  constructor(driver: EngineDriver, id: ServiceId, onEnd: () => void) {
    this.#driver = driver;
    this.#id = id;
    this.buffer = new EventBuffer(() => {
      onEnd();
      driver.run((engine, now) => engine.withdrawService(id, now));
    });
  }

  get id(): string {
    return `s${this.#id}`;
  }

  get name(): string {
    return this.#driver.engine.serviceSnapshot(this.#id)?.instance ?? "";
  }

  get events(): AsyncIterable<PublicationEvent> {
    return this.buffer;
  }

  tell(event: PublicationEvent): void {
    this.buffer.push(event);
  }

  async update(group: PublishedGroup): Promise<void> {
    const spec = groupSpec(group);
    this.#driver.run((engine, now) => engine.updateService(this.#id, spec, now));
  }

  async close(): Promise<void> {
    this.buffer.end();
  }
}

class FurtherHost implements Publication {
  readonly buffer: EventBuffer<PublicationEvent>;
  readonly name: string;
  readonly #id: PublicationId;

  constructor(driver: EngineDriver, id: PublicationId, name: string, onEnd: () => void) {
    this.#id = id;
    this.name = name;
    this.buffer = new EventBuffer(() => {
      onEnd();
      driver.run((engine, now) => engine.withdrawPublication(id, now));
    });
  }

  get id(): string {
    return `h${this.#id}`;
  }

  get events(): AsyncIterable<PublicationEvent> {
    return this.buffer;
  }

  async update(): Promise<void> {
    throw new DotlocalError("INVALID_ARGUMENT", `${this.name} is a host: publish it anew`);
  }

  async close(): Promise<void> {
    this.buffer.end();
  }
}
