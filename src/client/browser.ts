/** The library's browser: services on the link as they come and go. */

import { DotlocalError } from "../core/errors.ts";
import type { EventBuffer } from "../runtime/event-buffer.ts";
import type { BrowseEvent, FoundService, ResolvedService } from "../runtime/services.ts";
import { EventFan } from "./event-fan.ts";
import { type LinkedSignal, linkedSignal } from "./linked-signal.ts";
import { type DirectoryOptions, type OpenedDirectory, openDirectory } from "./open-directory.ts";
import { isDaemonGone, reconnectWait } from "./reconnect.ts";

export interface BrowserOptions extends DirectoryOptions {
  /** Keeps host, port, addresses and TXT of everything found known. Default false. */
  readonly resolve?: boolean;
  /** Default `local`. */
  readonly domain?: string;
  /** Globs of interface names; default: every link. */
  readonly interfaces?: readonly string[];
  /** Closes the browser. */
  readonly signal?: AbortSignal;
}

/** A service; with `resolve`, and once it is resolved, with everything known of it. */
export type BrowsedService = FoundService & Partial<ResolvedService>;

/**
 * Services of a type, of a subtype (`_printer._sub._http._tcp`), or of all types, one a link.
 *
 * It browses from its construction until it is closed, through the running daemon where there is
 * one, else with an engine in this process; should the daemon end, it begins anew. Each iteration
 * begins with what is known already and then follows; what goes wrong (a type that is none, no link)
 * rejects it.
 *
 * @example
 * ```ts
 * await using browser = new Browser("_ipp._tcp", { resolve: true });
 * for await (const { event, service } of browser) {
 *   if (event === "resolved") console.log(service.instance, service.host, service.port);
 *   if (event === "removed") console.log(service.instance, "is gone");
 * }
 * ```
 */
export class Browser implements AsyncIterable<BrowseEvent>, AsyncDisposable {
  readonly #options: BrowserOptions;
  readonly #type: string | undefined;
  #opened: Promise<OpenedDirectory>;
  readonly #end: LinkedSignal;
  readonly #fan = new EventFan<BrowseEvent>();
  readonly #services = new Map<string, BrowsedService>();
  readonly #done: Promise<void>;

  constructor(type?: string, options: BrowserOptions = {}) {
    this.#type = type;
    this.#options = options;
    this.#end = linkedSignal(options.signal);
    this.#opened = openDirectory(options, undefined);
    this.#done = this.#follow();
  }

  /** What is known now, in the order in which it was found. */
  get services(): readonly BrowsedService[] {
    return [...this.#services.values()];
  }

  /**
   * Where a service is.
   *
   * @param service one of `services` or of an event, or a whole name (`Laser._ipp._tcp.local`).
   * @param limits `timeout` in milliseconds, default as configured (3 s).
   * @throws DotlocalError NOT_FOUND, INVALID_NAME, ABORTED.
   *
   * @example
   * ```ts
   * const { host, port, addresses } = await browser.resolve("Laser._ipp._tcp.local");
   * ```
   */
  async resolve(
    service: FoundService | string,
    limits: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
  ): Promise<ResolvedService> {
    const { timeout, signal } = limits;
    const { directory } = await this.#opened;
    const query =
      typeof service === "string"
        ? { name: service, interfaces: this.#options.interfaces ?? [] }
        : { name: service.name, interfaces: [service.interface] };
    const limited = timeout === undefined ? query : { ...query, timeout };
    const result = await directory.resolveInstance(limited, signal);
    if (result.outcome === "not-found") throw new DotlocalError("NOT_FOUND", result.message);
    return result.services[0]!;
  }

  /** Ends every iteration. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#done;
    this.#services.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Any number of readers, each with all of the events. */
  [Symbol.asyncIterator](): EventBuffer<BrowseEvent> {
    return this.#fan.reader(this.services.flatMap(eventsOf));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    for (let isConnected = false; ; ) {
      try {
        const opened = await this.#opened;
        isConnected = true;
        await this.#read(opened);
        this.#fan.end();
        return;
      } catch (error) {
        if (!isConnected || !isDaemonGone(error) || signal.aborted) {
          this.#fan.end(error as DotlocalError);
          return;
        }
        this.#loseAll();
        await reconnectWait(signal);
        this.#opened = openDirectory(this.#options, undefined);
      }
    }
  }

  async #read(opened: OpenedDirectory): Promise<void> {
    const { resolve = false, domain, interfaces } = this.#options;
    const query = {
      resolve,
      ...(this.#type === undefined ? {} : { type: this.#type }),
      ...(domain === undefined ? {} : { domain }),
      ...(interfaces === undefined ? {} : { interfaces }),
    };
    try {
      for await (const event of opened.directory.browse(query, this.#end.signal)) this.#note(event);
    } finally {
      await opened.close();
    }
  }

  /** What a daemon that has ended told may no longer hold. */
  #loseAll(): void {
    for (const service of this.services) this.#note({ event: "removed", service });
  }

  #note(event: BrowseEvent): void {
    const key = `${event.service.interface} ${event.service.name}`;
    if (event.event === "removed") this.#services.delete(key);
    else this.#services.set(key, event.service);
    this.#fan.push(event);
  }
}

/** The events that lead to what is known of a service. */
function eventsOf(service: BrowsedService): readonly BrowseEvent[] {
  const added = { event: "added", service } as const;
  return isResolved(service) ? [added, { event: "resolved", service }] : [added];
}

function isResolved(service: BrowsedService): service is ResolvedService {
  return service.host !== undefined;
}
