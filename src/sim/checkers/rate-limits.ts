/**
 * No host multicasts a record twice within a second (RFC 6762 §6), or within 250 ms in defence
 * against a probe, and none sends more packets a second than its budget.
 */

import { type Instant, milliseconds, seconds } from "../../core/time.ts";
import { PACKETS_PER_SECOND_DEFAULT } from "../../mdns/constants.ts";
import { Flag } from "../../wire/constants.ts";
import type { ResourceRecord } from "../../wire/record.ts";
import { recordKey } from "../../wire/record-order.ts";
import { formatRecord } from "../format-packet.ts";
import type { Packet } from "../packet.ts";
import { type Checker, VIOLATIONS_KEPT_MAX } from "./checker.ts";

const INTERVAL_MIN = seconds(1);
const DEFENCE_INTERVAL_MIN = milliseconds(250);

/** How long after a probe a response may still be its answer. */
const DEFENCE_WINDOW = milliseconds(600);

export function rateLimits(): Checker {
  const watch = new RateWatch();
  return {
    property: "rate limits are kept",
    packetSent: (packet) => {
      if (packet.toGroup) watch.observe(packet);
    },
    noted: (text) => watch.forgetEnded(text),
    violations: () => watch.violations,
  };
}

class RateWatch {
  readonly violations: string[] = [];
  /** By way (sender, link, family) and record: when it was last multicast. */
  readonly #sent = new Map<string, Map<string, Instant>>();
  /** By owner name: when it was last probed for. */
  readonly #probes = new Map<string, Instant>();
  readonly #packets = new Map<string, { second: number; count: number }>();

  observe(packet: Packet): void {
    const { message } = packet;
    if (message === undefined) return;
    const isQuery = (message.flags & Flag.QR) === 0;
    if (isQuery) {
      for (const record of message.authorities) this.#probes.set(record.name.key, packet.sentAt);
    }
    // What a reflector repeats is a probe to those who hear it, and no host's doing.
    if (packet.reflected) return;
    const way = `${packet.sender} ${packet.link.name} ${packet.family}`;
    this.#countPacket(way, packet.sentAt);
    if (isQuery) return;
    for (const record of [...message.answers, ...message.additionals]) {
      if (record.ttl > 0) this.#observeRecord(way, record, packet.sentAt);
    }
  }

  /** A host that starts anew knows nothing of what it has sent before. */
  forgetEnded(text: string): void {
    const ended = /^(\S+) (?:stops|crashes|loses)/.exec(text)?.[1];
    if (ended === undefined) return;
    for (const way of this.#sent.keys()) if (way.startsWith(`${ended} `)) this.#sent.delete(way);
  }

  #observeRecord(way: string, record: ResourceRecord, at: Instant): void {
    const records = this.#sent.get(way) ?? new Map<string, Instant>();
    this.#sent.set(way, records);
    const key = recordKey(record);
    const last = records.get(key);
    records.set(key, at);
    if (last === undefined || at - last >= INTERVAL_MIN) return;
    const probed = this.#probes.get(record.name.key);
    const isDefence = probed !== undefined && at - probed <= DEFENCE_WINDOW;
    if (isDefence && at - last >= DEFENCE_INTERVAL_MIN) return;
    this.#violation(
      `${way} sends ${formatRecord(record)} at ${at} ms, ${at - last} ms after before`,
    );
  }

  #countPacket(way: string, at: Instant): void {
    const second = Math.floor(at / 1000);
    const known = this.#packets.get(way);
    const count = known?.second === second ? known.count + 1 : 1;
    this.#packets.set(way, { second, count });
    // A second of the clock can touch two seconds of the budget.
    if (count === 2 * PACKETS_PER_SECOND_DEFAULT + 1) {
      this.#violation(`${way} sends more than ${count - 1} packets in second ${second}`);
    }
  }

  #violation(text: string): void {
    if (this.violations.length < VIOLATIONS_KEPT_MAX) this.violations.push(text);
  }
}
