/** Replies that are not from the server that was asked, or not to what was asked of it. */

import { describe, expect, test } from "vitest";
import type { Message } from "../../src/wire/message.ts";
import { Name } from "../../src/wire/name.ts";
import { answering, composeReply, Resolver, receivedEvent, silent } from "./resolver-kit.ts";

const FORGED = { answers: ["www.example. 86400 IN A 203.0.113.66"] };

const otherQuestion =
  (parts: object) =>
  (message: Message): Message => ({
    ...message,
    questions: [{ ...message.questions[0]!, ...parts }],
  });

describe("RFC 5452 §9.1: a reply is ignored", () => {
  test.each([
    ["with another id", { ...FORGED, alter: (m: Message) => ({ ...m, id: m.id ^ 1 }) }],
    ["from another address", { ...FORGED, from: { address: "192.0.2.99", port: 53 } }],
    ["from another port", { ...FORGED, from: { address: "192.0.2.1", port: 5353 } }],
    ["for another name", { ...FORGED, alter: otherQuestion({ name: Name.parse("w.example") }) }],
    ["for another type", { ...FORGED, alter: otherQuestion({ type: 28 }) }],
    ["for another class", { ...FORGED, alter: otherQuestion({ class: 3 }) }],
    ["without its question", { ...FORGED, alter: (m: Message) => ({ ...m, questions: [] }) }],
    ["that is a query", { ...FORGED, alter: (m: Message) => ({ ...m, flags: m.flags & 0x7fff }) }],
    [
      "of another opcode",
      { ...FORGED, alter: (m: Message) => ({ ...m, flags: m.flags | 0x2800 }) },
    ],
    ["that is shorter than a header", { octets: new Uint8Array(5) }],
    ["that is empty", { octets: new Uint8Array(0) }],
  ])("%s, and the real one still taken", (_, forged) => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", () => [forged, { answers: ["www.example. 60 IN A 198.51.100.1"] }]);
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.asked).toHaveLength(1);
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  });
});

test("RFC 5452 §9.1: the question is compared without regard to case", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", () => ({
    answers: ["WWW.example. 60 IN A 198.51.100.1"],
    alter: otherQuestion({ name: Name.parse("WWW.Example") }),
  }));
  resolver.use("192.0.2.1");
  expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
});

test("after many forged replies the question goes by TCP", () => {
  const resolver = new Resolver();
  const guess = { ...FORGED, alter: (m: Message) => ({ ...m, id: m.id ^ 1 }) };
  resolver.serve("192.0.2.1", (asked) =>
    asked.server.transport === "udp"
      ? Array.from({ length: 20 }, () => guess)
      : answering("198.51.100.1")(asked),
  );
  resolver.use("192.0.2.1");
  expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  expect(resolver.trace).toEqual(["0 192.0.2.1", "10 192.0.2.1 tcp"]);
});

test("a late reply is not an answer and never reaches the cache", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", silent);
  resolver.serve("192.0.2.2", answering("198.51.100.2", 1));
  resolver.use("192.0.2.1", "192.0.2.2");
  resolver.ask("www.example");
  const late = receivedEvent(resolver.asked[0]!, FORGED);
  resolver.deliver(late);
  expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
  resolver.advance(6000);
  resolver.deliver(late);
  expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
});

test("a late reply shows that its server works", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", answering("198.51.100.1"), 450);
  resolver.serve("192.0.2.2", answering("198.51.100.2"));
  resolver.use("192.0.2.1", "192.0.2.2");
  resolver.ask("www.example");
  expect(resolver.engine.snapshot().routes[0]?.servers[0]?.state).toBe("failing");
  resolver.advance(100);
  expect(resolver.engine.snapshot().routes[0]?.servers[0]).toMatchObject({
    state: "working",
    roundTrip: 450,
  });
});

test("records that nobody asked for are neither given out nor kept", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", ({ query }) => {
    const name = query.questions[0]!.name.toString();
    if (name !== "www.example") return { answers: [`${name}. 60 IN A 198.51.100.9`] };
    return {
      answers: ["www.example. 60 IN A 198.51.100.1", "bank.example. 60 IN A 203.0.113.66"],
      authorities: ["bank.example. 60 IN A 203.0.113.66"],
    };
  });
  resolver.use("192.0.2.1");
  expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  expect(resolver.ask("bank.example")).toBe("A 198.51.100.9");
});

test("RFC 5452 §9.2: the ids of 1,000 questions are spread over all there are", () => {
  const resolver = new Resolver({ cacheSizeMax: 0 });
  resolver.serve("192.0.2.1", answering("198.51.100.1"));
  resolver.use("192.0.2.1");
  for (let count = 0; count < 1000; count++) resolver.ask(`n${count}.example`);
  const ids = resolver.asked.map(({ query }) => query.id);
  expect(new Set(ids).size).toBeGreaterThan(980);
  for (let bit = 0; bit < 16; bit++) {
    const set = ids.filter((id) => (id >> bit) & 1).length;
    expect(set).toBeGreaterThan(400);
    expect(set).toBeLessThan(600);
  }
  const steps = ids.slice(1).map((id, index) => (id - ids[index]!) & 0xffff);
  expect(new Set(steps).size).toBeGreaterThan(980);
});

test("equal questions of many clients go out once", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", answering("198.51.100.1"), 50);
  resolver.use("192.0.2.1");
  const ids = Array.from({ length: 100 }, (_, at) =>
    resolver.resolve(at % 2 === 0 ? "www.example" : "WWW.EXAMPLE"),
  );
  resolver.advance(100);
  expect(resolver.asked).toHaveLength(1);
  expect(new Set(ids.map((id) => resolver.outcome(id)))).toEqual(new Set(["A 198.51.100.1"]));
});

test("a client that goes leaves the others their answer; the last one takes the question along", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", answering("198.51.100.1"), 300);
  resolver.use("192.0.2.1");
  const [one, other] = [resolver.resolve("www.example"), resolver.resolve("www.example")];
  resolver.engine.cancel(one);
  resolver.advance(350);
  expect([resolver.outcome(one), resolver.outcome(other)]).toEqual([undefined, "A 198.51.100.1"]);
  const last = resolver.resolve("other.example");
  resolver.engine.cancel(last);
  expect(resolver.engine.snapshot()).toMatchObject({ questions: 0, waiting: 0 });
});

test("clients, questions and exchanges are bounded, and refused beyond that", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", silent);
  resolver.use("192.0.2.1");
  const ids = Array.from({ length: 3000 }, (_, at) => resolver.resolve(`n${at}.example`));
  expect(resolver.outcome(ids.at(-1)!)).toBe("failed: limit");
  const { questions, exchanges } = resolver.engine.snapshot();
  expect(questions).toBeLessThanOrEqual(2048);
  expect(exchanges).toBeLessThanOrEqual(4096);
  resolver.advance(60_000);
  expect(resolver.events).toHaveLength(ids.length);
  expect(resolver.engine.snapshot()).toMatchObject({ questions: 0, waiting: 0, exchanges: 0 });
});

test("no octets that come in throw", () => {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", silent);
  resolver.use("192.0.2.1");
  for (let seed = 0; seed < 300; seed++) {
    resolver.resolve(`n${seed}.example`);
    const asked = resolver.asked.at(-1)!;
    const octets = composeReply(asked, FORGED);
    octets[12 + ((seed * 7) % (octets.length - 12))] = (seed * 31) & 0xff;
    octets[2 + (seed % 10)]! ^= seed & 0xff;
    resolver.deliver({ ...receivedEvent(asked, FORGED), octets } as never);
  }
  resolver.advance(60_000);
  expect(resolver.engine.snapshot().exchanges).toBe(0);
});
