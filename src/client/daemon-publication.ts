/** Something that a running daemon publishes for us, for as long as the connection to it stands. */

import { DotlocalError } from "../core/errors.ts";
import { EventBuffer } from "../runtime/event-buffer.ts";
import type { Publication, PublicationEvent, PublishedGroup } from "../runtime/services.ts";
import type { DaemonConnection } from "./daemon-connection.ts";
import { type LinkedSignal, linkedSignal } from "./linked-signal.ts";

/** The first line of the stream, then what becomes of it. */
type Line =
  | { readonly event: "accepted"; readonly id: string; readonly name: string }
  | PublicationEvent;

export class DaemonPublication implements Publication {
  readonly id: string;
  readonly #daemon: DaemonConnection;
  readonly #connection: LinkedSignal;
  readonly #buffer: EventBuffer<PublicationEvent>;
  #name: string;

  /** @throws DotlocalError with the code that the daemon gave, or NO_DAEMON, NOT_PERMITTED, SYSTEM. */
  static async open(
    daemon: DaemonConnection,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<DaemonPublication> {
    const connection = linkedSignal(signal);
    const lines = daemon.stream<Line>({
      ...{ method: "POST", path: "/v1/registrations", body },
      signal: connection.signal,
    });
    const first = await lines.next();
    if (first.done || first.value.event !== "accepted") {
      connection.abort();
      throw new DotlocalError("SYSTEM", "the daemon did not tell what it publishes");
    }
    return new DaemonPublication(daemon, connection, first.value, lines);
  }

  private constructor(
    daemon: DaemonConnection,
    connection: LinkedSignal,
    { id, name }: { readonly id: string; readonly name: string },
    lines: AsyncGenerator<Line>,
  ) {
    this.id = id;
    this.#daemon = daemon;
    this.#connection = connection;
    this.#name = name;
    this.#buffer = new EventBuffer(() => connection.abort());
    void this.#follow(lines);
  }

  get name(): string {
    return this.#name;
  }

  get events(): AsyncIterable<PublicationEvent> {
    return this.#buffer;
  }

  async update(group: PublishedGroup): Promise<void> {
    const path = `/v1/registrations/${this.id}`;
    const { name } = await this.#daemon.call<{ name: string }>({
      ...{ method: "PATCH", path, body: group },
    });
    this.#name = name;
  }

  /** Resolves once the goodbyes are on their way. */
  async close(): Promise<void> {
    if (!this.#connection.signal.aborted) {
      const path = `/v1/registrations/${this.id}`;
      // Should the daemon be gone, so is the registration.
      await this.#daemon.call({ method: "DELETE", path }).catch(() => undefined);
    }
    this.#buffer.end();
  }

  async #follow(lines: AsyncGenerator<Line>): Promise<void> {
    try {
      for await (const line of lines) {
        if (line.event === "accepted") continue;
        if (line.event === "renamed" || line.event === "reclaimed") this.#name = line.to;
        this.#buffer.push(line);
      }
      const isOurs = this.#connection.signal.aborted;
      this.#buffer.end(isOurs ? undefined : new DotlocalError("SYSTEM", "the daemon has ended"));
    } catch (error) {
      const isOurs = this.#connection.signal.aborted || !(error instanceof DotlocalError);
      this.#buffer.end(isOurs ? undefined : error);
    }
  }
}
