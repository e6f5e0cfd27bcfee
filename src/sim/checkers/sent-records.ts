/**
 * What was multicast on each link, and so what caches may hold and must have heard: a record that was
 * sent may be held until its TTL is over (RFC 6762 §10), or until a second after a goodbye (§10.1) or
 * another set with the cache-flush bit (§10.2).
 *
 * While there are troubles a packet may reach some and not others, so that only what is sent once the
 * network is quiet takes a record out of caches or must have been heard. Of two families IPv4 counts,
 * since all hosts of a swarm have it.
 */

import type { LinkId } from "../../core/link.ts";
import {
  after,
  before,
  earliest,
  type Instant,
  latest,
  minutes,
  NEVER,
  seconds,
} from "../../core/time.ts";
import { Flag } from "../../wire/constants.ts";
import type { Message } from "../../wire/message.ts";
import type { Name } from "../../wire/name.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import { recordKey, recordSetKey } from "../../wire/record-order.ts";
import type { NetworkObserver } from "../observer.ts";
import type { Packet } from "../packet.ts";

/** RFC 6762 §10.1, §10.2: how long a record lives on that is said goodbye to or flushed. */
const LAST_SECOND = seconds(1);

/** RFC 6762 §6: for a second a record need not be multicast again. */
const NOT_AGAIN_WITHIN = seconds(1);

/** RFC 6762 §5.2: a continuous query is asked again at least once an hour; and its answer's time. */
const ASKED_WITHIN = minutes(61);

/** For a packet to arrive, and to be answered. */
const ALLOWANCE = seconds(2);

interface SentRecord {
  /** By whatever way. */
  sentAt: Instant;
  /** To all, with no troubles; undefined when never. */
  heardAt: Instant | undefined;
  expires: Instant;
}

interface LinkRecords {
  /** By RRset and record. */
  readonly sets: Map<string, Map<string, SentRecord>>;
  /** By asker and question: when it was first asked of a network that is quiet. */
  readonly asked: Map<string, Instant>;
}

export class SentRecords implements NetworkObserver {
  readonly #links = new Map<LinkId, LinkRecords>();
  #quietSince: Instant = NEVER;

  quietBegins(now: Instant): void {
    this.#quietSince = now;
  }

  packetSent(packet: Packet): void {
    const { message } = packet;
    if (message === undefined) return;
    const isResponse = (message.flags & Flag.QR) !== 0;
    if (isResponse) this.#noteResponse(message, packet);
    else if (message.authorities.length === 0) this.#noteQuestions(message, packet);
  }

  /** Whether a cache on the link may still hold the record. */
  mayBeHeld(link: LinkId, record: ResourceRecord, now: Instant): boolean {
    const sent = this.#find(link, record);
    return sent !== undefined && now <= after(sent.expires, ALLOWANCE);
  }

  /** How many records a cache on the link may hold. */
  countHeld(link: LinkId, now: Instant): number {
    let count = 0;
    for (const records of this.#links.get(link)?.sets.values() ?? []) {
      for (const { expires } of records.values()) if (now <= after(expires, ALLOWANCE)) count++;
    }
    return count;
  }

  /** Whether whoever asks continuously for the record must have it. */
  mustBeKnown(link: LinkId, record: ResourceRecord, now: Instant): boolean {
    if (now >= after(this.#quietSince, ASKED_WITHIN)) return true;
    const heardAt = this.#find(link, record)?.heardAt;
    return heardAt !== undefined && heardAt <= before(now, ALLOWANCE);
  }

  /** Whether the host has put the question on the link, and must know what there was to answer. */
  mustBeAnswered(asker: string, link: LinkId, name: Name, type: number, now: Instant): boolean {
    const asked = this.#links.get(link)?.asked.get(`${asker} ${type} ${name.key}`);
    return asked !== undefined && asked <= before(now, ALLOWANCE);
  }

  #noteQuestions({ questions }: Message, { sender, link, sentAt }: Packet): void {
    if (sentAt < after(this.#quietSince, NOT_AGAIN_WITHIN)) return;
    const { asked } = this.#recordsOn(link.id);
    for (const { name, type } of questions) {
      const key = `${sender} ${type} ${name.key}`;
      if (!asked.has(key)) asked.set(key, sentAt);
    }
  }

  #noteResponse(message: Message, packet: Packet): void {
    const isHeardByAll =
      packet.toGroup && packet.family === "ipv4" && packet.sentAt >= this.#quietSince;
    for (const record of [...message.answers, ...message.additionals]) {
      if (record.ttl > 0) this.#noteSent(record, packet, isHeardByAll);
      else if (isHeardByAll) this.#noteGoodbye(record, packet);
    }
  }

  #noteSent(record: ResourceRecord, { link, sentAt }: Packet, isHeardByAll: boolean): void {
    const records = this.#setOf(link.id, record);
    const key = recordKey(record);
    const known = records.get(key);
    const expires = after(sentAt, seconds(record.ttl));
    records.set(key, {
      sentAt,
      heardAt: isHeardByAll ? sentAt : known?.heardAt,
      expires: latest(expires, known?.expires ?? expires),
    });
    if (record.cacheFlush && isHeardByAll) flush(records, sentAt);
  }

  #noteGoodbye(record: ResourceRecord, { link, sentAt }: Packet): void {
    const sent = this.#find(link.id, record);
    if (sent !== undefined) sent.expires = earliest(sent.expires, after(sentAt, LAST_SECOND));
  }

  #find(link: LinkId, record: ResourceRecord): SentRecord | undefined {
    return this.#links.get(link)?.sets.get(recordSetKey(record))?.get(recordKey(record));
  }

  #setOf(link: LinkId, record: ResourceRecord): Map<string, SentRecord> {
    const { sets } = this.#recordsOn(link);
    const key = recordSetKey(record);
    const known = sets.get(key) ?? new Map<string, SentRecord>();
    sets.set(key, known);
    return known;
  }

  #recordsOn(link: LinkId): LinkRecords {
    const known: LinkRecords = this.#links.get(link) ?? { sets: new Map(), asked: new Map() };
    this.#links.set(link, known);
    return known;
  }
}

/** RFC 6762 §10.2: what was received more than a second ago has a second left. */
function flush(records: ReadonlyMap<string, SentRecord>, now: Instant): void {
  for (const record of records.values()) {
    if (record.sentAt < before(now, LAST_SECOND)) {
      record.expires = earliest(record.expires, after(now, LAST_SECOND));
    }
  }
}
