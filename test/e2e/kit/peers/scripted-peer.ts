/**
 * Peers that are libraries: python-zeroconf, ciao and bonjour-service, each driven by a small script
 * beside this file that takes commands and prints events as JSON lines.
 */

import { join } from "node:path";
import type { Host } from "../lan.ts";
import type { RunningProcess } from "../process.ts";

export interface PeerService {
  /** The instance's label, e.g. `Web`. */
  readonly name: string;
  /** E.g. `_http._tcp`. */
  readonly type: string;
  readonly port: number;
  readonly properties?: Readonly<Record<string, string>>;
  /** The label of the host it is on. Default: the host's own name. */
  readonly hostName?: string;
}

export interface PeerEvent {
  readonly event: "ready" | "registered" | "renamed" | "added" | "updated" | "removed" | "closed";
  /** A service instance name, as the library writes it. */
  readonly name?: string;
  readonly server?: string;
  readonly port?: number;
  readonly addresses?: readonly string[];
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** How each library wants a service. */
interface Dialect {
  start(host: Host): RunningProcess;
  registration(service: PeerService, host: Host): object;
  /** The argument of the browse command; undefined where the library cannot browse. */
  browsed(type: string): string | undefined;
}

export class ScriptedPeer implements AsyncDisposable {
  readonly host: Host;
  readonly process: RunningProcess;
  readonly #dialect: Dialect;

  private constructor(host: Host, process: RunningProcess, dialect: Dialect) {
    this.host = host;
    this.process = process;
    this.#dialect = dialect;
  }

  static async start(host: Host, dialect: Dialect): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(host, dialect.start(host), dialect);
    await peer.event(({ event }) => event === "ready");
    return peer;
  }

  /** Resolves once the service is announced; the event holds the name it got. */
  async register(service: PeerService): Promise<PeerEvent> {
    const before = this.process.lines.length;
    this.#send({ register: this.#dialect.registration(service, this.host) });
    return this.event(({ event }) => event === "registered", before);
  }

  /** From now on services of `type`, e.g. `_http._tcp`, show up as events. */
  browse(type: string): void {
    const browsed = this.#dialect.browsed(type);
    if (browsed === undefined) throw new Error("this library cannot browse");
    this.#send({ browse: browsed });
  }

  /** The first event, past or future, that matches; `after` passes over so many lines. */
  async event(matches: (event: PeerEvent) => boolean, after = 0): Promise<PeerEvent> {
    for (let index = after; ; index++) {
      const line = this.process.lines[index] ?? (await this.process.nextLine(/./)).input;
      const event = parseEvent(line);
      if (event !== undefined && matches(event)) return event;
    }
  }

  /** Withdraws its services with goodbyes, then ends. */
  async close(): Promise<void> {
    this.#send({ close: true });
    await this.process.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }

  #send(command: object): void {
    this.process.write(`${JSON.stringify(command)}\n`);
  }
}

export function startPythonZeroconf(host: Host): Promise<ScriptedPeer> {
  return ScriptedPeer.start(host, {
    start: () => host.spawn("/usr/bin/python3", [script("python-zeroconf.py"), host.address]),
    registration: ({ name, type, port, properties, hostName }) => ({
      type: `${type}.local.`,
      name: `${name}.${type}.local.`,
      server: `${hostName ?? host.name}.local.`,
      addresses: [host.address],
      port,
      properties,
    }),
    browsed: (type) => `${type}.local.`,
  });
}

export async function startCiao(host: Host): Promise<ScriptedPeer> {
  // It takes what it hears by loopback over IPv6 for another host's, and would probe without end.
  await host.output("sysctl", ["-q", "-w", "net.ipv6.conf.lo.disable_ipv6=1"]);
  return ScriptedPeer.start(host, {
    start: () => {
      const links = host.links.map(({ name }) => name);
      return host.spawn(process.execPath, [script("ciao.mjs"), ...links]);
    },
    registration: ({ name, type, port, properties, hostName }) => ({
      name,
      type: bareType(type),
      port,
      properties,
      hostname: hostName ?? host.name,
    }),
    browsed: () => undefined,
  });
}

export async function startBonjourService(host: Host): Promise<ScriptedPeer> {
  // It sends by the default route, as on a machine that has one.
  await host.namespace.ip(`route replace default dev ${host.link.name}`);
  return ScriptedPeer.start(host, {
    start: () => host.spawn(process.execPath, [script("bonjour-service.mjs")]),
    registration: ({ name, type, port, properties, hostName }) => ({
      name,
      type: bareType(type),
      port,
      properties,
      hostname: `${hostName ?? host.name}.local`,
    }),
    browsed: bareType,
  });
}

function script(name: string): string {
  return join(import.meta.dirname, name);
}

/** `_http._tcp` as `http`. */
function bareType(type: string): string {
  return type.replace(/^_/, "").replace(/\._(tcp|udp)$/, "");
}

function parseEvent(line: string): PeerEvent | undefined {
  try {
    return JSON.parse(line);
  } catch {
    // Something else that the library printed.
    return undefined;
  }
}
