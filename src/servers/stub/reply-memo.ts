/**
 * Replies that may be given again as they are: to the same query octets but for the id, for as long
 * as their ttls have not run down by a second. So a busy name costs a comparison and a copy.
 *
 * A table of fixed size without objects: a query has one slot, and the newest that falls on it has it.
 */

const SLOT_COUNT = 4096;

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
  readonly #querySizes = new Uint8Array(SLOT_COUNT);
  readonly #replySizes = new Uint16Array(SLOT_COUNT);
  readonly #ways = new Uint16Array(SLOT_COUNT);
  readonly #epochs = new Float64Array(SLOT_COUNT);
  readonly #ends = new Float64Array(SLOT_COUNT);

  /** Writes the reply to a query at `at` and returns its size; 0: not known. */
  write(query: Uint8Array, context: MemoContext, into: Uint8Array, at: number): number {
    const size = query.length;
    if (size > QUERY_SIZE_MAX) return 0;
    const slot = slotOf(query);
    if (this.#querySizes[slot] !== size || !this.#isGood(slot, context)) return 0;
    const start = slot * SLOT_SIZE;
    const octets = this.#octets;
    for (let index = ID_SIZE; index < size; index++) {
      if (octets[start + index] !== query[index]) return 0;
    }
    const replySize = this.#replySizes[slot]!;
    const replyStart = start + QUERY_SIZE_MAX;
    for (let index = ID_SIZE; index < replySize; index++) {
      into[at + index] = octets[replyStart + index]!;
    }
    into[at] = query[0]!;
    into[at + 1] = query[1]!;
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
    const slot = slotOf(query);
    const start = slot * SLOT_SIZE;
    this.#octets.set(query, start);
    this.#octets.set(reply.subarray(at, at + size), start + QUERY_SIZE_MAX);
    this.#querySizes[slot] = query.length;
    this.#replySizes[slot] = size;
    this.#ways[slot] = context.way;
    this.#epochs[slot] = context.epoch;
    this.#ends[slot] = end;
  }

  #isGood(slot: number, { way, epoch, now }: MemoContext): boolean {
    return this.#ways[slot] === way && this.#epochs[slot] === epoch && now < this.#ends[slot]!;
  }
}

function slotOf(query: Uint8Array): number {
  let hash = HASH_SEED;
  for (let index = ID_SIZE; index < query.length; index++) {
    hash = Math.imul(hash ^ query[index]!, HASH_FACTOR);
  }
  return (hash ^ (hash >>> 16)) & (SLOT_COUNT - 1);
}
