/**
 * Legacy unicast responses (RFC 6762 §6.7) that were just sent, by the octets of their query: a
 * program that asks the same again gets the same octets with its own id, and no message is read or
 * composed for it.
 *
 * The query's octets but the id say all that a response depends on, the case of its name and its
 * EDNS record included; what is published is the rest of it. The owner of this table clears it when
 * that changes, and nothing in it is used for longer than `PREPARED_RESPONSE_LIFE`.
 */

import type { Family } from "../core/ip-address.ts";
import { after, type Instant } from "../core/time.ts";
import { PREPARED_RESPONSE_LIFE, PREPARED_RESPONSES_MAX } from "./constants.ts";

/** RFC 1035 §4.1.1: octets of the id, with which a message begins. */
const ID_SIZE = 2;

/** Octets of a block of copies: so many are kept while one of them is. */
const COPIES_BLOCK_SIZE = 8192;

interface Prepared {
  readonly query: Uint8Array;
  readonly family: Family;
  readonly response: Uint8Array;
  readonly end: Instant;
}

export class PreparedResponses {
  /** By a hash of the query; one takes the place of another that has its slot. */
  readonly #slots = new Array<Prepared | undefined>(PREPARED_RESPONSES_MAX).fill(undefined);
  readonly #copies = new Copies();

  /** The response to a query that was answered before, with this query's id; else undefined. */
  find(query: Uint8Array, family: Family, now: Instant): Uint8Array | undefined {
    const prepared = this.#slots[slotOf(query)];
    if (prepared === undefined || prepared.end < now || prepared.family !== family) {
      return undefined;
    }
    if (!isSameButId(prepared.query, query)) return undefined;
    const response = this.#copies.of(prepared.response);
    for (let index = 0; index < ID_SIZE; index++) response[index] = query[index]!;
    return response;
  }

  /** Both are copied or never changed: the query's octets may be used again at once. */
  keep(query: Uint8Array, family: Family, response: Uint8Array, now: Instant): void {
    const end = after(now, PREPARED_RESPONSE_LIFE);
    this.#slots[slotOf(query)] = { query: query.slice(), family, response, end };
  }

  clear(): void {
    this.#slots.fill(undefined);
  }
}

/** Copies of small octets, many in one block of memory: a block of its own costs more than the copy. */
class Copies {
  #block = new Uint8Array(0);
  #used = 0;

  of(octets: Uint8Array): Uint8Array {
    const size = octets.length;
    if (this.#used + size > this.#block.length) {
      this.#block = new Uint8Array(Math.max(size, COPIES_BLOCK_SIZE));
      this.#used = 0;
    }
    const copy = this.#block.subarray(this.#used, this.#used + size);
    this.#used += size;
    copy.set(octets);
    return copy;
  }
}

/** FNV-1a over all but the id. */
function slotOf(query: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let index = ID_SIZE; index < query.length; index++) {
    hash = Math.imul(hash ^ query[index]!, 0x01000193);
  }
  return (hash >>> 0) % PREPARED_RESPONSES_MAX;
}

function isSameButId(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = ID_SIZE; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
