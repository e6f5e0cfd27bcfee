/**
 * Domain names (RFC 1035 §3.1): immutable, always absolute, a sequence of labels of octets.
 *
 * A label may hold any octet: dots, spaces and UTF-8 occur in service instance names (RFC 6763
 * §4.1.1), so a name is never handled as dotted text. Comparison folds ASCII case only (RFC 6762
 * §16); the original case is kept.
 */

import { DotlocalError } from "../core/errors.ts";
import { formatLabel, parsePresentation } from "./name-text.ts";
import { octetsOfText, textOfOctets } from "./octet-text.ts";

/** RFC 1035 §2.3.4: octets in a label. */
export const LABEL_SIZE_MAX = 63;

/** RFC 1035 §2.3.4: octets in a name, length octets and root label included. */
export const NAME_SIZE_MAX = 255;

/** Text of a label that is its own presentation: printable ASCII but for the dot and the backslash. */
const PLAIN = /^[ --/-[\]-~]*$/;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class Name {
  /** The uncompressed wire form, as `octets` has it, as a string of one character an octet. */
  readonly text: string;
  #key: string | undefined;
  #octets: Uint8Array | undefined;

  /** Takes what is known to be a valid uncompressed name. */
  private constructor(text: string) {
    this.text = text;
  }

  static readonly ROOT = new Name("\0");

  /** RFC 6762 §3: the domain of link-local names. */
  static readonly LOCAL = new Name("\u0005local\0");

  /**
   * Reads presentation format (`\.`, `\\`, `\DDD`; RFC 1035 §5.1); a final dot is optional.
   * Throws `DotlocalError` INVALID_NAME.
   */
  static parse(text: string): Name {
    const name = Name.tryParse(text);
    if (typeof name === "string") {
      throw new DotlocalError("INVALID_NAME", `${JSON.stringify(text)} is not a name: ${name}`);
    }
    return name;
  }

  /** Like `parse`; returns the reason as text where the text is no name. */
  static tryParse(text: string): Name | string {
    const labels = parsePresentation(text);
    if (typeof labels === "string") return labels;
    return Name.#join(labels);
  }

  /** The name of these labels, given as octets or as text (UTF-8). Throws INVALID_NAME. */
  static of(...labels: readonly (string | Uint8Array)[]): Name {
    const name = Name.#join(labels.map(labelOctets));
    if (typeof name === "string") throw new DotlocalError("INVALID_NAME", name);
    return name;
  }

  /** For the message parser: takes the first `size` octets, which it has already checked. */
  static fromWire(octets: Uint8Array, size: number): Name {
    return new Name(textOfOctets(octets, 0, size));
  }

  static #join(labels: readonly Uint8Array[]): Name | string {
    let size = 1;
    for (const label of labels) {
      if (label.length === 0) return "a label is empty";
      if (label.length > LABEL_SIZE_MAX) {
        return `label "${formatLabel(label)}" has ${label.length} octets; the limit is ${LABEL_SIZE_MAX}`;
      }
      size += label.length + 1;
    }
    if (size > NAME_SIZE_MAX) return `the name has ${size} octets; the limit is ${NAME_SIZE_MAX}`;
    const octets = new Uint8Array(size);
    let offset = 0;
    for (const label of labels) {
      octets[offset] = label.length;
      octets.set(label, offset + 1);
      offset += label.length + 1;
    }
    return new Name(textOfOctets(octets));
  }

  /** The uncompressed wire form: labels with their length octets, then the root's zero octet. */
  get octets(): Uint8Array {
    this.#octets ??= octetsOfText(this.text);
    return this.#octets;
  }

  /**
   * The case-folded wire form as a string of one character an octet: for maps and comparison. Two
   * names are the same exactly when their keys are.
   */
  get key(): string {
    this.#key ??= folded(this.text);
    return this.#key;
  }

  get isRoot(): boolean {
    return this.text.length === 1;
  }

  /** The labels' octets, leftmost first, without the root. Each is a view, not a copy. */
  get labels(): readonly Uint8Array[] {
    const labels: Uint8Array[] = [];
    for (let at = 0; this.octets[at]! > 0; at += this.octets[at]! + 1) {
      labels.push(this.octets.subarray(at + 1, at + 1 + this.octets[at]!));
    }
    return labels;
  }

  get labelCount(): number {
    let count = 0;
    for (let at = 0; this.text.charCodeAt(at) > 0; at += this.text.charCodeAt(at) + 1) count++;
    return count;
  }

  /** The leftmost label as text (UTF-8, with U+FFFD for octets that are not); "" for the root. */
  get firstLabel(): string {
    const end = 1 + this.text.charCodeAt(0);
    const label = this.text.slice(1, end);
    return isAscii(label) ? label : textDecoder.decode(this.octets.subarray(1, end));
  }

  /** The name without its leftmost label; the root's parent is the root. */
  get parent(): Name {
    if (this.isRoot) return this;
    return new Name(this.text.slice(this.text.charCodeAt(0) + 1));
  }

  equals(other: Name): boolean {
    return this === other || (this.text.length === other.text.length && this.key === other.key);
  }

  /** Whether this name is `ancestor` or lies below it. */
  isWithin(ancestor: Name): boolean {
    const difference = this.text.length - ancestor.text.length;
    if (difference < 0) return false;
    let at = 0;
    while (at < difference) at += this.text.charCodeAt(at) + 1;
    return at === difference && this.key.endsWith(ancestor.key);
  }

  /** This name with a label put before it. Throws INVALID_NAME beyond the limits. */
  prepend(label: string | Uint8Array): Name {
    const octets = labelOctets(label);
    const size = this.text.length + octets.length + 1;
    const isSound = octets.length > 0 && octets.length <= LABEL_SIZE_MAX && size <= NAME_SIZE_MAX;
    if (!isSound) return Name.of(octets, ...this.labels);
    return new Name(String.fromCharCode(octets.length) + textOfOctets(octets) + this.text);
  }

  /** Presentation format, without the final dot except for the root itself. */
  toString(): string {
    if (this.isRoot) return ".";
    let text = "";
    for (let at = 0; this.text.charCodeAt(at) > 0; ) {
      const end = at + 1 + this.text.charCodeAt(at);
      if (at > 0) text += ".";
      const label = this.text.slice(at + 1, end);
      text += PLAIN.test(label) ? label : formatLabel(this.octets.subarray(at + 1, end));
      at = end;
    }
    return text;
  }

  toJSON(): string {
    return this.toString();
  }
}

function labelOctets(label: string | Uint8Array): Uint8Array {
  return typeof label === "string" ? textEncoder.encode(label) : label;
}

/** Folds A to Z. Length octets are at most 63, below "A" (65), and so never change. */
function folded(text: string): string {
  return isAscii(text)
    ? text.toLowerCase()
    : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
