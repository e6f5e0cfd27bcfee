/**
 * What this host would like to be called: the operating system's name, or the configured one, made
 * into a label that can stand before `.local` (RFC 6762 §3, §16; RFC 1123 §2.1).
 */

import { truncateText } from "../core/text.ts";
import { LABEL_SIZE_MAX } from "../wire/name.ts";
import { FALLBACK_DIGITS } from "./constants.ts";
import type { HostSettings } from "./types.ts";

const textEncoder = new TextEncoder();

const ASCII = /^[ -~]*$/;

/**
 * What a host name is not made of: all but letters, their marks, digits and hyphens. Only text that
 * needs them loads Unicode's tables, which are large.
 */
function invalidIn(text: string): RegExp {
  return ASCII.test(text) ? /[^A-Za-z\d-]/g : /[^\p{L}\p{M}\p{N}-]/gu;
}

/** Names by which systems say that they have none. */
const NAMELESS = new Set(["localhost", "localhost4", "localhost6", "(none)"]);

/** The label to claim: configured, else the system's first, else one made from the seed. */
export function originalLabel(
  settings: Pick<HostSettings, "hostname" | "systemHostName" | "fallbackSeed">,
): string {
  const wanted = settings.hostname ?? settings.systemHostName.split(".", 1)[0]!;
  return usableLabel(wanted) ?? fallbackLabel(settings.fallbackSeed);
}

/** The text as a label, case kept; undefined where nothing of a name is left. */
export function usableLabel(text: string): string | undefined {
  if (NAMELESS.has(text.toLowerCase())) return undefined;
  // RFC 6762 §16: names are in Net-Unicode (RFC 5198), that is, precomposed.
  const plain = text.normalize("NFC").replace(invalidIn(text), "-");
  const label = trimHyphens(truncateText(trimHyphens(plain), LABEL_SIZE_MAX));
  // A label of digits alone would be taken for a number or a part of an address.
  return label === "" || /^\d+$/.test(label) ? undefined : label;
}

/** `host-` and digits that follow from the seed alone. */
export function fallbackLabel(seed: string): string {
  const digits = hash(seed).toString(16).padStart(8, "0").slice(-FALLBACK_DIGITS);
  return `host-${digits}`;
}

function trimHyphens(text: string): string {
  return text.replace(/^-+|-+$/g, "");
}

/** FNV-1a of 32 bits: spreads seeds, hides nothing and need not. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const octet of textEncoder.encode(text)) {
    value = Math.imul(value ^ octet, 0x01000193) >>> 0;
  }
  return value;
}
