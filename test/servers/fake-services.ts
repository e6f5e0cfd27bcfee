/** A directory of services under a test's control, behind a control server of its own. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonConnection } from "../../src/client/daemon-connection.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import { EventBuffer } from "../../src/runtime/event-buffer.ts";
import type {
  BrowseEvent,
  BrowseQuery,
  InstanceResult,
  Publication,
  PublicationEvent,
  PublishedGroup,
  PublishedHost,
  ServiceDirectory,
} from "../../src/runtime/services.ts";
import { ControlServer } from "../../src/servers/control/control-server.ts";
import { serviceRoutes } from "../../src/servers/control/service-routes.ts";

export class FakePublication implements Publication {
  readonly id: string;
  readonly buffer: EventBuffer<PublicationEvent>;
  name: string;
  group: PublishedGroup | PublishedHost;
  isOpen = true;

  constructor(id: string, name: string, group: PublishedGroup | PublishedHost) {
    this.id = id;
    this.name = name;
    this.group = group;
    this.buffer = new EventBuffer(() => {
      this.isOpen = false;
    });
  }

  get events(): AsyncIterable<PublicationEvent> {
    return this.buffer;
  }

  async update(group: PublishedGroup): Promise<void> {
    this.group = group;
  }

  async close(): Promise<void> {
    this.buffer.end();
  }
}

export class FakeServices implements ServiceDirectory {
  readonly published: FakePublication[] = [];
  readonly browses: { readonly query: BrowseQuery; readonly buffer: EventBuffer<BrowseEvent> }[] =
    [];

  browse(query: BrowseQuery, signal?: AbortSignal): AsyncIterable<BrowseEvent> {
    if (query.type === "nope") throw new DotlocalError("INVALID_NAME", "expected a type");
    const buffer = new EventBuffer<BrowseEvent>();
    buffer.endWith(signal);
    this.browses.push({ query, buffer });
    return buffer;
  }

  async resolveInstance(): Promise<InstanceResult> {
    return { outcome: "not-found", reason: "no-such-name", message: "nobody answers" };
  }

  async publish(group: PublishedGroup, signal?: AbortSignal): Promise<Publication> {
    return this.#add(
      new FakePublication(`s${this.published.length}`, group.instance, group),
      signal,
    );
  }

  async publishHost(host: PublishedHost, signal?: AbortSignal): Promise<Publication> {
    return this.#add(new FakePublication(`h${this.published.length}`, host.name, host), signal);
  }

  #add(publication: FakePublication, signal: AbortSignal | undefined): FakePublication {
    publication.buffer.endWith(signal);
    this.published.push(publication);
    return publication;
  }
}

/** A control server with these routes alone, and a client's way to it. */
export class ServedServices implements AsyncDisposable {
  readonly services = new FakeServices();
  readonly path: string;
  readonly daemon: DaemonConnection;
  readonly #folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  readonly #server: ControlServer;

  private constructor(mayChange: boolean) {
    this.path = join(this.#folder, "control.sock");
    this.daemon = new DaemonConnection(this.path);
    this.#server = new ControlServer({
      path: this.path,
      mode: 0o600,
      routes: serviceRoutes(this.services),
      mayChange: () => mayChange,
      onFault: (error) => {
        throw error;
      },
    });
  }

  static async start(mayChange = true): Promise<ServedServices> {
    const served = new ServedServices(mayChange);
    await served.#server.listen();
    return served;
  }

  /** Ends, as a daemon that is killed. */
  async stop(): Promise<void> {
    await this.#server.close();
  }

  async listen(): Promise<void> {
    await this.#server.listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
