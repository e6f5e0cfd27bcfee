/**
 * TXT records of services (RFC 6763 §6): entries to strings and back, with the rules for keys and
 * the leniency that peers' records need.
 */

import { DotlocalError } from "../core/errors.ts";
import type { TxtData } from "../wire/record-data.ts";
import { TXT_SIZE_MAX, TXT_STRING_SIZE_MAX } from "./constants.ts";

/** One `key=value` string of a TXT record (RFC 6763 §6.3, §6.4). */
export interface TxtEntry {
  readonly key: Uint8Array;
  /** undefined: a key without value, which is not the same as an empty value. */
  readonly value: Uint8Array | undefined;
}

const EQUALS_SIGN = 0x3d;
const EMPTY = new Uint8Array(0);
const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An entry from text; `value` undefined gives a key without value. */
export function txtEntry(key: string, value?: string | Uint8Array): TxtEntry {
  const octets = typeof value === "string" ? textEncoder.encode(value) : value;
  return { key: textEncoder.encode(key), value: octets };
}

/**
 * The record's data; without entries it is one empty string (RFC 6763 §6.1). Entries without a key
 * are left out.
 * @throws DotlocalError INVALID_DATA for a key that is none, and beyond the sizes of RFC 6763 §6.
 */
export function composeTxt(entries: readonly TxtEntry[]): TxtData {
  // RFC 6763 §6.4: without a key there is nothing that anybody may read.
  const strings = entries.filter(({ key }) => key.length > 0).map(composeEntry);
  if (strings.length === 0) return { kind: "TXT", strings: [EMPTY] };
  const size = strings.reduce((sum, string) => sum + 1 + string.length, 0);
  if (size > TXT_SIZE_MAX) {
    throw invalid(`the TXT record has ${size} octets; the limit is ${TXT_SIZE_MAX}`);
  }
  return { kind: "TXT", strings };
}

function composeEntry({ key, value }: TxtEntry): Uint8Array {
  const text = textDecoder.decode(key);
  // RFC 6763 §6.4: printable US-ASCII without "=".
  if (key.some((octet) => octet < 0x20 || octet > 0x7e || octet === EQUALS_SIGN)) {
    throw invalid(`${JSON.stringify(text)} is no TXT key: printable ASCII without "=" is expected`);
  }
  const size = key.length + (value === undefined ? 0 : 1 + value.length);
  if (size > TXT_STRING_SIZE_MAX) {
    throw invalid(
      `the TXT entry "${text}" has ${size} octets; the limit is ${TXT_STRING_SIZE_MAX}`,
    );
  }
  if (value === undefined) return key;
  const string = new Uint8Array(size);
  string.set(key);
  string[key.length] = EQUALS_SIGN;
  string.set(value, key.length + 1);
  return string;
}

function invalid(message: string): DotlocalError {
  return new DotlocalError("INVALID_DATA", message);
}

/**
 * The entries of a record as received. RFC 6763 §6.4: a string that begins with "=" has no key and
 * is ignored, as are empty strings (§6.1) and all but the first occurrence of a key, whatever its
 * case.
 */
export function readTxt(data: TxtData): readonly TxtEntry[] {
  const entries = new Map<string, TxtEntry>();
  for (const string of data.strings) {
    const entry = splitTxtString(string);
    if (entry.key.length === 0) continue;
    const folded = textDecoder.decode(entry.key).toLowerCase();
    if (!entries.has(folded)) entries.set(folded, entry);
  }
  return [...entries.values()];
}

/** Splits at the first "="; without one, the whole is a key without value (RFC 6763 §6.4). */
export function splitTxtString(string: Uint8Array): TxtEntry {
  const at = string.indexOf(EQUALS_SIGN);
  if (at < 0) return { key: string, value: undefined };
  return { key: string.subarray(0, at), value: string.subarray(at + 1) };
}
