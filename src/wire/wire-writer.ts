/**
 * Writes the fields of one DNS message in order (RFC 1035 §4.1), names compressed where the dialect
 * allows it. The buffer is reused; `copy` gives the octets away.
 *
 * Throws `DotlocalError` INVALID_DATA for values that do not fit their field.
 */

import { DotlocalError } from "../core/errors.ts";
import { type IpAddress, writeIpAddress } from "../core/ip-address.ts";
import { CompressionTable } from "./compression-table.ts";
import { CHARACTER_STRING_SIZE_MAX, POINTER_BITS } from "./constants.ts";
import type { Dialect } from "./message.ts";
import type { Name } from "./name.ts";
import { hashLabel, NAME_HASH_SEED } from "./name-hash.ts";
import { textOfOctets } from "./octet-text.ts";

/**
 * How names are written: compressed as a dialect has it, or whole, or whole with the letters A to Z
 * folded, which is how names compare (RFC 6762 §16).
 */
export type NameStyle = Dialect | "plain" | "folded";

const IPV6_SIZE = 16;
const INITIAL_CAPACITY = 2048;
const LABELS_MAX = 128;

/** Up to so many octets a loop copies faster than a call. */
const COPY_LOOP_MAX = 64;

const LETTER_A = 0x41;
const LETTER_Z = 0x5a;
const LOWER_CASE_BIT = 0x20;

/** Starts and hashes of the endings of the name being written. */
const labelStarts = new Uint8Array(LABELS_MAX);
const endingHashes = new Int32Array(LABELS_MAX);

export class WireWriter {
  #octets = new Uint8Array(INITIAL_CAPACITY);
  #size = 0;
  #style: NameStyle = "dns";
  readonly #names = new CompressionTable();

  get size(): number {
    return this.#size;
  }

  get style(): NameStyle {
    return this.#style;
  }

  clear(style: NameStyle): void {
    this.#style = style;
    this.#size = 0;
    this.#names.clear();
  }

  /** How many endings of names can be pointed to. */
  get nameCount(): number {
    return this.#names.count;
  }

  /** Takes back what was written since `size` and `nameCount` were these. */
  rollBack(size: number, nameCount: number): void {
    this.#size = size;
    this.#names.truncate(nameCount, size);
  }

  /** Leaves room to be patched. */
  skip(length: number): void {
    this.#reserve(length);
    this.#size += length;
  }

  copy(): Uint8Array {
    return this.#octets.slice(0, this.#size);
  }

  /** What was written as one character an octet. */
  text(): string {
    return textOfOctets(this.#octets, 0, this.#size);
  }

  /** Whether both writers have written the same. */
  holdsSame(other: WireWriter): boolean {
    if (this.#size !== other.#size) return false;
    for (let index = 0; index < this.#size; index++) {
      if (this.#octets[index] !== other.#octets[index]) return false;
    }
    return true;
  }

  uint8(value: number): void {
    if ((value & 0xff) !== value) throw outOfRange(value, 8);
    this.#reserve(1);
    this.#octets[this.#size++] = value;
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw outOfRange(value, 16);
    this.#reserve(2);
    this.#octets[this.#size++] = value >>> 8;
    this.#octets[this.#size++] = value;
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw outOfRange(value, 32);
    this.#reserve(4);
    const octets = this.#octets;
    const at = this.#size;
    octets[at] = value >>> 24;
    octets[at + 1] = value >>> 16;
    octets[at + 2] = value >>> 8;
    octets[at + 3] = value;
    this.#size = at + 4;
  }

  /** Overwrites two octets written before. */
  patchUint16(position: number, value: number): void {
    if ((value & 0xffff) !== value) throw outOfRange(value, 16);
    this.#octets[position] = value >>> 8;
    this.#octets[position + 1] = value;
  }

  /** The 4 or 16 octets of an address. */
  address(address: IpAddress): void {
    this.#reserve(IPV6_SIZE);
    this.#size += writeIpAddress(address, this.#octets, this.#size);
  }

  octets(source: Uint8Array): void {
    const length = source.length;
    this.#reserve(length);
    if (length <= COPY_LOOP_MAX) {
      const octets = this.#octets;
      const size = this.#size;
      for (let index = 0; index < length; index++) octets[size + index] = source[index]!;
    } else {
      this.#octets.set(source, this.#size);
    }
    this.#size += length;
  }

  /** RFC 1035 §3.3: a length octet and as many octets. */
  characterString(source: Uint8Array): void {
    if (source.length > CHARACTER_STRING_SIZE_MAX) {
      throw new DotlocalError(
        "INVALID_DATA",
        `a string has ${source.length} octets; the limit is ${CHARACTER_STRING_SIZE_MAX}`,
      );
    }
    this.uint8(source.length);
    this.octets(source);
  }

  /** A name that is compressed in every dialect: owner names and the types of RFC 1035. */
  name(name: Name): void {
    if (this.#style === "plain" || this.#style === "folded") {
      this.plainName(name);
      return;
    }
    if (name.isRoot) {
      this.uint8(0);
      return;
    }
    const known = this.#names.positionOf(name);
    if (known >= 0) this.#pointer(known);
    else this.#names.remember(name, this.#writeLabels(name.octets));
  }

  /** Writes labels up to one that stands already; returns where the name can be found. */
  #writeLabels(source: Uint8Array): number {
    this.#reserve(source.length);
    const octets = this.#octets;
    const nameStart = this.#size;
    const labels = hashEndings(source);
    for (let label = 0; label < labels; label++) {
      const start = labelStarts[label]!;
      const hash = endingHashes[label]!;
      const position = this.#names.find(hash, octets, source, start);
      if (position >= 0) {
        this.#pointer(position);
        return label === 0 ? position : nameStart;
      }
      this.#names.add(hash, this.#size);
      const end = start + source[start]! + 1;
      let size = this.#size;
      for (let at = start; at < end; at++) octets[size++] = source[at]!;
      this.#size = size;
    }
    octets[this.#size++] = 0;
    return nameStart;
  }

  #pointer(position: number): void {
    this.uint16((POINTER_BITS << 8) | position);
  }

  /** A name in record data that only mDNS compresses (RFC 6762 §18.14; RFC 3597 §4). */
  nameCompressedInMdns(name: Name): void {
    if (this.#style === "mdns") this.name(name);
    else this.plainName(name);
  }

  /** A name that is never compressed, nor pointed to. */
  plainName(name: Name): void {
    const start = this.#size;
    this.octets(name.octets);
    if (this.#style === "folded") foldLetters(this.#octets, start, this.#size);
  }

  #reserve(length: number): void {
    const needed = this.#size + length;
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#octets.length * 2));
    larger.set(this.#octets.subarray(0, this.#size));
    this.#octets = larger;
  }
}

/** Length octets are at most 63, below "A" (65), and so never change. */
function foldLetters(octets: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    if (octets[at]! >= LETTER_A && octets[at]! <= LETTER_Z) octets[at]! |= LOWER_CASE_BIT;
  }
}

/** Fills `labelStarts` and `endingHashes`; returns how many labels there are. */
function hashEndings(source: Uint8Array): number {
  let count = 0;
  for (let at = 0; source[at]! > 0; at += source[at]! + 1) labelStarts[count++] = at;
  let hash = NAME_HASH_SEED;
  for (let label = count - 1; label >= 0; label--) {
    const start = labelStarts[label]!;
    hash = hashLabel(hash, source, start, source[start]!);
    endingHashes[label] = hash;
  }
  return count;
}

function outOfRange(value: number, bits: number): DotlocalError {
  return new DotlocalError("INVALID_DATA", `${value} does not fit in ${bits} bits`);
}
