/** Hands events of one source to any number of readers. */

import type { DotlocalError } from "../core/errors.ts";
import { EventBuffer } from "../runtime/event-buffer.ts";

export class EventFan<Event> {
  readonly #readers = new Set<EventBuffer<Event>>();
  #end: { readonly error: DotlocalError | undefined } | undefined;

  push(event: Event): void {
    for (const reader of this.#readers) reader.push(event);
  }

  /** Readers get what waits for them, then the error, or the end; later ones at once. */
  end(error?: DotlocalError): void {
    this.#end ??= { error };
    for (const reader of this.#readers) reader.end(error);
  }

  /** A reader that begins with `first`. */
  reader(first: Iterable<Event> = []): EventBuffer<Event> {
    const reader: EventBuffer<Event> = new EventBuffer(() => this.#readers.delete(reader));
    this.#readers.add(reader);
    for (const event of first) reader.push(event);
    if (this.#end !== undefined) reader.end(this.#end.error);
    return reader;
  }
}
