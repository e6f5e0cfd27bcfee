/** The library's responder: services and host names published from code. */

import { DotlocalError } from "../core/errors.ts";
import type { Publication, PublishedGroup, PublishedHost } from "../runtime/services.ts";
import { DaemonConnection } from "./daemon-connection.ts";
import { type DirectoryOptions, type OpenedDirectory, openDirectory } from "./open-directory.ts";
import { PublishedName } from "./published-name.ts";
import { groupOf, type ServiceGroupOptions, type ServiceOptions } from "./service-options.ts";

export interface ResponderOptions extends DirectoryOptions {
  /** Withdraws everything and closes the responder. */
  readonly signal?: AbortSignal;
}

/** Begins to publish; with `changed`, what an update has made of it. */
type Start = (opened: OpenedDirectory, changed?: PublishedGroup) => Promise<Publication>;

export interface Withdrawal {
  /** Withdraws what is published. */
  readonly signal?: AbortSignal;
}

/**
 * Publishes services and host names, through the running daemon where there is one, else with an
 * engine in this process. Everything is withdrawn with goodbyes when the responder is closed; should
 * the process die, the daemon withdraws it, and should the daemon end, it is published anew.
 *
 * @example
 * ```ts
 * await using responder = new Responder();
 * const web = await responder.publish({
 *   name: "My web site", type: "_http._tcp", port: 8080, txt: { path: "/" },
 * });
 * console.log("published as", await web.established());
 * await web.update({ name: "My web site", type: "_http._tcp", port: 8080, txt: { path: "/new" } });
 * ```
 */
export class Responder implements AsyncDisposable {
  readonly #options: ResponderOptions;
  readonly #published = new Set<PublishedName>();
  #opened: Promise<OpenedDirectory> | undefined;
  #isClosed = false;

  constructor(options: ResponderOptions = {}) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted) this.#isClosed = true;
    else signal?.addEventListener("abort", () => void this.close(), { once: true });
  }

  /**
   * Resolves once the name is being claimed; `established()` of the result tells when, and as what,
   * it was won. A name that is taken becomes `Name (2)`.
   *
   * @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA, NOT_PERMITTED, NO_LINK,
   *   LIMIT_REACHED.
   */
  publish(
    service: ServiceOptions | ServiceGroupOptions,
    { signal }: Withdrawal = {},
  ): Promise<PublishedName> {
    const group = groupOf(service);
    return this.#publish((opened, changed = group) => opened.directory.publish(changed, signal));
  }

  /**
   * Another host name with fixed addresses.
   *
   * @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, NOT_PERMITTED, NO_LINK, LIMIT_REACHED.
   *
   * @example
   * ```ts
   * await responder.publishHost({ name: "printer.local", addresses: ["192.168.1.50"] });
   * ```
   */
  publishHost(host: PublishedHost, { signal }: Withdrawal = {}): Promise<PublishedName> {
    return this.#publish((opened) => opened.directory.publishHost(host, signal));
  }

  /** Withdraws everything with goodbyes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#published].map((published) => published.close()));
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #publish(start: Start): Promise<PublishedName> {
    if (this.#isClosed) throw new DotlocalError("ABORTED", "the responder is closed");
    const publication = await start(await this.#directory());
    const published: PublishedName = new PublishedName(publication, {
      republish: async (changed) => start(await this.#reopened(), changed),
      onEnd: () => this.#published.delete(published),
    });
    this.#published.add(published);
    if (this.#isClosed) await published.close();
    return published;
  }

  #directory(): Promise<OpenedDirectory> {
    this.#opened ??= openDirectory(this.#options, "services");
    return this.#opened;
  }

  /** The daemon that served this has ended: whoever is there now. */
  async #reopened(): Promise<OpenedDirectory> {
    if (this.#isClosed) throw new DotlocalError("ABORTED", "the responder is closed");
    const before = await this.#opened?.catch(() => undefined);
    if (before === undefined || before.directory instanceof DaemonConnection) {
      this.#opened = undefined;
    }
    return this.#directory();
  }
}
