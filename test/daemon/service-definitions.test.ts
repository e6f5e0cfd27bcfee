import { lookup } from "node:dns";
import { renameSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";
import { type DefinitionsPort, ServiceDefinitions } from "../../src/daemon/service-definitions.ts";
import type { ServiceGroupSpec } from "../../src/dnssd/service.ts";
import type { ServiceId, ServiceSnapshot } from "../../src/dnssd/types.ts";
import type { PublicationId } from "../../src/host/types.ts";
import { avahi, Folder, systemd, web } from "./folder.ts";

const open: { close(): unknown }[] = [];

afterEach(() => {
  for (const subject of open.splice(0)) subject.close();
});

/** An engine that has every name it wants at once. */
class Engine implements DefinitionsPort {
  readonly #published = new Map<ServiceId, ServiceGroupSpec>();
  label = "alpha";
  #lastId = 0;

  /** Names with types and ports, e.g. `Web _http._tcp:80`. */
  get published(): readonly string[] {
    return Array.from(this.#published.values(), ({ instance, services }) =>
      [instance, ...services.map(({ type, port }) => `${type}:${port}`)].join(" "),
    ).sort();
  }

  hostLabel(): string {
    return this.label;
  }

  publishService(spec: ServiceGroupSpec): ServiceId {
    const id = ++this.#lastId as ServiceId;
    this.#published.set(id, spec);
    return id;
  }

  updateService(id: ServiceId, spec: ServiceGroupSpec): void {
    this.#published.set(id, spec);
  }

  withdrawService(id: ServiceId): void {
    this.#published.delete(id);
  }

  isOwnAddress(): boolean {
    return false;
  }

  publishHost(): PublicationId {
    return ++this.#lastId as PublicationId;
  }

  withdrawPublication(): void {}

  serviceSnapshot(id: ServiceId): ServiceSnapshot | undefined {
    const spec = this.#published.get(id);
    if (spec === undefined) return undefined;
    const { instance, services } = spec;
    return {
      ...{ service: id, instance, original: instance, services, takenBy: undefined },
      ...{ reclaimAt: undefined, links: [{ link: 2 as never, state: "registered" }] },
    };
  }
}

class Subject {
  readonly engine = new Engine();
  readonly log: string[] = [];
  readonly definitions: ServiceDefinitions;

  constructor(folder: Folder) {
    const say = (line: unknown): void =>
      void this.log.push(String(line).replaceAll(`${folder.path}/`, ""));
    this.definitions = new ServiceDefinitions(folder.services, {
      port: this.engine,
      facts: { osId: "debian" },
      random: new SeededRandom(1),
      lookup,
      log: { info: say, warn: say, error: say },
    });
    this.definitions.load();
    open.push(this.definitions);
  }

  async publishes(...published: readonly string[]): Promise<void> {
    await expect.poll(() => this.engine.published, { timeout: 5000 }).toEqual(published);
  }
}

describe("what definition files say", () => {
  test("is published from the start, and followed as files come, change and go", async () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    folder.write("avahi/print.service", avahi("Print"));
    folder.write("run/os.dnssd", systemd("%o on %H"));
    const subject = new Subject(folder);
    const print = "Print _http._tcp:80";
    const os = "debian on alpha _http._tcp:80";
    expect(subject.engine.published).toEqual([print, "Web _http._tcp:80", os]);
    folder.write("own/new.yaml", web("New"));
    await subject.publishes("New _http._tcp:80", print, "Web _http._tcp:80", os);
    folder.write("own/.web.yaml", web("Web", 81));
    renameSync(folder.file("own/.web.yaml"), folder.file("own/web.yaml"));
    await subject.publishes("New _http._tcp:80", print, "Web _http._tcp:81", os);
    folder.remove("own");
    await subject.publishes(print, os);
    folder.write("own/web.yaml", web("Back"));
    await subject.publishes("Back _http._tcp:80", print, os);
  });

  test("follows this host's name", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web('"Web on %h"'));
    const subject = new Subject(folder);
    subject.engine.label = "alpha-2";
    subject.definitions.handleHostName();
    expect(subject.engine.published).toEqual(["Web on alpha-2 _http._tcp:80"]);
  });

  test("is told once where it is wrong, and its last valid version stays", async () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    const subject = new Subject(folder);
    folder.write("own/web.yaml", web("Web", 70000));
    await expect
      .poll(() => subject.log)
      .toEqual([
        expect.stringMatching(/^own\/web\.yaml:3:7: .*70000/),
        "own/web.yaml is not valid: its last valid version stays",
      ]);
    subject.definitions.load();
    expect(subject.log).toHaveLength(2);
    expect(subject.engine.published).toEqual(["Web _http._tcp:80"]);
    expect(subject.definitions.report).toMatchObject({
      ...{ files: 1, published: 1, waiting: 0, invalid: 1, hasErrors: true },
      problems: [expect.stringContaining("web.yaml:3:7: ")],
    });
    expect(subject.definitions.status).toMatchObject([{ state: "published", instance: "Web" }]);
  });

  test("is read from other folders after a reload that names them", () => {
    using folder = new Folder();
    folder.write("own/web.yaml", web("Web"));
    folder.write("more/ssh.yaml", web("More"));
    const subject = new Subject(folder);
    subject.definitions.load({ ...folder.services, directories: [folder.file("more")] });
    expect(subject.engine.published).toEqual(["More _http._tcp:80"]);
  });

  test("is not followed any more once closed", () => {
    using folder = new Folder();
    const subject = new Subject(folder);
    subject.definitions.close();
    folder.write("own/web.yaml", web("Web"));
    subject.definitions.load();
    expect(subject.engine.published).toEqual([]);
  });
});

describe("a service with a condition", () => {
  const guarded = (port: number): string =>
    [
      "name: Site",
      "services:",
      "  - { type: _ssh._tcp, port: 22 }",
      `  - { type: _http._tcp, port: ${port}, when: { tcp: ${port}, every: 1s } }`,
      "",
    ].join("\n");

  test("is published while it is met, beside those of its group that have none", async () => {
    using folder = new Folder();
    const server = createServer();
    const listen = (port: number) =>
      new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    await listen(0);
    const { port } = server.address() as AddressInfo;
    open.push(server);
    folder.write("own/site.yaml", guarded(port));
    const subject = new Subject(folder);
    expect(subject.engine.published).toEqual(["Site _ssh._tcp:22"]);
    expect(subject.definitions.status[0]?.services).toMatchObject([
      { type: "_ssh._tcp", condition: null, isOffered: true, found: null },
      {
        ...{ type: "_http._tcp", condition: `tcp 127.0.0.1:${port}`, isOffered: false },
        found: `tcp 127.0.0.1:${port} has not been looked at yet`,
      },
    ]);
    await subject.publishes(`Site _ssh._tcp:22 _http._tcp:${port}`);
    await new Promise((resolve) => server.close(resolve));
    await subject.publishes("Site _ssh._tcp:22");
    expect(subject.log).toEqual([
      `127.0.0.1:${port} takes connections: publishing what waits for it in own/site.yaml`,
      `127.0.0.1:${port} refuses connections: not publishing what waits for it in own/site.yaml`,
    ]);
  });

  test("that is the only one of its file waits, and says for what", async () => {
    using folder = new Folder();
    folder.write("own/web.yaml", `${web("Web")}when: { tcp: "127.0.0.1:1" }\n`);
    const subject = new Subject(folder);
    await expect
      .poll(() => subject.definitions.status)
      .toMatchObject([
        { state: "waiting", instance: null, reason: "127.0.0.1:1 refuses connections" },
      ]);
    expect(subject.engine.published).toEqual([]);
    expect(subject.definitions.report).toMatchObject({ published: 0, waiting: 1 });
  });
});
