/** ResolveHostname and ResolveAddress: addresses of a name, names of an address. */

import {
  familyOf,
  formatIpv4,
  formatIpv6,
  type IpAddress,
  ipAddressOctets,
  isLinkLocal,
  parseIpAddress,
} from "../../core/ip-address.ts";
import type { FoundAddress } from "../../runtime/directory.ts";
import { asking, failureOf } from "./lookup-failure.ts";
import {
  familyNumber,
  flagsOfFound,
  type InterfaceTable,
  optionalFamily,
  place,
  questionLimits,
  SYNTHETIC_FLAGS,
} from "./lookup-scope.ts";
import { octets, text } from "./parameters.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { invalidParameter, type JsonObject, resolveError } from "./varlink-error.ts";
import type { MethodCall } from "./varlink-service.ts";

const IPV4_SIZE = 4;
const IPV6_SIZE = 16;

/** An address as the interface has it: its octets, and the interface it belongs to. */
export function addressJson(found: FoundAddress, table: InterfaceTable): JsonObject {
  return { ...place(found, table), ...addressOctetsJson(found.address as IpAddress) };
}

export async function resolveHostname(
  { directory, interfaces }: ResolveContext,
  { parameters, signal }: MethodCall,
): Promise<JsonObject> {
  const name = text(parameters, "name");
  const family = optionalFamily(parameters) ?? "any";
  const limits = questionLimits(parameters, interfaces);
  const literal = parseIpAddress(name);
  if (literal !== undefined) return literalReply(literal, name, family, interfaces);
  const question = directory.lookupAddresses({ name, family, ...limits }, signal);
  const result = await asking("name", question);
  if (result.outcome === "not-found") throw failureOf(result, name, limits);
  return {
    addresses: result.addresses.map((found) => addressJson(found, interfaces)),
    name: result.canonicalName,
    flags: flagsOfFound(result.addresses),
  };
}

export async function resolveAddress(
  { directory, interfaces }: ResolveContext,
  { parameters, signal }: MethodCall,
): Promise<JsonObject> {
  const family = optionalFamily(parameters);
  if (family === undefined) throw invalidParameter("family");
  const given = octets(parameters, "address");
  if (given.length !== (family === "ipv4" ? IPV4_SIZE : IPV6_SIZE)) {
    throw resolveError("BadAddressSize");
  }
  const limits = questionLimits(parameters, interfaces);
  const address = family === "ipv4" ? formatIpv4(given, 0) : formatIpv6(given, 0);
  const result = await asking("address", directory.lookupNames({ address, ...limits }, signal));
  if (result.outcome === "not-found") throw failureOf(result, address, limits);
  return {
    names: result.names.map((found) => ({ ...place(found, interfaces), name: found.name })),
    flags: flagsOfFound(result.names),
  };
}

/** Nobody is asked about an address in text. */
function literalReply(
  address: IpAddress,
  written: string,
  family: "any" | "ipv4" | "ipv6",
  table: InterfaceTable,
): JsonObject {
  if (family !== "any" && familyOf(address) !== family) throw resolveError("NoSuchResourceRecord");
  const scope = scopeIndex(written, table);
  const ifindex = scope === undefined ? {} : { ifindex: scope };
  const suffix = scope !== undefined && isLinkLocal(address) ? `%${scope}` : "";
  return {
    addresses: [{ ...ifindex, ...addressOctetsJson(address) }],
    name: `${address}${suffix}`,
    flags: SYNTHETIC_FLAGS,
  };
}

/** `%eth0` or `%2` behind an address. */
function scopeIndex(written: string, table: InterfaceTable): number | undefined {
  const scope = /%(.*)$/.exec(written)?.[1];
  if (scope === undefined) return undefined;
  const index = /^\d+$/.test(scope) ? Number(scope) : table.indexOf(scope);
  if (index === undefined) throw invalidParameter("name");
  return index;
}

function addressOctetsJson(address: IpAddress): JsonObject {
  return { family: familyNumber(familyOf(address)), address: [...ipAddressOctets(address)] };
}
