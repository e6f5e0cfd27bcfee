/**
 * Splits a value into words as systemd does for `TxtText=` and `TxtData=`: white space between
 * them, single and double quotes anywhere, C escapes in and out of quotes; an escape that is none
 * stays as it is.
 */

import { utf8 } from "./octets.ts";

/** The octets of each word, or undefined when a quote is left open. */
export function splitWords(text: string): readonly Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  let word: number[] | undefined;
  let quotation: string | undefined;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    let length = character.length;
    if (quotation === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(Uint8Array.from(word));
      word = undefined;
    } else if (character === quotation) {
      quotation = undefined;
    } else if (quotation === undefined && (character === '"' || character === "'")) {
      quotation = character;
      word ??= [];
    } else {
      const read =
        character === "\\" ? readEscape(text.slice(at, at + ESCAPE_LENGTH_MAX)) : undefined;
      length = read?.length ?? length;
      word ??= [];
      word.push(...(read?.octets ?? utf8(character)));
    }
    at += length;
  }
  if (quotation !== undefined) return undefined;
  if (word !== undefined) words.push(Uint8Array.from(word));
  return words;
}

/** `\UHHHHHHHH` */
const ESCAPE_LENGTH_MAX = 10;

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 0x07,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
  s: 0x20,
  "\\": 0x5c,
  '"': 0x22,
  "'": 0x27,
};

const CODE_POINT_MAX = 0x10ffff;

interface Escape {
  readonly octets: Iterable<number>;
  readonly length: number;
}

/** Reads the C escape that the text begins with; undefined when it is none. */
function readEscape(text: string): Escape | undefined {
  const simple = SIMPLE_ESCAPES[text.charAt(1)];
  if (simple !== undefined) return { octets: [simple], length: 2 };
  const octet = /^\\x([0-9a-fA-F]{2})/.exec(text) ?? /^\\([0-7]{3})/.exec(text);
  if (octet !== null) {
    const value = Number.parseInt(octet[1]!, octet[0].startsWith("\\x") ? 16 : 8);
    return value > 0 && value <= 0xff ? { octets: [value], length: 4 } : undefined;
  }
  const unicode = /^\\u([0-9a-fA-F]{4})|^\\U([0-9a-fA-F]{8})/.exec(text);
  if (unicode === null) return undefined;
  const code = Number.parseInt(unicode[1] ?? unicode[2]!, 16);
  if (code === 0 || code > CODE_POINT_MAX) return undefined;
  return { octets: utf8(String.fromCodePoint(code)), length: unicode[0].length };
}
