/** `dotlocal cache`: what the daemon has heard from others, to look into and to act on. */

import { DaemonConnection } from "../client/daemon-connection.ts";
import { findControlSocket } from "../client/socket-path.ts";
import { EXIT_DONE, EXIT_NOT_FOUND } from "../core/errors.ts";
import { printable } from "../core/text.ts";
import type { CachedEntry } from "../runtime/host-cache.ts";
import type { LinkOptions, SocketOptions } from "./options.ts";

export interface CacheListOptions extends SocketOptions, Pick<LinkOptions, "interface"> {
  readonly name?: string;
  readonly type?: string;
  readonly json?: boolean;
}

export type CacheFlushOptions = SocketOptions & Pick<LinkOptions, "interface">;

export interface ReconfirmOptions extends SocketOptions {
  readonly type?: string;
  readonly verbose?: boolean;
}

/** A line a record; exit status 1 when there is none. */
export async function cacheListCommand(options: CacheListOptions): Promise<number> {
  const { records } = await connection(options).call<{ records: readonly CachedEntry[] }>({
    method: "GET",
    path: `/v1/cache${queryString(options)}`,
  });
  for (const record of records) {
    process.stdout.write(`${options.json ? JSON.stringify(record) : entryLine(record)}\n`);
  }
  return records.length === 0 ? EXIT_NOT_FOUND : EXIT_DONE;
}

export async function cacheFlushCommand(options: CacheFlushOptions): Promise<number> {
  const { interface: interfaces = [] } = options;
  await connection(options).call({
    ...{ method: "POST", path: "/v1/cache/flush", body: { interfaces } },
  });
  return EXIT_DONE;
}

/** Exit status 1 when nothing is cached under the name. */
export async function cacheReconfirmCommand(
  name: string,
  options: ReconfirmOptions,
): Promise<number> {
  const { type, verbose } = options;
  const body = { name, ...(type === undefined ? {} : { type }) };
  const { records } = await connection(options).call<{ records: number }>({
    ...{ method: "POST", path: "/v1/cache/reconfirm", body },
  });
  if (verbose) process.stderr.write(`asking again for ${records} records\n`);
  return EXIT_DONE;
}

/** The order of `resolve -t`, then where it was heard. */
function entryLine(entry: CachedEntry): string {
  const { name, ttl, type, data, interface: link, source } = entry;
  return [name, String(ttl), type, data, link ?? "-", source ?? "-"].map(printable).join("\t");
}

function queryString({ name, type, interface: interfaces = [] }: CacheListOptions): string {
  const query = new URLSearchParams();
  for (const pattern of interfaces) query.append("interface", pattern);
  if (name !== undefined) query.set("name", name);
  if (type !== undefined) query.set("type", type);
  return query.size === 0 ? "" : `?${query}`;
}

function connection({ socket }: SocketOptions): DaemonConnection {
  return new DaemonConnection(findControlSocket(socket));
}
