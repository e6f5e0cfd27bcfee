/** Something that the library's responder publishes: its name, what becomes of it, and its end. */

import { DotlocalError } from "../core/errors.ts";
import type { EventBuffer } from "../runtime/event-buffer.ts";
import type { Publication, PublicationEvent, PublishedGroup } from "../runtime/services.ts";
import { EventFan } from "./event-fan.ts";
import { isDaemonGone, reconnectWait } from "./reconnect.ts";
import { groupOf, type ServiceGroupOptions, type ServiceOptions } from "./service-options.ts";

/** Where it comes from. */
export interface PublishedSource {
  /** Publishes it anew, as an update has changed it. */
  republish(changed: PublishedGroup | undefined): Promise<Publication>;
  onEnd(): void;
}

export class PublishedName implements AsyncIterable<PublicationEvent>, AsyncDisposable {
  readonly #source: PublishedSource;
  readonly #end = new AbortController();
  #publication: Publication;
  /** What an update has made of it. */
  #changed: PublishedGroup | undefined;
  readonly #fan = new EventFan<PublicationEvent>();
  /** How it stands: the last of each kind on each link since it has its present name. */
  readonly #standing = new Map<string, PublicationEvent>();
  readonly #done: Promise<void>;

  constructor(publication: Publication, source: PublishedSource) {
    this.#publication = publication;
    this.#source = source;
    this.#done = this.#follow().finally(() => source.onEnd());
  }

  /** What it is called now; changes when the name turns out to be somebody else's. */
  get name(): string {
    return this.#publication.name;
  }

  /**
   * The name, once it is won on a link; at once where it is already.
   * @throws DotlocalError ABORTED when it is withdrawn before, or why it ended.
   */
  async established(): Promise<string> {
    for await (const event of this) if (event.event === "registered") return event.name;
    throw new DotlocalError("ABORTED", "withdrawn before the name was established");
  }

  /**
   * The whole new description; only what changed goes on the wire.
   * @throws DotlocalError INVALID_NAME, INVALID_ARGUMENT, INVALID_DATA.
   */
  async update(service: ServiceOptions | ServiceGroupOptions): Promise<void> {
    const group = groupOf(service);
    await this.#publication.update(group);
    this.#changed = group;
  }

  /** Withdraws it with goodbyes. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#publication.close();
    await this.#done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What becomes of it, from how it stands now on; any number of readers. */
  [Symbol.asyncIterator](): EventBuffer<PublicationEvent> {
    return this.#fan.reader(this.#standing.values());
  }

  async #follow(): Promise<void> {
    for (;;) {
      try {
        for await (const event of this.#publication.events) this.#note(event);
        this.#fan.end();
        return;
      } catch (error) {
        if (!isDaemonGone(error) || !(await this.#republish())) {
          this.#fan.end(error as DotlocalError);
          return;
        }
      }
    }
  }

  #note(event: PublicationEvent): void {
    if (event.event === "renamed" || event.event === "reclaimed") this.#standing.clear();
    const place = "interface" in event ? event.interface : "";
    this.#standing.set(`${event.event} ${place}`, event);
    this.#fan.push(event);
  }

  /** Tries until it is published again; false when it is closed or refused meanwhile. */
  async #republish(): Promise<boolean> {
    const { signal } = this.#end;
    this.#standing.clear();
    while (!signal.aborted) {
      await reconnectWait(signal);
      try {
        this.#publication = await this.#source.republish(this.#changed);
        if (signal.aborted) await this.#publication.close();
        return !signal.aborted;
      } catch (error) {
        if (!isDaemonGone(error)) return false;
      }
    }
    return false;
  }
}
