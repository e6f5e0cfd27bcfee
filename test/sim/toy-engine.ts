/**
 * A tiny engine for tests of the simulator: announces the first record it is given twice, a second
 * apart, and answers every question for it at once.
 */

import { BoundedQueue } from "../../src/core/bounded.ts";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { Link } from "../../src/core/link.ts";
import { after, type Instant, milliseconds, NEVER } from "../../src/core/time.ts";
import type {
  CachedRecord,
  MdnsEvent,
  QueryId,
  RegistrationId,
  RegistrationSpec,
} from "../../src/mdns/types.ts";
import type { MdnsEnginePort } from "../../src/sim/mdns-engine-port.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";

export class ToyEngine implements MdnsEnginePort {
  readonly received: InboundDatagram[] = [];
  readonly lent: Uint8Array[] = [];
  readonly wakes: Instant[] = [];
  links: readonly Link[] = [];
  nextDeadline: Instant = NEVER;
  readonly #transmits = new BoundedQueue<OutboundDatagram>(100);
  readonly #events = new BoundedQueue<MdnsEvent>(100);
  #record: ResourceRecord | undefined;
  #announcements = 0;

  register(link: Link["id"], spec: RegistrationSpec, now: Instant): RegistrationId {
    const [first] = spec.records;
    this.#record = { ...first!, class: 1, cacheFlush: first!.ownership !== "shared" };
    this.#announcements = 0;
    this.nextDeadline = now;
    const registration = 1 as RegistrationId;
    this.#events.push({ kind: "registered", registration, link });
    return registration;
  }

  handleDeadline(now: Instant): void {
    if (now < this.nextDeadline) return;
    this.#announce();
    this.nextDeadline = this.#announcements < 2 ? after(now, milliseconds(1000)) : NEVER;
  }

  handleDatagram(datagram: InboundDatagram): void {
    this.received.push({ ...datagram, octets: datagram.octets.slice() });
    this.lent.push(datagram.octets);
    const message = parseMessage(datagram.octets, "mdns");
    if (!message.ok || this.#record === undefined) return;
    const asked = message.value.questions.find((one) => one.name.equals(this.#record!.name));
    if (asked === undefined) return;
    this.#send(asked.unicastResponse ? datagram.source : "group");
  }

  handleLinks(links: readonly Link[]): void {
    this.links = links;
  }

  handleWake(now: Instant): void {
    this.wakes.push(now);
  }

  handleTransmitFailure(): void {}

  pollTransmit(): OutboundDatagram | undefined {
    return this.#transmits.shift();
  }

  pollEvent(): MdnsEvent | undefined {
    return this.#events.shift();
  }

  update(): void {}
  withdraw(): void {}
  registrationState(): undefined {}
  startQuery(): QueryId {
    return 1 as QueryId;
  }
  stopQuery(): void {}
  answers(): [] {
    return [];
  }
  reconfirm(): void {}
  flushCache(): void {}
  cached(): CachedRecord[] {
    return [];
  }
  shutdown(): void {}
  snapshot(): { counters: Record<string, number>; links: [] } {
    return { counters: { announcements: this.#announcements }, links: [] };
  }

  #announce(): void {
    this.#announcements++;
    this.#send("group");
  }

  #send(destination: OutboundDatagram["destination"]): void {
    const octets = composeMessage(
      {
        id: 0,
        flags: 0x8400,
        questions: [],
        answers: [this.#record!],
        authorities: [],
        additionals: [],
      },
      "mdns",
    );
    for (const link of this.links) {
      const from = undefined;
      this.#transmits.push({
        channel: "mdns",
        octets,
        link: link.id,
        family: "ipv4",
        destination,
        from,
      });
    }
  }
}
