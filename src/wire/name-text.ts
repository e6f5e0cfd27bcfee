/**
 * Presentation format of labels and names (RFC 1035 §5.1, RFC 4343 §2.1): `\.`, `\\` and `\DDD`.
 *
 * Octets that form valid UTF-8 come out as characters (RFC 6763 §4.1.3), except those that must not
 * reach a terminal (`printable`): those are `\DDD`.
 */

import { decimalEscape, printable } from "../core/text.ts";

const textEncoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Dots and backslashes, which mean something in presentation format. */
const LABEL_SPECIAL = /[.\\]/g;

/** One label in presentation format. Takes any octets. */
export function formatLabel(label: Uint8Array): string {
  return formatText(label, LABEL_SPECIAL);
}

/**
 * Octets as printable text: as characters where they are UTF-8, otherwise octet by octet. A
 * backslash goes before what matches `special`, which has the `g` flag and matches `\\`.
 */
export function formatText(octets: Uint8Array, special: RegExp): string {
  if (isPrintableAscii(octets)) {
    return String.fromCharCode(...octets).replace(special, "\\$&");
  }
  let text: string;
  try {
    text = strictDecoder.decode(octets);
  } catch {
    return Array.from(octets, (octet) => formatOctet(octet, special)).join("");
  }
  return printable(text.replace(special, "\\$&"));
}

/** True only for so few octets that they can be spread into arguments. */
function isPrintableAscii(octets: Uint8Array): boolean {
  if (octets.length > SPREAD_MAX) return false;
  for (const octet of octets) if (octet < 0x20 || octet > 0x7e) return false;
  return true;
}

const SPREAD_MAX = 255;

function formatOctet(octet: number, special: RegExp): string {
  if (octet < 0x20 || octet > 0x7e) return decimalEscape(octet);
  return String.fromCharCode(octet).replace(special, "\\$&");
}

/** Splits presentation format into labels' octets; returns the reason as text when it is invalid. */
export function parsePresentation(text: string): Uint8Array[] | string {
  if (text === ".") return [];
  if (text === "") return "the name is empty";
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character === ".") {
      labels.push(Uint8Array.from(label));
      label = [];
      at += 1;
    } else if (character === "\\") {
      const escaped = parseEscape(text, at);
      if (escaped === undefined) return `invalid escape at character ${at + 1} of "${text}"`;
      label.push(...escaped.octets);
      at += escaped.length;
    } else {
      label.push(...textEncoder.encode(character));
      at += character.length;
    }
  }
  if (label.length > 0) labels.push(Uint8Array.from(label));
  return labels;
}

/** Reads `\DDD` or a backslash and a character at `at`; `length` is in UTF-16 units. */
export function parseEscape(
  text: string,
  at: number,
): { octets: readonly number[]; length: number } | undefined {
  const decimal = /^\\(\d{3})/.exec(text.slice(at, at + 4));
  if (decimal !== null) {
    const octet = Number(decimal[1]);
    return octet > 255 ? undefined : { octets: [octet], length: 4 };
  }
  const point = text.codePointAt(at + 1);
  if (point === undefined || (point >= 0x30 && point <= 0x39)) return undefined;
  const character = String.fromCodePoint(point);
  return { octets: [...textEncoder.encode(character)], length: 1 + character.length };
}
