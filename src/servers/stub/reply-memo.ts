/**
 * Replies that may be given again as they are: to the same query octets but for the id, for as long
 * as their ttls have not run down by a second. So a busy name costs a comparison and a copy.
 *
 * A table of fixed size without objects: a query has the few slots of one set, so that thousands of
 * busy names seldom drive each other out; in a full set the reply that is over first makes room.
 */

const SET_COUNT = 1024;
const SET_SIZE = 4;
const SLOT_COUNT = SET_COUNT * SET_SIZE;

/** Larger ones are not kept. */
const QUERY_SIZE_MAX = 128;
const REPLY_SIZE_MAX = 512;

const SLOT_SIZE = QUERY_SIZE_MAX + REPLY_SIZE_MAX;

/** Octets of the id, which may be another every time. */
const ID_SIZE = 2;

/** The 32-bit FNV-1a hash. */
const HASH_SEED = 0x811c9dc5;
const HASH_FACTOR = 0x01000193;

/** What besides its octets makes a query the same. */
export interface MemoContext {
  /** Replies of one way to clients are not those of another. */
  readonly way: number;
  /** Replies of another epoch are not given again. */
  readonly epoch: number;
  /** On the clock of `performance`. */
  readonly now: number;
}

export class ReplyMemo {
  readonly #octets = new Uint8Array(SLOT_COUNT * SLOT_SIZE);
  readonly #hashes = new Int32Array(SLOT_COUNT);
  readonly #querySizes = new Uint8Array(SLOT_COUNT);
  readonly #replySizes = new Uint16Array(SLOT_COUNT);
  readonly #ways = new Uint16Array(SLOT_COUNT);
  readonly #epochs = new Float64Array(SLOT_COUNT);
  readonly #ends = new Float64Array(SLOT_COUNT);

  /**
   * Writes the reply to the query of `size` octets at `start` of `octets` to `into` at `at` and
   * returns its size; 0: not known.
   */
  write(
    octets: Uint8Array,
    start: number,
    size: number,
    context: MemoContext,
    into: Uint8Array,
    at: number,
  ): number {
    if (size > QUERY_SIZE_MAX) return 0;
    const slot = this.#slotOf(octets, start, size, context);
    if (slot < 0 || context.now >= this.#ends[slot]!) return 0;
    const replySize = this.#replySizes[slot]!;
    const replyStart = slot * SLOT_SIZE + QUERY_SIZE_MAX;
    const kept = this.#octets;
    for (let index = ID_SIZE; index < replySize; index++) {
      into[at + index] = kept[replyStart + index]!;
    }
    into[at] = octets[start]!;
    into[at + 1] = octets[start + 1]!;
    return replySize;
  }

  /** Keeps the reply that was written at `at`, until `end`. */
  keep(
    query: Uint8Array,
    context: MemoContext,
    reply: Uint8Array,
    at: number,
    size: number,
    end: number,
  ): void {
    if (query.length > QUERY_SIZE_MAX || size > REPLY_SIZE_MAX) return;
    const known = this.#slotOf(query, 0, query.length, context);
    const hash = hashOf(query, 0, query.length);
    const slot = known >= 0 ? known : this.#freedSlot(hash, context);
    const start = slot * SLOT_SIZE;
    this.#octets.set(query, start);
    this.#octets.set(reply.subarray(at, at + size), start + QUERY_SIZE_MAX);
    this.#hashes[slot] = hash;
    this.#querySizes[slot] = query.length;
    this.#replySizes[slot] = size;
    this.#ways[slot] = context.way;
    this.#epochs[slot] = context.epoch;
    this.#ends[slot] = end;
  }

  /** The slot that has the query, though perhaps its time is over; -1: none. */
  #slotOf(octets: Uint8Array, start: number, size: number, { way, epoch }: MemoContext): number {
    const hash = hashOf(octets, start, size);
    const first = firstSlotOf(hash);
    for (let slot = first; slot < first + SET_SIZE; slot++) {
      if (this.#hashes[slot] !== hash || this.#querySizes[slot] !== size) continue;
      if (this.#ways[slot] !== way || this.#epochs[slot] !== epoch) continue;
      if (this.#isQueryOf(slot, octets, start, size)) return slot;
    }
    return -1;
  }

  #isQueryOf(slot: number, octets: Uint8Array, start: number, size: number): boolean {
    const kept = this.#octets;
    const keptStart = slot * SLOT_SIZE;
    for (let index = ID_SIZE; index < size; index++) {
      if (kept[keptStart + index] !== octets[start + index]) return false;
    }
    return true;
  }

  /** The slot of the set whose reply is over first; those of earlier epochs are over. */
  #freedSlot(hash: number, { epoch }: MemoContext): number {
    const first = firstSlotOf(hash);
    let freed = first;
    let freedEnd = Number.POSITIVE_INFINITY;
    for (let slot = first; slot < first + SET_SIZE; slot++) {
      const end = this.#epochs[slot] === epoch ? this.#ends[slot]! : 0;
      if (end < freedEnd) {
        freed = slot;
        freedEnd = end;
      }
    }
    return freed;
  }
}

function hashOf(octets: Uint8Array, start: number, size: number): number {
  let hash = HASH_SEED;
  const end = start + size;
  for (let index = start + ID_SIZE; index < end; index++) {
    hash = Math.imul(hash ^ octets[index]!, HASH_FACTOR);
  }
  return hash;
}

function firstSlotOf(hash: number): number {
  return ((hash ^ (hash >>> 16)) & (SET_COUNT - 1)) * SET_SIZE;
}
