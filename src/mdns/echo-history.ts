/**
 * What we sent in the last seconds, over all links: so that packets and records of our own that come
 * back are known as such.
 *
 * Our multicasts return by loopback (RFC 6762 §15 needs it on), through a second interface on the
 * same link, and late from reflectors, access points and bridges, sometimes with addresses that we
 * no longer have. None of these may be taken for another host (RFC 6762 §9).
 */

import { BoundedMap } from "../core/bounded.ts";
import { before, type Instant } from "../core/time.ts";
import type { ResourceRecord } from "../wire/record.ts";
import { recordDataOctets } from "../wire/record-order.ts";
import { ECHO_PACKETS_MAX, ECHO_RECORDS_MAX, ECHO_WINDOW } from "./constants.ts";

interface SentPacket {
  at: Instant;
  /** Copies that will come back by loopback, one a transmission, keyed by where they went. */
  readonly loopbacks: Map<string, number>;
}

export class EchoHistory {
  readonly #packets = new BoundedMap<string, SentPacket>(ECHO_PACKETS_MAX);
  readonly #records = new BoundedMap<string, Instant>(ECHO_RECORDS_MAX);
  /** When a record of the owner name was last sent, so that most others' records cost one look. */
  readonly #names = new BoundedMap<string, Instant>(ECHO_RECORDS_MAX);

  /** Notes a multicast packet; `way` names the link and family it left by. */
  notePacket(octets: Uint8Array, way: string, now: Instant): void {
    const key = packetKey(octets);
    const sent = this.#packets.find(key) ?? { at: now, loopbacks: new Map<string, number>() };
    sent.at = now;
    sent.loopbacks.set(way, (sent.loopbacks.get(way) ?? 0) + 1);
    this.#packets.set(key, sent);
  }

  noteRecords(records: readonly ResourceRecord[], now: Instant): void {
    for (const record of records) {
      this.#records.set(recordKey(record), now);
      this.#names.set(record.name.key, now);
    }
  }

  /**
   * What a packet from one of our own addresses is. `loopback`: the one copy of a packet of ours that
   * comes back by `way`. `repeat`: the octets of a packet of ours once more, as an echo brings it, or
   * another process of this host that sends the same. `other`: none of ours.
   */
  classify(octets: Uint8Array, way: string, now: Instant): "loopback" | "repeat" | "other" {
    const sent = this.#packets.peek(packetKey(octets));
    if (sent === undefined || sent.at < before(now, ECHO_WINDOW)) return "other";
    const expected = sent.loopbacks.get(way) ?? 0;
    if (expected === 0) return "repeat";
    sent.loopbacks.set(way, expected - 1);
    return "loopback";
  }

  /** Whether we sent this owner name, type and data within the window. */
  sentRecord(record: ResourceRecord, now: Instant): boolean {
    const since = before(now, ECHO_WINDOW);
    if (!isSince(this.#names.peek(record.name.key), since)) return false;
    return isSince(this.#records.peek(recordKey(record)), since);
  }
}

function isSince(at: Instant | undefined, since: Instant): boolean {
  return at !== undefined && at >= since;
}

function packetKey(octets: Uint8Array): string {
  return `${octets.length}:${fnv1a(octets, 0x811c9dc5)}:${fnv1a(octets, 0x9747b28c)}`;
}

function recordKey(record: ResourceRecord): string {
  const data = recordDataOctets(record.data);
  return `${record.type}:${fnv1a(data, 0x811c9dc5)}:${data.length}:${record.name.key}`;
}

/** FNV-1a over octets: fast, and a collision costs no more than one packet taken for an echo. */
function fnv1a(octets: Uint8Array, basis: number): number {
  let hash = basis;
  for (let index = 0; index < octets.length; index++) {
    hash = Math.imul(hash ^ octets[index]!, 0x01000193);
  }
  return hash >>> 0;
}
