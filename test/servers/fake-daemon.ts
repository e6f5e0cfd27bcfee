/** A control server with every route, in front of an engine on no link but a made-up one. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonConnection } from "../../src/client/daemon-connection.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { type Instant, instant } from "../../src/core/time.ts";
import { daemonStatus } from "../../src/daemon/status.ts";
import { HostEngine } from "../../src/host/host-engine.ts";
import type { DaemonStatus } from "../../src/runtime/daemon-status.ts";
import type {
  AddressResult,
  Directory,
  NameResult,
  RecordResult,
} from "../../src/runtime/directory.ts";
import { EventBuffer } from "../../src/runtime/event-buffer.ts";
import type { CachedEntry, CacheQuery, ReconfirmQuery } from "../../src/runtime/host-cache.ts";
import { linkStatuses } from "../../src/runtime/link-status.ts";
import { type SeenMessage, seenMessage } from "../../src/runtime/seen-message.ts";
import type { Administered, LogLevel } from "../../src/servers/control/administration-routes.ts";
import {
  ControlServer,
  type ControlServerOptions,
} from "../../src/servers/control/control-server.ts";
import { controlRoutes } from "../../src/servers/control/routes.ts";
import { FakeServices } from "./fake-services.ts";

const LINK: Link = {
  ...{ id: 7 as LinkId, name: "eth0", mtu: 1500, families: ["ipv4"], loopback: false },
  addresses: [{ family: "ipv4", address: "192.0.2.1" as IpAddress, prefixLength: 24 }],
  ...{ incarnation: 0, sharesPort: false },
};

const PLACE = { interface: "eth0", ttl: 120, protocol: "mdns", source: "192.0.2.9" } as const;

export const ENTRY: CachedEntry = {
  ...{ name: "printer.local", type: "A", ttl: 120, data: "192.0.2.9" },
  ...{ protocol: "mdns", interface: "eth0", source: "192.0.2.9" },
};

/** A query for printer.local, type A. */
const QUERY = "000000000001000000000000077072696e746572056c6f63616c0000010001";

export function message(hexadecimal = QUERY): SeenMessage {
  return seenMessage(Buffer.from(hexadecimal, "hex"), {
    ...{ at: 1_700_000_000_123_456, direction: "in", protocol: "mdns", transport: "udp" },
    ...{ interface: "eth0", family: "ipv4" },
    source: { address: "192.0.2.9" as IpAddress, port: 5353 },
    destination: { address: "224.0.0.251" as IpAddress, port: 5353 },
  });
}

class FakeDirectory extends FakeServices implements Directory {
  async lookupAddresses({ name }: { name: string }): Promise<AddressResult> {
    if (name === "nobody.local") {
      return { outcome: "not-found", reason: "no-such-name", message: "nobody answers" };
    }
    const addresses = [{ address: "192.0.2.9", ...PLACE }];
    return { outcome: "found", canonicalName: name, addresses };
  }

  async lookupNames(): Promise<NameResult> {
    return { outcome: "found", names: [{ name: "printer.local", ...PLACE }] };
  }

  async lookupRecords({ name, type }: { name: string; type: string }): Promise<RecordResult> {
    return { outcome: "found", records: [{ name, type, data: "192.0.2.9", ...PLACE }] };
  }

  async close(): Promise<void> {}
}

export class FakeAdministered implements Administered {
  readonly engine = new HostEngine({ random: new SeededRandom(1) });
  readonly flushed: (readonly string[] | undefined)[] = [];
  readonly watchers: EventBuffer<SeenMessage>[] = [];
  readonly queries: CacheQuery[] = [];
  onWatcherGone: () => void = () => {};
  logLevel: LogLevel = "info";
  now: Instant = instant(1000);

  constructor() {
    this.engine.handleLinks([LINK], this.now);
  }

  readonly cache: Administered["cache"] = {
    list: (query: CacheQuery) => {
      this.queries.push(query);
      return [ENTRY];
    },
    flush: (interfaces) => {
      this.flushed.push(interfaces);
    },
    reconfirm: ({ name }: ReconfirmQuery) => {
      if (name !== ENTRY.name) throw new DotlocalError("NOT_FOUND", `nothing for ${name}`);
      return 1;
    },
  };

  status(): DaemonStatus {
    return daemonStatus({
      ...{ version: "1.0.0", leftOut: ["no stub"], configurationFile: null },
      ...{ controlSocket: "/run/control.sock", transport: "native", isPortShared: true },
      portHolders: [{ pid: 12, name: "avahi-daemon", user: "avahi" }],
      definitions: [],
      stub: { places: [], pending: 0, connections: 0, counters: {} },
      host: this.engine.snapshot(this.now),
    });
  }

  links(): unknown {
    return linkStatuses(this.engine.snapshot(this.now));
  }

  async reload(): Promise<unknown> {
    const definitions = { hasErrors: false, problems: [], files: 0 };
    return { configurationFile: null, definitions };
  }

  watch(signal: AbortSignal): AsyncIterable<SeenMessage> {
    const buffer = new EventBuffer<SeenMessage>(() => this.onWatcherGone());
    buffer.endWith(signal);
    this.watchers.push(buffer);
    return buffer;
  }
}

export class ServedDaemon implements AsyncDisposable {
  readonly directory = new FakeDirectory();
  readonly daemon = new FakeAdministered();
  readonly routes = controlRoutes(this.directory, this.daemon);
  readonly path: string;
  readonly connection: DaemonConnection;
  readonly faults: unknown[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "dotlocal-"));
  readonly #server: ControlServer;

  private constructor(options: Partial<ControlServerOptions>) {
    this.path = join(this.#folder, "control.sock");
    this.connection = new DaemonConnection(this.path);
    this.#server = new ControlServer({
      ...{ path: this.path, mode: 0o600, routes: this.routes, mayChange: () => true },
      onFault: (error) => this.faults.push(error),
      ...options,
    });
  }

  static async start(options: Partial<ControlServerOptions> = {}): Promise<ServedDaemon> {
    const served = new ServedDaemon(options);
    await served.#server.listen();
    return served;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
