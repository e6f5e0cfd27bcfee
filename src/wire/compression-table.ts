/**
 * Where names and their endings stand in the message being composed (RFC 1035 §4.1.4).
 *
 * A hash table of positions, and the few names written last. Compression is never necessary, so
 * the table has a fixed size and a look-up gives up after a few steps: no choice of names makes
 * composing slow.
 */

import { POINTER_BITS, POINTER_OFFSET_MASK } from "./constants.ts";
import type { Name } from "./name.ts";

/** A power of two. */
const BUCKET_COUNT = 256;
const ENTRIES_MAX = 2048;
const STEPS_MAX = 16;

/** A power of two. */
const RECENT = 8;

export class CompressionTable {
  /** A bucket's newest entry, counted from one; zero for none. */
  readonly #heads = new Uint16Array(BUCKET_COUNT);
  readonly #next = new Uint16Array(ENTRIES_MAX + 1);
  readonly #hashes = new Int32Array(ENTRIES_MAX + 1);
  readonly #positions = new Uint16Array(ENTRIES_MAX + 1);
  #count = 0;

  /** Where the names written last stand whole: the same object needs no comparison. */
  readonly #recentNames = new Array<Name | undefined>(RECENT).fill(undefined);
  readonly #recentPositions = new Uint16Array(RECENT);
  #recentCount = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    for (let entry = this.#count; entry > 0; entry--) {
      this.#heads[bucketOf(this.#hashes[entry]!)] = 0;
    }
    this.#count = 0;
    this.#recentNames.fill(undefined);
  }

  /** Forgets all but the first `count` entries, which stand in the first `size` octets. */
  truncate(count: number, size: number): void {
    for (let slot = 0; slot < RECENT; slot++) {
      if (this.#recentPositions[slot]! >= size) this.#recentNames[slot] = undefined;
    }
    while (this.#count > count) {
      const entry = this.#count--;
      this.#heads[bucketOf(this.#hashes[entry]!)] = this.#next[entry]!;
    }
  }

  /** Remembers that a name ending with `hash` starts at `position` of the message. */
  add(hash: number, position: number): void {
    if (position > POINTER_OFFSET_MASK || this.#count === ENTRIES_MAX) return;
    const entry = ++this.#count;
    const bucket = bucketOf(hash);
    this.#hashes[entry] = hash;
    this.#positions[entry] = position;
    this.#next[entry] = this.#heads[bucket]!;
    this.#heads[bucket] = entry;
  }

  /** Where `name` itself, this object, stands whole; -1 when that is not known. */
  positionOf(name: Name): number {
    const slot = this.#recentNames.indexOf(name);
    return slot < 0 ? -1 : this.#recentPositions[slot]!;
  }

  /** Remembers that `name` stands whole at `position`. */
  remember(name: Name, position: number): void {
    if (position > POINTER_OFFSET_MASK) return;
    const slot = this.#recentCount++ & (RECENT - 1);
    this.#recentNames[slot] = name;
    this.#recentPositions[slot] = position;
  }

  /**
   * Where in `message` the ending of `name` that starts at `start` stands already, octet for octet,
   * so that case is preserved; -1 for nowhere.
   */
  find(hash: number, message: Uint8Array, name: Uint8Array, start: number): number {
    let entry = this.#heads[bucketOf(hash)]!;
    for (let step = 0; entry !== 0 && step < STEPS_MAX; step++) {
      if (this.#hashes[entry] === hash) {
        const position = this.#positions[entry]!;
        if (isSame(message, position, name, start)) return position;
      }
      entry = this.#next[entry]!;
    }
    return -1;
  }
}

function bucketOf(hash: number): number {
  return (hash ^ (hash >>> 16)) & (BUCKET_COUNT - 1);
}

/** Compares with what the composer wrote itself: its pointers are sound. */
function isSame(message: Uint8Array, position: number, name: Uint8Array, start: number): boolean {
  let from = position;
  let at = start;
  for (;;) {
    let length = message[from]!;
    while (length >= POINTER_BITS) {
      from = ((length << 8) | message[from + 1]!) & POINTER_OFFSET_MASK;
      length = message[from]!;
    }
    if (length !== name[at]) return false;
    if (length === 0) return true;
    for (let end = at + length; at < end; ) if (message[++from] !== name[++at]) return false;
    from++;
    at++;
  }
}
