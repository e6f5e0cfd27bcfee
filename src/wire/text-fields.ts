/**
 * Reads the fields of one record in master-file format (RFC 1035 §5.1): separated by white space,
 * quoted or not, with `\DDD` and `\X` escapes, `;` comments; parentheses are white space.
 *
 * Throws `TextSyntaxError` with the column; `presentation.ts` makes it a value.
 */

import { decodeBase64, decodeHexadecimal } from "./encodings.ts";
import { Name } from "./name.ts";
import { parseEscape } from "./name-text.ts";

export class TextSyntaxError extends Error {
  override readonly name = "TextSyntaxError";
  /** Counted from one, in UTF-16 units. */
  readonly column: number;

  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/** A field without its quotes, escapes still in it. */
export interface Field {
  readonly text: string;
  readonly quoted: boolean;
  readonly column: number;
}

const textEncoder = new TextEncoder();
const BLANK = /[ \t\r\n()]/;
const DIGITS = /^\d{1,10}$/;

export class TextFields {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipBlank();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Where the next field starts, counted from one. */
  get column(): number {
    return this.#at + 1;
  }

  /** The next field; `what` names it in the error when there is none. */
  field(what: string): Field {
    if (this.isAtEnd) throw new TextSyntaxError(`${what} is missing`, this.column);
    const column = this.column;
    let text = "";
    let quoted = false;
    while (!this.isAtEnd && !this.#isAtDelimiter()) {
      if (this.#text[this.#at] === '"') {
        quoted = true;
        text += this.#quoted();
      } else {
        text += this.#character();
      }
    }
    this.#skipBlank();
    return { text, quoted, column };
  }

  /** The next field, left where it is; undefined at the end. */
  peek(): Field | undefined {
    if (this.isAtEnd) return undefined;
    const at = this.#at;
    const field = this.field("a field");
    this.#at = at;
    return field;
  }

  /** A decimal integer from 0 to `max`. */
  integer(what: string, max: number): number {
    const { text, column } = this.field(what);
    const value = Number(text);
    if (!DIGITS.test(text) || value > max) {
      throw new TextSyntaxError(`${what} "${text}" is no integer from 0 to ${max}`, column);
    }
    return value;
  }

  domainName(what: string): Name {
    const { text, column } = this.field(what);
    const name = Name.tryParse(text);
    if (typeof name === "string") throw new TextSyntaxError(`${what}: ${name}`, column);
    return name;
  }

  /** The octets of a field, of at most `sizeMax`. */
  octets(what: string, sizeMax: number): Uint8Array {
    const field = this.field(what);
    const octets = decodeEscapes(field.text, field.column);
    if (octets.length > sizeMax) {
      const message = `${what} has ${octets.length} octets; the limit is ${sizeMax}`;
      throw new TextSyntaxError(message, field.column);
    }
    return octets;
  }

  /** All fields that are left, as one run of hexadecimal digits. */
  hexadecimal(what: string): Uint8Array {
    const column = this.column;
    const octets = decodeHexadecimal(this.#rest(what));
    if (octets === undefined) throw new TextSyntaxError(`${what} is not hexadecimal`, column);
    return octets;
  }

  /** All fields that are left, as one run of base64. */
  base64(what: string): Uint8Array {
    const column = this.column;
    const octets = decodeBase64(this.#rest(what));
    if (octets === undefined) throw new TextSyntaxError(`${what} is not base64`, column);
    return octets;
  }

  /** Throws when a field is left. */
  end(): void {
    const field = this.peek();
    if (field !== undefined) {
      throw new TextSyntaxError(`"${field.text}" is one field too many`, field.column);
    }
  }

  #rest(what: string): string {
    let text = this.field(what).text;
    while (!this.isAtEnd) text += this.field(what).text;
    return text;
  }

  #quoted(): string {
    const column = this.column;
    let text = "";
    this.#at++;
    while (this.#text[this.#at] !== '"') {
      if (this.isAtEnd) throw new TextSyntaxError("a closing quotation mark is missing", column);
      text += this.#character();
    }
    this.#at++;
    return text;
  }

  /** One character, or a backslash and the character behind it. */
  #character(): string {
    const size = this.#text[this.#at] === "\\" ? 2 : 1;
    const text = this.#text.slice(this.#at, this.#at + size);
    this.#at += text.length;
    return text;
  }

  #isAtDelimiter(): boolean {
    const character = this.#text[this.#at]!;
    return character === ";" || BLANK.test(character);
  }

  #skipBlank(): void {
    while (!this.isAtEnd && BLANK.test(this.#text[this.#at]!)) this.#at++;
    if (this.#text[this.#at] !== ";") return;
    const newline = this.#text.indexOf("\n", this.#at);
    this.#at = newline < 0 ? this.#text.length : newline;
    this.#skipBlank();
  }
}

/** The octets that text with `\DDD` and `\X` escapes stands for; other characters are UTF-8. */
export function decodeEscapes(text: string, column: number): Uint8Array {
  if (!text.includes("\\")) return textEncoder.encode(text);
  const octets: number[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === "\\") {
      const escaped = parseEscape(text, at);
      if (escaped === undefined) throw new TextSyntaxError("invalid escape", column + at);
      octets.push(...escaped.octets);
      at += escaped.length;
    } else {
      const character = String.fromCodePoint(text.codePointAt(at)!);
      octets.push(...textEncoder.encode(character));
      at += character.length;
    }
  }
  return Uint8Array.from(octets);
}
