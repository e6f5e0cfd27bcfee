/**
 * One cached answer, kept as the octets of a response without an OPT record, so that a reply is a
 * copy with a few fields put in: id, flags, the question as the client spelt it, and ttls counted
 * down (RFC 1035 §3.2.1).
 */

import type { Endpoint } from "../core/datagram.ts";
import type { Deadline } from "../core/deadline-queue.ts";
import { after, type Instant, seconds } from "../core/time.ts";
import { Flag, HEADER_SIZE } from "../wire/constants.ts";
import type { Name } from "../wire/name.ts";
import { STALE_TTL } from "./constants.ts";
import type { Task } from "./context.ts";
import { recordOffsets } from "./record-offsets.ts";
import type { ResolveSpec } from "./types.ts";

export interface CachedAnswer {
  readonly key: string;
  readonly spec: ResolveSpec;
  /** A whole response with one question, `spec`'s. */
  readonly octets: Uint8Array;
  /** Seconds for which it is good. */
  readonly ttl: number;
  readonly server: Endpoint;
  /** Where its aliases end, when the answer has no data of that name. */
  readonly openEnd: Name | undefined;
}

export class CacheEntry {
  readonly key: string;
  readonly spec: ResolveSpec;
  readonly octets: Uint8Array;
  readonly server: Endpoint;
  readonly openEnd: Name | undefined;
  readonly storedAt: Instant;
  readonly expires: Instant;
  /** Times it was given out. */
  uses = 0;
  /** When it is asked for again, if it is. */
  prefetch: Deadline<Task> | undefined;
  /** The last attempt to get a newer answer that failed (RFC 8767 §5). */
  refreshFailedAt: Instant | undefined;
  readonly #ttls: Uint16Array;
  readonly #addresses: Uint16Array;

  constructor({ key, spec, octets, ttl, server, openEnd }: CachedAnswer, now: Instant) {
    this.key = key;
    this.spec = spec;
    this.octets = octets;
    this.server = server;
    this.openEnd = openEnd;
    this.storedAt = now;
    this.expires = after(now, seconds(ttl));
    const offsets = recordOffsets(octets, spec.type);
    this.#ttls = offsets.ttls;
    this.#addresses = offsets.addresses;
  }

  isFresh(now: Instant): boolean {
    return now < this.expires;
  }

  /** Milliseconds until its response is another: a ttl has run down by a second, or it is over. */
  unchangedFor(now: Instant): number {
    return Math.max(0, Math.min(1000 - ((now - this.storedAt) % 1000), this.expires - now));
  }

  /**
   * The response with id 0. `turn` is how far the addresses are rotated; past its time every ttl is
   * that of a stale answer (RFC 8767 §4).
   */
  response(now: Instant, turn = 0): Uint8Array {
    const octets = this.octets.slice();
    if (this.isFresh(now)) this.#countDown(octets, Math.floor((now - this.storedAt) / 1000));
    else for (const at of this.#ttls) writeUint32(octets, at, STALE_TTL);
    if (turn > 0 && this.#addresses.length > 1) this.#rotate(octets, turn);
    return octets;
  }

  /**
   * The response to a query whose header and question are the first `querySize` octets of `query`
   * and whose key is this entry's.
   */
  replyTo(query: Uint8Array, querySize: number, now: Instant, turn = 0): Uint8Array {
    const octets = this.response(now, turn);
    octets.set(query.subarray(0, 2));
    octets[2] = octets[2]! | (query[2]! & (Flag.RD >> 8));
    const wantsAuthentic = (query[3]! & Flag.AD) !== 0 || this.spec.dnssecOk === true;
    const kept = wantsAuthentic ? octets[3]! : octets[3]! & ~Flag.AD;
    octets[3] = kept | (query[3]! & Flag.CD);
    octets.set(query.subarray(HEADER_SIZE, querySize), HEADER_SIZE);
    return octets;
  }

  #countDown(octets: Uint8Array, age: number): void {
    if (age === 0) return;
    for (const at of this.#ttls) {
      writeUint32(octets, at, Math.max(0, readUint32(octets, at) - age));
    }
  }

  /** The records of a set are alike but for their data, so the data alone moves. */
  #rotate(octets: Uint8Array, turn: number): void {
    const count = this.#addresses.length;
    const size = readUint16(octets, this.#addresses[0]! - 2);
    for (let index = 0; index < count; index++) {
      const from = this.#addresses[(index + turn) % count]!;
      octets.set(this.octets.subarray(from, from + size), this.#addresses[index]!);
    }
  }
}

function readUint16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

function readUint32(octets: Uint8Array, at: number): number {
  return readUint16(octets, at) * 0x1_0000 + readUint16(octets, at + 2);
}

function writeUint32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = (value >>> 16) & 0xff;
  octets[at + 2] = (value >>> 8) & 0xff;
  octets[at + 3] = value & 0xff;
}
