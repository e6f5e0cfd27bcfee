/**
 * A composed engine with time and links under a test's control: what it sends and says comes with the
 * instant it did so, and other hosts' messages are written as records in presentation format.
 */

import type { Endpoint, OutboundDatagram } from "../../src/core/datagram.ts";
import { type Family, familyOf, type IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkAddress, LinkId } from "../../src/core/link.ts";
import { SeededRandom } from "../../src/core/random.ts";
import type { Instant } from "../../src/core/time.ts";
import { HostEngine } from "../../src/host/host-engine.ts";
import type { HostEngineOptions } from "../../src/host/host-parts.ts";
import type { HostEvent, HostSettings, LookupId, LookupOutcome } from "../../src/host/types.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { formatQuestion, formatRecord, parseRecord } from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";

export const RIVAL = "192.0.2.99" as IpAddress;

export interface LinkOptions {
  readonly id?: number;
  readonly addresses?: readonly string[];
  readonly loopback?: boolean;
}

export function makeLink(options: LinkOptions = {}): Link {
  const { id = 2, addresses = ["192.0.2.1/24"], loopback = false } = options;
  return {
    id: id as LinkId,
    name: loopback ? "lo" : `eth${id - 2}`,
    mtu: 1500,
    addresses: addresses.map(makeAddress),
    families: ["ipv4", "ipv6"],
    loopback,
    incarnation: 1,
    sharesPort: false,
  };
}

function makeAddress(text: string): LinkAddress {
  const [address, prefixLength] = text.split("/") as [IpAddress, string];
  return { family: familyOf(address), address, prefixLength: Number(prefixLength) };
}

/** A record of another host; one that many may have is written with `shared` before it. */
export function record(text: string): ResourceRecord {
  const isShared = text.startsWith("shared ");
  const result = parseRecord(isShared ? text.slice("shared ".length) : text);
  if (!result.ok) throw new Error(`${text}: ${JSON.stringify(result.error)}`);
  return { ...result.value, cacheFlush: !isShared };
}

export interface Said {
  readonly at: number;
  readonly event: HostEvent;
}

export interface Sent {
  readonly at: number;
  readonly message: Message;
  readonly datagram: OutboundDatagram;
}

export class HostKit {
  readonly engine: HostEngine;
  readonly sent: Sent[] = [];
  readonly said: Said[] = [];
  now = 0;
  links: readonly Link[];

  constructor(
    settings: Partial<HostSettings> = {},
    links: readonly Link[] = [makeLink()],
    options: Partial<HostEngineOptions> = {},
  ) {
    const random = new SeededRandom(7);
    this.links = links;
    const named = { systemHostName: "node-1", ...settings };
    this.engine = new HostEngine({ random, ...options, settings: named });
    this.useLinks(links);
  }

  get instant(): Instant {
    return this.now as Instant;
  }

  useLinks(links: readonly Link[]): void {
    this.links = links;
    this.engine.handleLinks(links, this.instant);
    this.drain();
  }

  apply(settings: Partial<HostSettings>): void {
    this.engine.applySettings({ ...this.engine.settings, ...settings }, this.instant);
    this.drain();
  }

  /** Lets time pass, deadline by deadline. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let next = this.engine.nextDeadline; next <= end; next = this.engine.nextDeadline) {
      this.now = Math.max(this.now, next);
      this.engine.handleDeadline(this.instant);
      this.drain();
    }
    this.now = end;
  }

  /** A response of another host to the group. */
  hear(texts: readonly string[], options: { link?: Link; source?: IpAddress } = {}): void {
    const { link = this.links[0]!, source = RIVAL } = options;
    const octets = composeMessage(
      {
        id: 0,
        flags: Flag.QR | Flag.AA,
        questions: [],
        answers: texts.map(record),
        authorities: [],
        additionals: [],
      },
      "mdns",
    );
    this.engine.handleDatagram(
      {
        channel: "mdns",
        octets,
        link: link.id,
        family: "ipv4" as Family,
        source: { address: source, port: 5353 } as Endpoint,
        arrival: { to: "group" },
      },
      this.instant,
    );
    this.drain();
  }

  drain(): void {
    for (let d = this.engine.pollTransmit(); d; d = this.engine.pollTransmit()) {
      const parsed = parseMessage(d.octets, "mdns");
      if (!parsed.ok) throw new Error("the engine sent what cannot be parsed");
      this.sent.push({ at: this.now, message: parsed.value, datagram: d });
    }
    for (let event = this.engine.pollEvent(); event; event = this.engine.pollEvent()) {
      this.said.push({ at: this.now, event });
    }
  }

  /** Events of the kind so far. */
  events<K extends HostEvent["kind"]>(kind: K): (HostEvent & { readonly kind: K })[] {
    const events = this.said.map(({ event }) => event);
    return events.filter((event): event is HostEvent & { readonly kind: K } => event.kind === kind);
  }

  /** When an event of the kind was last said. */
  lastAt(kind: HostEvent["kind"]): number | undefined {
    return this.said.findLast(({ event }) => event.kind === kind)?.at;
  }

  outcome(lookup: LookupId): { at: number; outcome: LookupOutcome } | undefined {
    this.drain();
    for (const { at, event } of this.said) {
      if (event.kind === "lookup-done" && event.lookup === lookup) {
        return { at, outcome: event.outcome };
      }
    }
    return undefined;
  }

  /** Records in the answer sections sent on a link since an instant, with TTL, as text. */
  answersSent(since = 0, link: Link = this.links[0]!): string[] {
    const records = this.#sentOn(link, since).flatMap(({ message }) => message.answers);
    return [...new Set(records.map(formatRecord))];
  }

  /** Questions sent since an instant, as text, with when. */
  questionsSent(since = 0): { at: number; question: string }[] {
    return this.sent
      .filter(({ at, datagram }) => at >= since && datagram.family === "ipv4")
      .flatMap(({ at, message }) =>
        message.questions.map((question) => ({ at, question: formatQuestion(question) })),
      );
  }

  #sentOn(link: Link, since: number): Sent[] {
    return this.sent.filter(({ at, datagram }) => at >= since && datagram.link === link.id);
  }
}
