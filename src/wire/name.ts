/**
 * Domain names (RFC 1035 §3.1): immutable, always absolute, a sequence of labels of octets.
 *
 * A label may hold any octet: dots, spaces and UTF-8 occur in service instance names (RFC 6763
 * §4.1.1), so a name is never handled as dotted text. Comparison folds ASCII case only (RFC 6762
 * §16); the original case is kept.
 */

import { DotlocalError } from "../core/errors.ts";
import { formatLabel, parsePresentation } from "./name-text.ts";

/** RFC 1035 §2.3.4: octets in a label. */
export const LABEL_SIZE_MAX = 63;

/** RFC 1035 §2.3.4: octets in a name, length octets and root label included. */
export const NAME_SIZE_MAX = 255;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

export class Name {
  /** The uncompressed wire form: labels with their length octets, then the root's zero octet. */
  readonly octets: Uint8Array;
  #key: string | undefined;

  /** Takes octets that are known to be a valid uncompressed name; does not copy them. */
  private constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  static readonly ROOT = new Name(new Uint8Array(1));

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

  /** For the message parser: takes over octets that it has already checked. */
  static fromWire(octets: Uint8Array): Name {
    return new Name(octets);
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
    return new Name(octets);
  }

  /**
   * The case-folded wire form as a string of one character an octet: for maps and comparison. Two
   * names are the same exactly when their keys are.
   */
  get key(): string {
    this.#key ??= foldedKey(this.octets);
    return this.#key;
  }

  get isRoot(): boolean {
    return this.octets.length === 1;
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
    for (let at = 0; this.octets[at]! > 0; at += this.octets[at]! + 1) count++;
    return count;
  }

  /** The leftmost label as text (UTF-8, with U+FFFD for octets that are not); "" for the root. */
  get firstLabel(): string {
    return textDecoder.decode(this.octets.subarray(1, 1 + this.octets[0]!));
  }

  /** The name without its leftmost label; the root's parent is the root. */
  get parent(): Name {
    if (this.isRoot) return this;
    return new Name(this.octets.slice(this.octets[0]! + 1));
  }

  equals(other: Name): boolean {
    return this === other || (this.octets.length === other.octets.length && this.key === other.key);
  }

  /** Whether this name is `ancestor` or lies below it. */
  isWithin(ancestor: Name): boolean {
    const difference = this.octets.length - ancestor.octets.length;
    if (difference < 0) return false;
    let at = 0;
    while (at < difference) at += this.octets[at]! + 1;
    return at === difference && this.key.endsWith(ancestor.key);
  }

  /** This name with a label put before it. Throws INVALID_NAME beyond the limits. */
  prepend(label: string | Uint8Array): Name {
    const octets = labelOctets(label);
    const size = this.octets.length + octets.length + 1;
    const isSound = octets.length > 0 && octets.length <= LABEL_SIZE_MAX && size <= NAME_SIZE_MAX;
    if (!isSound) return Name.of(octets, ...this.labels);
    const joined = new Uint8Array(size);
    joined[0] = octets.length;
    joined.set(octets, 1);
    joined.set(this.octets, octets.length + 1);
    return new Name(joined);
  }

  /** Presentation format, without the final dot except for the root itself. */
  toString(): string {
    if (this.isRoot) return ".";
    return this.labels.map(formatLabel).join(".");
  }

  toJSON(): string {
    return this.toString();
  }
}

function labelOctets(label: string | Uint8Array): Uint8Array {
  return typeof label === "string" ? textEncoder.encode(label) : label;
}

/** Folds A to Z. Length octets are at most 63, below "A" (65), and so never change. */
function foldedKey(octets: Uint8Array): string {
  const codes = new Array<number>(octets.length);
  for (let index = 0; index < octets.length; index++) {
    const octet = octets[index]!;
    codes[index] = octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
  }
  return String.fromCharCode.apply(null, codes);
}
