/** Legacy queries that are asked again: the response prepared for the first is right for the next. */

import { expect, test } from "vitest";
import type { Arrival, InboundDatagram } from "../../src/core/datagram.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { instant } from "../../src/core/time.ts";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import type { PublishedRecord } from "../../src/mdns/types.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { parseMessage } from "../../src/wire/parse.ts";
import { formatRecord } from "../../src/wire/presentation.ts";

const LINK: Link = {
  id: 1 as LinkId,
  name: "eth0",
  mtu: 1500,
  addresses: [{ family: "ipv4", address: "192.0.2.1" as IpAddress, prefixLength: 24 }],
  families: ["ipv4"],
  loopback: false,
  incarnation: 0,
  sharesPort: false,
};

const ESTABLISHED = 5000;

class Host {
  readonly engine = new MdnsEngine({ random: new SeededRandom(1) });
  #now = 0;
  readonly id: ReturnType<MdnsEngine["register"]>;

  constructor() {
    this.engine.handleLinks([LINK], instant(0));
    this.id = this.engine.register(LINK.id, { records: [address("192.0.2.1")] }, instant(0));
    this.advanceTo(ESTABLISHED);
  }

  advanceTo(at: number): void {
    while (this.engine.nextDeadline <= at) {
      this.#now = Math.max(this.#now, this.engine.nextDeadline);
      this.engine.handleDeadline(instant(this.#now));
    }
    this.#now = at;
    this.takeSent();
  }

  update(records: readonly PublishedRecord[]): void {
    this.engine.update(this.id, { records }, instant(this.#now));
  }

  /** Asks as a simple resolver does, and returns the response that comes at once. */
  ask(id: number, name: string, options: Partial<InboundDatagram> = {}): Message | undefined {
    const question = { name: Name.parse(name), type: 1, class: 1, unicastResponse: false };
    const query = { id, flags: 0x0100, questions: [question] };
    const sections = { answers: [], authorities: [], additionals: [] };
    this.engine.handleDatagram(
      {
        channel: "mdns",
        octets: composeMessage({ ...query, ...sections }, "dns"),
        link: LINK.id,
        family: "ipv4",
        source: { address: "192.0.2.9" as IpAddress, port: 40_000 },
        arrival: UNICAST,
        ...options,
      },
      instant(this.#now),
    );
    const sent = this.takeSent();
    const parsed = sent === undefined ? undefined : parseMessage(sent.octets, "dns");
    return parsed?.ok ? parsed.value : undefined;
  }

  takeSent(): ReturnType<MdnsEngine["pollTransmit"]> {
    let last: ReturnType<MdnsEngine["pollTransmit"]>;
    for (;;) {
      const next = this.engine.pollTransmit();
      if (next === undefined) return last;
      last = next;
    }
  }
}

const UNICAST: Arrival = { to: "unicast", address: "192.0.2.1" as IpAddress };

function address(text: string): PublishedRecord {
  return {
    name: Name.parse("printer.local"),
    type: 1,
    ttl: 120,
    data: { kind: "A", address: text as IpAddress },
    ownership: "unique",
    cedable: true,
  };
}

function answersOf(message: Message | undefined): string[] | undefined {
  return message?.answers.map(formatRecord);
}

test("§6.7: a query that is asked again is answered with its own id", () => {
  const host = new Host();
  const first = host.ask(7, "printer.local");
  const second = host.ask(65_000, "printer.local");
  expect(answersOf(first)).toEqual(["printer.local. 10 IN A 192.0.2.1"]);
  expect(second).toEqual({ ...first, id: 65_000 });
});

test("§6.7: the question is echoed in the letters in which it was asked", () => {
  const host = new Host();
  host.ask(1, "printer.local");
  const asked = host.ask(2, "PRINTER.local")?.questions[0]?.name.toString();
  expect(asked).toBe("PRINTER.local");
});

test("the response to a query that is asked again goes to whoever asks now", () => {
  const host = new Host();
  host.ask(1, "printer.local");
  const source = { address: "192.0.2.77" as IpAddress, port: 5000 };
  const question = { name: Name.parse("printer.local"), type: 1, class: 1, unicastResponse: false };
  const query = { id: 2, flags: 0x0100, questions: [question] };
  const octets = composeMessage({ ...query, answers: [], authorities: [], additionals: [] }, "dns");
  host.engine.handleDatagram(
    { channel: "mdns", octets, link: LINK.id, family: "ipv4", source, arrival: { to: "group" } },
    instant(ESTABLISHED),
  );
  expect(host.takeSent()).toMatchObject({ destination: source, from: undefined });
});

test("what is published anew is answered at once, what is withdrawn no more", () => {
  const host = new Host();
  host.ask(1, "printer.local");
  host.update([address("192.0.2.1"), address("192.0.2.2")]);
  host.takeSent();
  expect(answersOf(host.ask(2, "printer.local"))).toEqual([
    "printer.local. 10 IN A 192.0.2.1",
    "printer.local. 10 IN A 192.0.2.2",
  ]);
  host.engine.withdraw(host.id, instant(ESTABLISHED));
  host.takeSent();
  expect(host.ask(3, "printer.local")).toBeUndefined();
});

test("§11: a query from off the link is not answered though another had the same octets", () => {
  const host = new Host();
  host.ask(1, "printer.local");
  const source = { address: "203.0.113.5" as IpAddress, port: 40_000 };
  expect(host.ask(2, "printer.local", { source })).toBeUndefined();
});

test("every answered query counts, prepared or not", () => {
  const host = new Host();
  for (let id = 1; id <= 5; id++) host.ask(id, "printer.local");
  const [link] = host.engine.snapshot(instant(ESTABLISHED)).links;
  expect(link?.counters).toMatchObject({ "queries-received": 5, "legacy-responses-sent": 5 });
});
