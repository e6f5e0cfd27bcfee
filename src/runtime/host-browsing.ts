/** Browses of the engine as streams of plain events, each resolving what it finds where asked to. */

import type { DotlocalError } from "../core/errors.ts";
import type { LinkId } from "../core/link.ts";
import type { Instant } from "../core/time.ts";
import type { BrowseId, DnssdEvent, Resolution, ServiceInstance, WatchId } from "../dnssd/types.ts";
import type { HostEngine } from "../host/host-engine.ts";
import type { HostEvent } from "../host/types.ts";
import type { Driver } from "../net/driver.ts";
import { Name } from "../wire/name.ts";
import { EventBuffer } from "./event-buffer.ts";
import { linksMatching } from "./link-choice.ts";
import type { LinkNames } from "./plain-results.ts";
import { foundService, resolvedService } from "./plain-services.ts";
import type { BrowseEvent, BrowseQuery, FoundService } from "./services.ts";

interface Session {
  readonly id: BrowseId;
  readonly resolve: boolean;
  readonly buffer: EventBuffer<BrowseEvent>;
  /** Ends it when nothing happens; looked at by the engine's own process, which knows when it was busy. */
  readonly quiet: NodeJS.Timeout | undefined;
  /** What is listed, by link and name. */
  readonly listed: Map<string, Listed>;
}

interface Listed {
  readonly service: FoundService;
  readonly watch: WatchId | undefined;
}

export class HostBrowsing {
  readonly #driver: Driver<HostEvent, HostEngine>;
  readonly #linkNames: LinkNames;
  readonly #sessions = new Map<BrowseId, Session>();
  readonly #watches = new Map<WatchId, { session: Session; service: FoundService }>();

  constructor(driver: Driver<HostEvent, HostEngine>, linkNames: LinkNames) {
    this.#driver = driver;
    this.#linkNames = linkNames;
  }

  /** @throws DotlocalError INVALID_NAME, LIMIT_REACHED. */
  browse(query: BrowseQuery, signal: AbortSignal | undefined): EventBuffer<BrowseEvent> {
    const { type, domain = "local", interfaces, resolve = false, quiet } = query;
    const spec = { type, domain: Name.parse(domain), links: linksMatching(interfaces) };
    const session = this.#driver.run((engine, now) => {
      const id = engine.browse(spec, now);
      const buffer = new EventBuffer<BrowseEvent>(() => this.#stop(id));
      const timer = quiet === undefined ? undefined : setTimeout(() => buffer.end(), quiet);
      const opened = { id, resolve, buffer, quiet: timer, listed: new Map() };
      this.#sessions.set(id, opened);
      return opened;
    });
    session.buffer.endWith(signal);
    return session.buffer;
  }

  handleEvent(event: DnssdEvent): void {
    if (event.kind === "instance-added") this.#add(event.browse, event.instance);
    else if (event.kind === "instance-removed") this.#remove(event.browse, event.instance);
    else if (event.kind === "instance-resolved") this.#tell(event.watch, event.resolution);
    else if (event.kind === "instance-unresolved") this.#tell(event.watch, undefined);
  }

  close(): void {
    for (const { buffer } of this.#sessions.values()) buffer.end();
  }

  #add(browse: BrowseId, instance: ServiceInstance): void {
    const session = this.#sessions.get(browse);
    const service = foundService(instance, this.#linkNames(instance.link) ?? "");
    if (session === undefined || service === undefined) return;
    push(session, { event: "added", service });
    const watch = session.resolve ? this.#watch(session, instance, service) : undefined;
    session.listed.set(keyOf(instance), { service, watch });
  }

  #watch(
    session: Session,
    { name, link }: ServiceInstance,
    service: FoundService,
  ): WatchId | undefined {
    const links = ({ id }: { readonly id: LinkId }): boolean => id === link;
    const start = (engine: HostEngine, now: Instant): WatchId => {
      const watch = engine.watchInstance({ name, links }, now);
      this.#watches.set(watch, { session, service });
      return watch;
    };
    try {
      return this.#driver.run(start);
    } catch (error) {
      // So many that no further one can be kept resolved: the reader is told.
      session.buffer.end(error as DotlocalError);
      return undefined;
    }
  }

  #remove(browse: BrowseId, instance: ServiceInstance): void {
    const session = this.#sessions.get(browse);
    const listed = session?.listed.get(keyOf(instance));
    if (session === undefined || listed === undefined) return;
    session.listed.delete(keyOf(instance));
    this.#unwatch(listed.watch);
    push(session, { event: "removed", service: listed.service });
  }

  #unwatch(watch: WatchId | undefined): void {
    if (watch === undefined) return;
    this.#watches.delete(watch);
    this.#driver.run((engine, now) => engine.stopWatch(watch, now));
  }

  #tell(watch: WatchId, resolution: Resolution | undefined): void {
    const watched = this.#watches.get(watch);
    if (watched === undefined) return;
    const { session, service } = watched;
    push(
      session,
      resolution === undefined
        ? { event: "unresolved", service }
        : { event: "resolved", service: resolvedService(service, resolution) },
    );
  }

  #stop(id: BrowseId): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    clearTimeout(session?.quiet);
    this.#driver.run((engine, now) => engine.stopBrowse(id, now));
    for (const { watch } of session?.listed.values() ?? []) this.#unwatch(watch);
  }
}

function push({ buffer, quiet }: Session, event: BrowseEvent): void {
  quiet?.refresh();
  buffer.push(event);
}

function keyOf({ name, link }: ServiceInstance): string {
  return `${link} ${name.key}`;
}
