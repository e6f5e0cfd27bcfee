import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { SeededRandom } from "../../src/core/random.ts";
import {
  CONNECTION_QUERIES_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_HOST_MAX,
  RESPONSES_PENDING_MAX,
  RESPONSES_PER_LINK_MAX,
} from "../../src/llmnr/constants.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import { LlmnrKit, queryOctets, record } from "./llmnr-kit.ts";

function address(index: number): IpAddress {
  return `192.0.2.${(index % 250) + 2}` as IpAddress;
}

/** A message with some of its octets changed, cut or doubled. */
function mutated(octets: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = octets.slice(0, random.integer(0, octets.length));
  const whole = random.integer(0, 1) === 0 ? octets.slice() : copy;
  for (let count = random.integer(0, 4); count > 0 && whole.length > 0; count--) {
    whole[random.integer(0, whole.length - 1)] = random.integer(0, 255);
  }
  return whole;
}

function established(): LlmnrKit {
  const kit = new LlmnrKit();
  kit.publish("alpha. 30 A 192.0.2.1");
  kit.advance(2000);
  return kit;
}

describe("the LLMNR engine under attack", () => {
  it("survives any octets to the group, to its sockets and on connections", () => {
    const random = new SeededRandom(11);
    const kit = established();
    kit.resolve("beta", RecordType.A);
    kit.advance(110);
    const query = kit.query(RecordType.A);
    const response = composeMessage(
      { ...query.message, flags: Flag.QR, answers: [record("beta. 30 A 192.0.2.9")] },
      "dns",
    );
    for (let round = 0; round < 3000; round++) {
      kit.hear(mutated(queryOctets("alpha", RecordType.A, round), random), address(round));
      kit.receive(query.exchange, mutated(response, random), address(round));
      kit.accept(-1 - round, address(round));
      kit.receive((-1 - round) as never, mutated(queryOctets("alpha", RecordType.A), random));
      if (round % 100 === 0) kit.advance(10);
    }
    kit.advance(60_000);
    expect(kit.open.size).toBe(0);
    const before = kit.transmitted.length;
    kit.hear(queryOctets("alpha", RecordType.A));
    expect(kit.transmitted).toHaveLength(before + 1);
  });

  it("§5.1: queries from ever new sources get no more than the bound of a link", () => {
    const kit = established();
    for (let index = 0; index < 5000; index++) {
      kit.hear(queryOctets("alpha", RecordType.A, index), address(index));
    }
    expect(kit.transmitted).toHaveLength(RESPONSES_PER_LINK_MAX);
    kit.advance(1000);
    kit.hear(queryOctets("alpha", RecordType.A));
    expect(kit.transmitted).toHaveLength(RESPONSES_PER_LINK_MAX + 1);
  });

  it("keeps no more delayed responses than its bound", () => {
    const kit = new LlmnrKit();
    kit.publish("alpha. 30 A 192.0.2.1");
    for (let index = 0; index < 400; index++) {
      kit.hear(queryOctets("alpha", RecordType.A, index), address(index));
    }
    kit.advance(100);
    expect(kit.transmitted).toHaveLength(RESPONSES_PENDING_MAX);
  });

  it("a host has few connections, and all hosts together no more than the bound", () => {
    const kit = established();
    for (let index = 1; index <= 20; index++) kit.accept(-index);
    expect(kit.engine.snapshot().connections).toBe(CONNECTIONS_PER_HOST_MAX);
    for (let index = 21; index <= 400; index++) kit.accept(-index, address(index));
    expect(kit.engine.snapshot().connections).toBe(CONNECTIONS_MAX);
    kit.advance(5000);
    expect(kit.engine.snapshot().connections).toBe(0);
    expect(kit.counter("connections-timed-out")).toBe(CONNECTIONS_MAX);
  });

  it("a new connection takes the place of the one that has been silent for longest", () => {
    const kit = established();
    for (let index = 1; index <= CONNECTIONS_MAX; index++) kit.accept(-index, address(index));
    kit.advance(1000);
    kit.receive(-1 as never, queryOctets("alpha", RecordType.A), address(1));
    kit.accept(-1000, address(200));
    expect(kit.open.has(-1 as never)).toBe(true);
    expect(kit.open.has(-2 as never)).toBe(false);
  });

  it("a connection has an end, however busy", () => {
    const kit = established();
    kit.accept(-1);
    for (let index = 0; index < 40; index++) {
      kit.receive(-1 as never, queryOctets("alpha", RecordType.A, index));
      kit.advance(1000);
    }
    expect(kit.open.has(-1 as never)).toBe(false);
    kit.accept(-2);
    for (let index = 0; index <= CONNECTION_QUERIES_MAX; index++) {
      kit.receive(-2 as never, queryOctets("alpha", RecordType.A, index));
    }
    expect(kit.open.has(-2 as never)).toBe(false);
    expect(kit.counter("tcp-responses-sent")).toBeLessThan(40 + CONNECTION_QUERIES_MAX);
  });

  it("several queries on one connection are all answered", () => {
    const kit = established();
    kit.accept(-1);
    for (const id of [1, 2, 3]) kit.receive(-1 as never, queryOctets("alpha", RecordType.A, id));
    const ids = kit.sent.filter(({ exchange }) => exchange === -1).map(({ message }) => message.id);
    expect(ids).toEqual([1, 2, 3]);
  });

  it("a swarm of conflict queries is told of and checked once in five seconds", () => {
    const kit = established();
    const sentBefore = kit.sent.length;
    const octets = queryOctets("alpha", RecordType.A);
    octets[2] = Flag.LLMNR_C >> 8;
    for (let index = 0; index < 1000; index++) kit.hear(octets, address(index));
    kit.advance(4000);
    expect(kit.sent.length - sentBefore).toBe(3);
    expect(kit.events.filter(({ kind }) => kind === "conflict-reported")).toHaveLength(1);
  });
});
