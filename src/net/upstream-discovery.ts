/**
 * Which name servers this system asks (`upstreams: auto`): those of /etc/resolv.conf but for
 * ourselves; where none is left those that NetworkManager or systemd-resolved keep, or those of the
 * original that we keep ourselves. Never a way that leads back to us.
 */

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../core/datagram.ts";
import type { ExchangeServer } from "../core/exchange.ts";
import { type IpAddress, isLoopback } from "../core/ip-address.ts";
import {
  isManagedResolvConf,
  parseResolvConf,
  type ResolvConf,
  type ResolvConfServer,
  type ResolverEnvironment,
} from "./resolv-conf.ts";

/** RFC 1035 §4.2: the port that servers of resolv.conf have. */
const DNS_PORT = 53;

export interface ResolverFiles {
  readonly resolvConf: string;
  /** Lists of servers that others keep, in the order in which they are believed. */
  readonly lists: readonly string[];
  /** systemd-resolved's own servers, one of `lists`. */
  readonly resolvedList: string;
}

export const SYSTEM_RESOLVER_FILES: ResolverFiles = {
  resolvConf: "/etc/resolv.conf",
  lists: ["/run/NetworkManager/no-stub-resolv.conf", "/run/systemd/resolve/resolv.conf"],
  resolvedList: "/run/systemd/resolve/resolv.conf",
};

/** Where systemd-resolved's stub listens. */
const RESOLVED_STUBS: ReadonlySet<string> = new Set(["127.0.0.53", "127.0.0.54"]);

export interface Discovery {
  readonly servers: readonly ExchangeServer[];
  /** Search list and options; those of the original while the file is ours. */
  readonly settings: ResolvConf;
  /** The file that the servers are from; undefined when there are none. */
  readonly source: string | undefined;
}

export interface DiscoveryOptions {
  readonly files?: ResolverFiles;
  /** Where our stub listens; an unspecified address stands for all. */
  readonly stub: readonly Endpoint[];
  /** The original that is kept while resolv.conf is ours. */
  readonly original?: string | undefined;
  readonly environment?: ResolverEnvironment;
}

interface Source {
  readonly path: string;
  readonly parsed: ResolvConf;
}

export function discoverUpstreams(options: DiscoveryOptions): Discovery {
  const { files = SYSTEM_RESOLVER_FILES, original, environment } = options;
  const own = new OwnAddresses(options.stub, leadsToUs(files, options.stub));
  const text = readText(files.resolvConf);
  const isManaged = text !== undefined && isManagedResolvConf(text);
  const settings = parseResolvConf((isManaged ? original : text) ?? "", environment);
  const sources = [
    ...sourceOf(files.resolvConf, text),
    ...files.lists.flatMap((path) => sourceOf(path, readText(path))),
    ...sourceOf(files.resolvConf, original),
  ];
  for (const { path, parsed } of sources) {
    const servers = parsed.servers.filter(({ address }) => !own.has(address));
    if (servers.length === 0) continue;
    const transport = settings.options.useVc ? "tcp" : "udp";
    return {
      servers: servers.map((one) => exchangeServer(one, transport)),
      settings,
      source: path,
    };
  }
  return { servers: [], settings, source: undefined };
}

function sourceOf(path: string, text: string | undefined): readonly Source[] {
  return text === undefined ? [] : [{ path, parsed: parseResolvConf(text) }];
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** systemd-resolved asks us: its stub leads back here. */
function leadsToUs(files: ResolverFiles, stub: readonly Endpoint[]): ReadonlySet<string> {
  const list = readText(files.resolvedList);
  const own = new OwnAddresses(stub, new Set());
  const isLoop =
    list !== undefined && parseResolvConf(list).servers.some((s) => own.has(s.address));
  return isLoop ? RESOLVED_STUBS : new Set();
}

/** The addresses at whose port 53 we are, or whoever asks us. */
class OwnAddresses {
  readonly #stub: readonly Endpoint[];
  readonly #loops: ReadonlySet<string>;

  constructor(stub: readonly Endpoint[], loops: ReadonlySet<string>) {
    this.#stub = stub;
    this.#loops = loops;
  }

  has(address: IpAddress): boolean {
    return this.#loops.has(address) || isOwnStub({ address, port: DNS_PORT }, this.#stub);
  }
}

/** Whether a server that somebody configured is our own stub. */
function isOwnStub(server: Endpoint, stub: readonly Endpoint[]): boolean {
  return stub.some(
    ({ address, port }) =>
      port === server.port &&
      (address === server.address || (isUnspecified(address) && isOwn(server.address))),
  );
}

function isUnspecified(address: IpAddress): boolean {
  return address === "0.0.0.0" || address === "::";
}

function isOwn(address: IpAddress): boolean {
  if (isLoopback(address)) return true;
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((one) => one.address === address),
  );
}

function exchangeServer(
  { address, scope }: ResolvConfServer,
  transport: "udp" | "tcp",
): ExchangeServer {
  return {
    transport,
    address,
    port: DNS_PORT,
    interface: scope === undefined ? undefined : interfaceName(scope),
    serverName: undefined,
    path: undefined,
  };
}

/** The interface's name, where its index is given. */
function interfaceName(scope: string): string {
  if (!/^\d+$/.test(scope)) return scope;
  const found = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some((one) => one.family === "IPv6" && one.scopeid === Number(scope)),
  );
  return found?.[0] ?? scope;
}
