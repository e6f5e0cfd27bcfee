import { beforeEach, describe, expect, test } from "vitest";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { type Instant, instant } from "../../src/core/time.ts";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import type { MdnsEvent } from "../../src/mdns/types.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { name, record } from "./querier-link.ts";

const LINK: Link = {
  id: 1 as LinkId,
  name: "eth0",
  mtu: 1500,
  addresses: [{ family: "ipv4", address: "192.0.2.1" as IpAddress, prefixLength: 24 }],
  families: ["ipv4"],
  loopback: false,
  incarnation: 1,
  sharesPort: false,
};

let engine: MdnsEngine;
let now: Instant;

beforeEach(() => {
  engine = new MdnsEngine({ random: new SeededRandom(1) });
  now = instant(0);
  engine.handleLinks([LINK], now);
});

function receive(message: Partial<Message>): void {
  const whole = {
    id: 0,
    flags: Flag.QR | Flag.AA,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    ...message,
  };
  const datagram: InboundDatagram = {
    channel: "mdns",
    octets: composeMessage(whole, "mdns"),
    link: LINK.id,
    family: "ipv4",
    source: { address: "192.0.2.7" as IpAddress, port: 5353 },
    arrival: { to: "group" },
  };
  engine.handleDatagram(datagram, now);
}

function transmitted(): Message[] {
  const messages: Message[] = [];
  for (let out: OutboundDatagram | undefined; ; ) {
    out = engine.pollTransmit();
    if (out === undefined) return messages;
    const parsed = parseMessage(out.octets, "mdns");
    if (!parsed.ok) throw new Error(parsed.error.code);
    messages.push(parsed.value);
  }
}

function runTo(at: number): Message[] {
  while (engine.nextDeadline <= at) {
    now = engine.nextDeadline;
    engine.handleDeadline(now);
  }
  now = instant(at);
  return transmitted();
}

function events(): MdnsEvent[] {
  const all: MdnsEvent[] = [];
  for (let event = engine.pollEvent(); event !== undefined; event = engine.pollEvent()) {
    all.push(event);
  }
  return all;
}

const isTruncated = ({ flags }: Message) => (flags & Flag.TC) !== 0;

describe("a querier behind the engine", () => {
  test("§7.2: known answers that do not fit go on in further packets, all but the last with TC", () => {
    for (let first = 0; first < 200; first += 20) {
      const answers = Array.from({ length: 20 }, (_, offset) =>
        record(`_ipp._tcp.local. 4500 IN PTR Printer-number-${first + offset}._ipp._tcp.local.`),
      );
      receive({ answers });
    }
    const type = RecordType.PTR;
    engine.startQuery(
      { name: name("_ipp._tcp.local."), type, links: "all", mode: "continuous" },
      now,
    );
    const packets = runTo(500);
    expect(packets.length).toBeGreaterThan(2);
    expect(packets.map(({ questions }) => questions.length)).toEqual(
      packets.map((_, index) => (index === 0 ? 1 : 0)),
    );
    expect(packets.map(isTruncated)).toEqual(packets.map((_, index) => index < packets.length - 1));
    expect(packets.flatMap(({ answers }) => answers).length).toBe(200);
  });

  test("§5.4: a link that comes up is asked what is asked elsewhere, with QU questions first", () => {
    runTo(200);
    const type = RecordType.A;
    engine.startQuery(
      { name: name("printer.local."), type, links: "all", mode: "continuous" },
      now,
    );
    engine.handleLinks([LINK, { ...LINK, id: 2 as LinkId, name: "eth1" }], now);
    const questions = runTo(500).flatMap((message) => message.questions);
    expect(questions.map(({ unicastResponse }) => unicastResponse).sort()).toEqual([false, true]);
  });

  test("what a link answered is taken back when the link goes", () => {
    const type = RecordType.A;
    engine.startQuery(
      { name: name("printer.local."), type, links: "all", mode: "continuous" },
      now,
    );
    receive({ answers: [record("printer.local. 120 IN+flush A 192.0.2.7")] });
    engine.handleLinks([], now);
    expect(events().map(({ kind }) => kind)).toEqual(["answer-added", "answer-removed"]);
  });

  test("the answers that come back to many questions are found whatever their order", () => {
    const ids = Array.from({ length: 300 }, (_, index) =>
      engine.startQuery(
        { name: name(`h${index}.local.`), type: RecordType.A, links: "all", mode: "one-shot" },
        now,
      ),
    );
    const asked = runTo(500).flatMap((message) => message.questions);
    expect(new Set(asked.map((question) => question.name.toString())).size).toBe(300);
    for (const question of asked.reverse()) {
      receive({ answers: [record(`${question.name}. 120 IN+flush A 192.0.2.7`)] });
    }
    expect(ids.every((id) => engine.answers(id, now).length === 1)).toBe(true);
  });
});
