/** Something that the library's responder publishes: its name, what becomes of it, and its end. */

import { DotlocalError } from "../core/errors.ts";
import type { EventBuffer } from "../runtime/event-buffer.ts";
import type { Publication, PublicationEvent } from "../runtime/services.ts";
import { EventFan } from "./event-fan.ts";
import { groupOf, type ServiceGroupOptions, type ServiceOptions } from "./service-options.ts";

export class PublishedName implements AsyncIterable<PublicationEvent>, AsyncDisposable {
  readonly #publication: Publication;
  readonly #fan = new EventFan<PublicationEvent>();
  /** How it stands: the last of each kind on each link since it has its present name. */
  readonly #standing = new Map<string, PublicationEvent>();
  readonly #done: Promise<void>;

  constructor(publication: Publication, onEnd: () => void) {
    this.#publication = publication;
    this.#done = this.#follow().finally(onEnd);
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
  update(service: ServiceOptions | ServiceGroupOptions): Promise<void> {
    return this.#publication.update(groupOf(service));
  }

  /** Withdraws it with goodbyes. */
  async close(): Promise<void> {
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
    try {
      for await (const event of this.#publication.events) {
        if (event.event === "renamed" || event.event === "reclaimed") this.#standing.clear();
        const place = "interface" in event ? event.interface : "";
        this.#standing.set(`${event.event} ${place}`, event);
        this.#fan.push(event);
      }
      this.#fan.end();
    } catch (error) {
      this.#fan.end(error as DotlocalError);
    }
  }
}
