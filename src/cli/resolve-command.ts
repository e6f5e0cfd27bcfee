/** `dotlocal resolve`: names to addresses, addresses to names, or records of any type. */

import { DotlocalError, EXIT_DONE, EXIT_NOT_FOUND } from "../core/errors.ts";
import { type IpAddress, isLinkLocal, parseIpAddress } from "../core/ip-address.ts";
import { printable } from "../core/text.ts";
import type {
  AddressQuery,
  Directory,
  FoundAddress,
  NotFound,
  RecordQuery,
} from "../runtime/directory.ts";
import { withDirectory } from "./directory-choice.ts";
import type { LookupOptions } from "./options.ts";
import { isInstanceName, resolveInstance } from "./resolve-instance.ts";

export interface ResolveOptions extends LookupOptions {
  readonly type?: string;
}

/** Exit status 1 when one of the names was not found. */
export async function resolveCommand(
  names: readonly string[],
  options: ResolveOptions,
): Promise<number> {
  return withDirectory(options, async (directory) => {
    const found = await Promise.all(names.map((name) => resolveOne(directory, name, options)));
    return found.every((isFound) => isFound) ? EXIT_DONE : EXIT_NOT_FOUND;
  });
}

function resolveOne(directory: Directory, name: string, options: ResolveOptions): Promise<boolean> {
  if (options.type !== undefined) return resolveRecords(directory, name, options.type, options);
  if (parseIpAddress(name) !== undefined) return resolveAddress(directory, name, options);
  if (isInstanceName(name)) return resolveService(directory, name, options);
  return resolveName(directory, name, options);
}

async function resolveService(
  directory: Directory,
  name: string,
  options: ResolveOptions,
): Promise<boolean> {
  const query = { name, ...placeOf(options) };
  const failure = await resolveInstance(directory, query, options.json ?? false);
  return failure === undefined ? true : tellFailure(name, failure, options);
}

async function resolveName(
  directory: Directory,
  name: string,
  options: ResolveOptions,
): Promise<boolean> {
  const family: AddressQuery["family"] = options["4"] ? "ipv4" : options["6"] ? "ipv6" : "any";
  const result = await directory.lookupAddresses({ name, family, ...placeOf(options) });
  if (result.outcome !== "found") return tellFailure(name, result, options);
  for (const found of result.addresses) {
    print(options, { name, ...found }, [printable(name), scoped(found)]);
  }
  return true;
}

async function resolveAddress(
  directory: Directory,
  address: string,
  options: ResolveOptions,
): Promise<boolean> {
  const result = await directory.lookupNames({ address, ...placeOf(options) });
  if (result.outcome !== "found") return tellFailure(address, result, options);
  for (const found of result.names) {
    print(options, { address, ...found }, [address, printable(found.name)]);
  }
  return true;
}

async function resolveRecords(
  directory: Directory,
  name: string,
  type: string,
  options: ResolveOptions,
): Promise<boolean> {
  const query: RecordQuery = { name, type, ...placeOf(options) };
  const result = await directory.lookupRecords(query);
  if (result.outcome !== "found") return tellFailure(name, result, options);
  for (const found of result.records) {
    print(options, found, [printable(found.name), String(found.ttl), found.type, found.data]);
  }
  return true;
}

/** Globs and time-out, where they were given. */
function placeOf({ interface: interfaces, timeout }: LookupOptions): {
  interfaces?: readonly string[];
  timeout?: number;
} {
  return {
    ...(interfaces === undefined ? {} : { interfaces }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** A link-local IPv6 address is no use without its interface. */
function scoped({ address, interface: name }: FoundAddress): string {
  const needsScope = address.includes(":") && isLinkLocal(address as IpAddress);
  return needsScope && name !== null ? `${address}%${name}` : address;
}

function print({ json }: ResolveOptions, object: unknown, fields: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${fields.join("\t")}\n`);
}

/** Writes why nothing was found; false, for `resolveOne`. Some reasons are errors of their own. */
function tellFailure(name: string, failure: NotFound, { json }: ResolveOptions): boolean {
  if (failure.reason === "unavailable") throw new DotlocalError("NO_LINK", failure.message);
  if (json) {
    const { reason, message } = failure;
    process.stdout.write(`${JSON.stringify({ name, error: reason, message })}\n`);
  }
  process.stderr.write(`${printable(failure.message)}\n`);
  return false;
}
