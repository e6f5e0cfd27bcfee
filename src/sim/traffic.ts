/**
 * Counts what hosts put on links, and of which kinds it is.
 *
 * An announcement is told from an answer by its sender, who has just probed for one of its names. A
 * response to another's probe in that time counts as one too.
 */

import { after, between, type Duration, type Instant, ORIGIN, seconds } from "../core/time.ts";
import { Flag } from "../wire/constants.ts";
import type { Message } from "../wire/message.ts";
import { formatType } from "../wire/type-names.ts";
import type { NetworkObserver } from "./observer.ts";
import type { Packet } from "./packet.ts";

/** RFC 6762 §8.1, §8.3: 250 ms after the last probe, and again a second later. */
const ANNOUNCED_WITHIN = seconds(2);

export interface Volume {
  readonly packets: number;
  /** Of the messages, without the headers below them. */
  readonly octets: number;
}

export interface TrafficCount extends Volume {
  readonly duration: Duration;
  /** By kind: `probe`, `announcement`, `goodbye`, or with types `query A+PTR`, `response A`. */
  readonly kinds: ReadonlyMap<string, Volume>;
}

export class Traffic implements NetworkObserver {
  #kinds = new Map<string, Volume>();
  #since: Instant = ORIGIN;
  /** By sender and owner name: when it was last probed for. */
  #probes = new Map<string, Instant>();

  packetSent(packet: Packet): void {
    if (packet.reflected) return;
    const kind = this.#kindOf(packet);
    const { packets, octets } = this.#kinds.get(kind) ?? { packets: 0, octets: 0 };
    this.#kinds.set(kind, { packets: packets + 1, octets: octets + packet.octets.length });
  }

  /** What was sent since it was last taken. */
  take(now: Instant): TrafficCount {
    const kinds = this.#kinds;
    const duration = between(this.#since, now);
    this.#kinds = new Map();
    this.#since = now;
    let packets = 0;
    let octets = 0;
    for (const volume of kinds.values()) {
      packets += volume.packets;
      octets += volume.octets;
    }
    return { packets, octets, duration, kinds };
  }

  #kindOf(packet: Packet): string {
    const { message } = packet;
    if (message === undefined) return "malformed";
    if ((message.flags & Flag.QR) !== 0) return this.#kindOfResponse(message, packet);
    if (message.authorities.length === 0) return kindOfQuery(message);
    for (const { name } of message.authorities) {
      this.#probes.set(`${packet.sender} ${name.key}`, packet.sentAt);
    }
    return "probe";
  }

  #kindOfResponse({ answers }: Message, { sender, sentAt }: Packet): string {
    if (answers.some(({ ttl }) => ttl === 0)) return "goodbye";
    const isAnnouncement = answers.some(({ name }) => {
      const probed = this.#probes.get(`${sender} ${name.key}`);
      return probed !== undefined && sentAt <= after(probed, ANNOUNCED_WITHIN);
    });
    return isAnnouncement ? "announcement" : `response ${typesOf(answers)}`;
  }
}

/** A query that carries on another's known answers (RFC 6762 §7.2) has no question. */
function kindOfQuery({ questions }: Message): string {
  return questions.length === 0 ? "query continued" : `query ${typesOf(questions)}`;
}

function typesOf(entries: readonly { readonly type: number }[]): string {
  const types = new Set(entries.map(({ type }) => formatType(type)));
  return [...types].sort().join("+");
}
