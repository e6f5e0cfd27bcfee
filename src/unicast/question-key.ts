/**
 * The key under which a question is kept: its folded octets (RFC 4343 §3), and a character for the
 * bits that change the answer. A query's key is read off its octets without parsing it.
 */

import { HEADER_SIZE } from "../wire/constants.ts";
import { NAME_SIZE_MAX } from "../wire/name.ts";
import type { ResolveSpec } from "./types.ts";

const DNSSEC_OK = 1;
const CHECKING_DISABLED = 2;

function variantOf(spec: Pick<ResolveSpec, "dnssecOk" | "checkingDisabled">): number {
  const { dnssecOk = false, checkingDisabled = false } = spec;
  return (dnssecOk ? DNSSEC_OK : 0) | (checkingDisabled ? CHECKING_DISABLED : 0);
}

/** A question to the servers of a route that its name does not fall in has a key of its own. */
export function questionKey(spec: ResolveSpec): string {
  const route = spec.route === undefined ? "" : spec.route.key;
  const tail = String.fromCharCode(spec.type, spec.class, variantOf(spec));
  return spec.name.key + tail + route;
}

/** The key of all questions for a name, of whatever type. */
export function nameKey(nameKey: string, spec: ResolveSpec): string {
  return nameKey + String.fromCharCode(spec.class, variantOf(spec)) + (spec.route?.key ?? "");
}

/** What a stub needs of a query with one question to look it up. */
export interface QueryKey {
  readonly key: string;
  /** Octets of the header and the question. */
  readonly size: number;
}

/**
 * The key of the one question in a query, as `questionKey` makes it; undefined where the name is
 * compressed or cut short. Header counts and flags are the caller's to check.
 */
export function keyOfQuery(
  query: Uint8Array,
  flags: Pick<ResolveSpec, "dnssecOk" | "checkingDisabled">,
): QueryKey | undefined {
  const nameEnd = endOfName(query);
  if (nameEnd === undefined || nameEnd + 4 > query.length) return undefined;
  const codes = new Array<number>(nameEnd - HEADER_SIZE + 3);
  for (let at = HEADER_SIZE; at < nameEnd; at++) {
    const octet = query[at]!;
    codes[at - HEADER_SIZE] = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
  }
  const tail = nameEnd - HEADER_SIZE;
  codes[tail] = (query[nameEnd]! << 8) | query[nameEnd + 1]!;
  codes[tail + 1] = (query[nameEnd + 2]! << 8) | query[nameEnd + 3]!;
  codes[tail + 2] = variantOf(flags);
  const key = String.fromCharCode.apply(null, codes);
  return { key, size: nameEnd + 4 };
}

/** Just behind the root label of the name that stands behind the header. */
function endOfName(query: Uint8Array): number | undefined {
  let at = HEADER_SIZE;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) return undefined;
    at += length + 1;
    if (at - HEADER_SIZE > NAME_SIZE_MAX) return undefined;
    if (length === 0) return at;
  }
}
