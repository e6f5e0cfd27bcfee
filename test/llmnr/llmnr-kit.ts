/**
 * An LLMNR engine with time, links and sockets under a test's control: what it sends on its exchanges
 * is kept, and other hosts' messages are handed in as they would arrive.
 */

import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { ExchangeCommand, ExchangeId, ExchangeSpec } from "../../src/core/exchange.ts";
import { familyOf, type IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { SeededRandom } from "../../src/core/random.ts";
import type { Instant } from "../../src/core/time.ts";
import { LlmnrEngine } from "../../src/llmnr/engine.ts";
import type { LlmnrEvent } from "../../src/llmnr/types.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordClass } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { parseRecord } from "../../src/wire/presentation.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";

const PEER = "192.0.2.9" as IpAddress;

export function makeLink(id: number, ...addresses: readonly string[]): Link {
  return {
    id: id as LinkId,
    name: `eth${id}`,
    mtu: 1500,
    addresses: addresses.map((text) => {
      const address = text as IpAddress;
      const family = familyOf(address);
      return { family, address, prefixLength: family === "ipv4" ? 24 : 64 };
    }),
    families: [...new Set(addresses.map((text) => familyOf(text as IpAddress)))],
    loopback: false,
    incarnation: 1,
    sharesPort: false,
  };
}

export function record(text: string): ResourceRecord {
  const result = parseRecord(text);
  if (!result.ok) throw new Error(`${text}: ${JSON.stringify(result.error)}`);
  return result.value;
}

export interface SentOnExchange {
  readonly at: number;
  readonly exchange: ExchangeId;
  readonly spec: ExchangeSpec | undefined;
  readonly message: Message;
}

export class LlmnrKit {
  readonly engine = new LlmnrEngine({ random: new SeededRandom(3) });
  readonly sent: SentOnExchange[] = [];
  readonly transmitted: OutboundDatagram[] = [];
  readonly events: LlmnrEvent[] = [];
  readonly open = new Map<ExchangeId, ExchangeSpec | undefined>();
  now = 0;

  constructor(...links: readonly Link[]) {
    this.engine.handleLinks(links.length === 0 ? [makeLink(1, "192.0.2.1")] : links, this.instant);
    this.drain();
  }

  get instant(): Instant {
    return this.now as Instant;
  }

  do<Outcome>(command: (engine: LlmnrEngine, now: Instant) => Outcome): Outcome {
    const outcome = command(this.engine, this.instant);
    this.drain();
    return outcome;
  }

  publish(text: string): void {
    const { name, type, data } = record(text);
    this.do((engine, now) =>
      engine.publish(1 as LinkId, [{ name, records: [{ type, data }], ownership: "unique" }], now),
    );
  }

  resolve(name: string, ...types: readonly number[]) {
    return this.do((engine, now) =>
      engine.lookup({ name: Name.parse(name), types, links: "all" }, now),
    );
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let next = this.engine.nextDeadline; next <= end; next = this.engine.nextDeadline) {
      this.now = Math.max(this.now, next);
      this.engine.handleDeadline(this.instant);
      this.drain();
    }
    this.now = end;
  }

  /** The query under way for a type, as it was last sent. */
  query(type: number, transport: "udp" | "tcp" = "udp"): SentOnExchange {
    const found = this.sent.findLast(
      ({ spec, message }) => spec?.transport === transport && message.questions[0]?.type === type,
    );
    if (found === undefined) throw new Error(`no query of type ${type} by ${transport}`);
    return found;
  }

  /** A response to a query, on its own exchange or another one. */
  answer(
    { message, exchange }: SentOnExchange,
    texts: readonly string[],
    options: {
      readonly source?: IpAddress;
      readonly on?: ExchangeId;
      readonly flags?: number;
    } = {},
  ): void {
    const { source = PEER, on = exchange, flags = 0 } = options;
    const octets = composeMessage(
      {
        id: message.id,
        flags: Flag.QR | flags,
        questions: message.questions,
        answers: texts.map(record),
        authorities: [],
        additionals: [],
      },
      "dns",
    );
    this.receive(on, octets, source);
  }

  receive(exchange: ExchangeId, octets: Uint8Array, source: IpAddress = PEER): void {
    const endpoint = { address: source, port: 5355 };
    this.engine.handleExchange(
      { kind: "received", exchange, octets, source: endpoint },
      this.instant,
    );
    this.drain();
  }

  /** Another host connects. */
  accept(exchange: number, peer: IpAddress = PEER): void {
    const id = exchange as ExchangeId;
    this.open.set(id, undefined);
    const endpoint = { address: peer, port: 50_000 };
    this.engine.handleExchange(
      { kind: "accepted", exchange: id, channel: "llmnr", link: 1 as LinkId, peer: endpoint },
      this.instant,
    );
    this.drain();
  }

  /** A datagram to the group. */
  hear(octets: Uint8Array, source: IpAddress = PEER): void {
    const datagram: InboundDatagram = {
      channel: "llmnr",
      octets,
      link: 1 as LinkId,
      family: "ipv4",
      source: { address: source, port: 50_000 },
      arrival: { to: "group" },
    };
    this.engine.handleDatagram(datagram, this.instant);
    this.drain();
  }

  counter(name: string): number {
    const { links } = this.engine.snapshot();
    return links.reduce((sum, link) => sum + (link.counters[name] ?? 0), 0);
  }

  drain(): void {
    const { engine } = this;
    for (let d = engine.pollTransmit(); d; d = engine.pollTransmit()) this.transmitted.push(d);
    for (let c = engine.pollExchange(); c; c = engine.pollExchange()) this.#handle(c);
    for (let e = engine.pollEvent(); e; e = engine.pollEvent()) this.events.push(e);
  }

  #handle(command: ExchangeCommand): void {
    const { exchange } = command;
    if (command.kind === "open") this.open.set(exchange, command.spec);
    else if (command.kind === "close") this.open.delete(exchange);
    else {
      const parsed = parseMessage(command.octets, "dns");
      if (!parsed.ok) throw new Error("the engine sent what cannot be parsed");
      const spec = this.open.get(exchange);
      this.sent.push({ at: this.now, exchange, spec, message: parsed.value });
    }
  }
}

export function queryOctets(name: string, type: number, id = 1): Uint8Array {
  const question = {
    name: Name.parse(name),
    type,
    class: RecordClass.IN,
    unicastResponse: false,
  };
  const sections = { answers: [], authorities: [], additionals: [] };
  return composeMessage({ id, flags: 0, questions: [question], ...sections }, "dns");
}
