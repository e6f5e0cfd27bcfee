/**
 * Where a call of io.systemd.Resolve looks: `ifindex`, `family` and `flags` as limits of a question,
 * and where results came from as the flags of its reply.
 */

import { type Family, familyOf, type IpAddress } from "../../core/ip-address.ts";
import type { AskedProtocol, Found } from "../../runtime/directory.ts";
import { AddressFamily, PROTOCOL_FLAGS, ResolvedFlag } from "./constants.ts";
import { optionalInteger } from "./parameters.ts";
import { invalidParameter, type JsonObject } from "./varlink-error.ts";

/** Between names and indices of interfaces; undefined: there is none. */
export interface InterfaceTable {
  indexOf(name: string): number | undefined;
  nameOf(index: number): string | undefined;
}

/** Limits that all questions of `Directory` take. */
export interface QuestionLimits {
  readonly interfaces?: readonly string[];
  readonly protocol?: AskedProtocol;
  readonly timeout?: number;
  readonly search?: boolean;
}

/** Cached answers come at once; nothing has gone out by then. */
const NO_TIME = 0;

const FLAGS_MAX = Number.MAX_SAFE_INTEGER;
const INDEX_MAX = 0x7fff_ffff;

const MDNS_FLAGS = ResolvedFlag.MDNS_IPV4 | ResolvedFlag.MDNS_IPV6;
const LLMNR_FLAGS = ResolvedFlag.LLMNR_IPV4 | ResolvedFlag.LLMNR_IPV6;

/** What does not depend on who answers: literal addresses. */
export const SYNTHETIC_FLAGS =
  ResolvedFlag.DNS |
  ResolvedFlag.AUTHENTICATED |
  ResolvedFlag.CONFIDENTIAL |
  ResolvedFlag.SYNTHETIC;

export function flagsOf(parameters: JsonObject): number {
  return optionalInteger(parameters, "flags", FLAGS_MAX) ?? 0;
}

/** Whether a flag is set; `flags` may have more than 32 bits, of which those above are unknown. */
export function hasFlag(flags: number, flag: number): boolean {
  return ((flags % 2 ** 32) & flag) !== 0;
}

export function questionLimits(parameters: JsonObject, table: InterfaceTable): QuestionLimits {
  const flags = flagsOf(parameters);
  const name = interfaceOf(parameters, table);
  const protocol = protocolOf(flags);
  return {
    ...(name === undefined ? {} : { interfaces: [name] }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(hasFlag(flags, ResolvedFlag.NO_NETWORK) ? { timeout: NO_TIME } : {}),
    ...(hasFlag(flags, ResolvedFlag.NO_SEARCH) ? { search: false } : {}),
  };
}

/** An index, an index as text, or a name; 0 and nothing mean any interface. */
function interfaceOf(parameters: JsonObject, table: InterfaceTable): string | undefined {
  const value = parameters["ifindex"];
  if (typeof value === "string" && !/^\d+$/.test(value)) {
    if (table.indexOf(value) === undefined) throw invalidParameter("ifindex");
    return value;
  }
  const given = typeof value === "string" ? { ifindex: Number(value) } : parameters;
  const index = optionalInteger(given, "ifindex", INDEX_MAX) ?? 0;
  if (index === 0) return undefined;
  const name = table.nameOf(index);
  if (name === undefined) throw invalidParameter("ifindex");
  return name;
}

/** The only protocol that is allowed; undefined where several are. */
function protocolOf(flags: number): AskedProtocol | undefined {
  const allowed = flags & PROTOCOL_FLAGS;
  if (allowed === 0) return undefined;
  if ((allowed & ~MDNS_FLAGS) === 0) return "mdns";
  if ((allowed & ~LLMNR_FLAGS) === 0) return "llmnr";
  return allowed === ResolvedFlag.DNS ? "unicast" : undefined;
}

/** The family asked for; undefined: both. */
export function optionalFamily(parameters: JsonObject): Family | undefined {
  const family = optionalInteger(parameters, "family", INDEX_MAX) ?? AddressFamily.UNSPECIFIED;
  if (family === AddressFamily.IPV4) return "ipv4";
  if (family === AddressFamily.IPV6) return "ipv6";
  if (family === AddressFamily.UNSPECIFIED) return undefined;
  throw invalidParameter("family");
}

export function familyNumber(family: Family): number {
  return family === "ipv4" ? AddressFamily.IPV4 : AddressFamily.IPV6;
}

/** Which protocols told what was found, and how. */
export function flagsOfFound(found: readonly Found[]): number {
  return found.reduce((flags, one) => flags | flagsOfOne(one), 0);
}

function flagsOfOne({ protocol, source, interface: link }: Found): number {
  if (protocol === "local" && link === null) return SYNTHETIC_FLAGS;
  if (protocol === "local") {
    const trusted = ResolvedFlag.AUTHENTICATED | ResolvedFlag.CONFIDENTIAL;
    return ResolvedFlag.MDNS_IPV4 | ResolvedFlag.FROM_ZONE | trusted;
  }
  const isIpv4 = source === null || familyOf(source as IpAddress) === "ipv4";
  const protocols = {
    mdns: isIpv4 ? ResolvedFlag.MDNS_IPV4 : ResolvedFlag.MDNS_IPV6,
    llmnr: isIpv4 ? ResolvedFlag.LLMNR_IPV4 : ResolvedFlag.LLMNR_IPV6,
    unicast: ResolvedFlag.DNS,
  };
  return protocols[protocol] | ResolvedFlag.FROM_NETWORK;
}

/** `ifindex` where the result belongs to an interface. */
export function place(found: Found, table: InterfaceTable): { ifindex?: number } {
  const index = found.interface === null ? undefined : table.indexOf(found.interface);
  return index === undefined ? {} : { ifindex: index };
}
