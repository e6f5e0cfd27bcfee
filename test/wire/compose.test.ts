import { describe, expect, test } from "vitest";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordType } from "../../src/wire/constants.ts";
import { ednsRecord } from "../../src/wire/edns.ts";
import { MessageWriter } from "../../src/wire/message-writer.ts";
import { Name } from "../../src/wire/name.ts";
import { hexadecimal, message, parsed, question, record, texts } from "./kit.ts";

const RESPONSE = Flag.QR | Flag.AA;

describe("name compression", () => {
  test.each([
    ["x.y.long.example. NS x.y.long.example.", 2],
    ["x.y.long.example. CNAME x.y.long.example.", 2],
    ["x.y.long.example. PTR x.y.long.example.", 2],
    ["x.y.long.example. SOA x.y.long.example. x.y.long.example. 1 2 3 4 5", 24],
    ["x.y.long.example. MX 1 x.y.long.example.", 4],
  ])("RFC 3597 §4: in every dialect for %s", (text, dataSize) => {
    const answers = [record(text)];
    for (const dialect of ["mdns", "dns"] as const) {
      expect(composeMessage(message({ answers }), dialect).length).toBe(40 + dataSize);
    }
  });

  test.each([
    ["x.y.long.example. DNAME x.y.long.example.", 18],
    ["x.y.long.example. SRV 0 0 1 x.y.long.example.", 24],
    ["x.y.long.example. NSEC x.y.long.example. A", 21],
  ])("RFC 6762 §18.14: on mDNS only for %s", (text, wholeSize) => {
    const answers = [record(text)];
    expect(composeMessage(message({ answers }), "mdns").length).toBe(40 + wholeSize - 16);
    expect(composeMessage(message({ answers }), "dns").length).toBe(40 + wholeSize);
  });

  test.each([
    ["x.y.long.example. HTTPS 1 x.y.long.example.", 20],
    ['x.y.long.example. NAPTR 1 1 "" "" "" x.y.long.example.', 25],
    ["x.y.long.example. RRSIG A 5 3 1 1 1 1 x.y.long.example. AAAA", 39],
  ])("RFC 6762 §18.14: never for %s", (text, wholeSize) => {
    const answers = [record(text)];
    for (const dialect of ["mdns", "dns"] as const) {
      expect(composeMessage(message({ answers }), dialect).length).toBe(40 + wholeSize);
    }
  });

  test("a name points to an earlier one in the same case only, so that case is preserved", () => {
    const answers = [record("Host.local. A 192.0.2.1"), record("host.LOCAL. A 192.0.2.2")];
    const again = parsed(composeMessage(message({ answers }), "mdns"));
    expect(texts(again.answers)).toEqual(texts(answers));
  });

  test("the ending of a name points to the ending of another", () => {
    const questions = [question("a.local. A"), question("b.local. A"), question("local. A")];
    expect(composeMessage(message({ questions }), "mdns").length).toBe(12 + 9 + 4 + 4 + 4 + 2 + 4);
  });

  test("nothing points beyond the offset a pointer can hold", () => {
    const filler = Array.from({ length: 70 }, (_, index) =>
      record(`f${index}. TYPE65280 \\# 255 ${"00".repeat(255)}`),
    );
    const late = [record("late.example. A 192.0.2.1"), record("late.example. A 192.0.2.2")];
    const answers = [...filler, ...late];
    const octets = composeMessage(message({ answers }), "mdns");
    expect(octets.length).toBeGreaterThan(0x4000 + 2 * 28);
    expect(texts(parsed(octets).answers)).toEqual(texts(answers));
  });

  test("thousands of names compose, whatever the table can hold", () => {
    const answers = Array.from({ length: 2500 }, (_, index) => record(`n${index}. A 192.0.2.1`));
    const octets = composeMessage(message({ answers }), "mdns");
    expect(parsed(octets).answers.length).toBe(2500);
  });
});

describe("the top bit of the class", () => {
  const parts = message({
    questions: [question("x.local IN+QU A")],
    answers: [record("x.local 1 IN+flush A 192.0.2.1")],
  });

  test("is written on mDNS", () => {
    expect(parsed(composeMessage(parts, "mdns"), "dns").questions[0]?.class).toBe(0x8001);
    expect(parsed(composeMessage(parts, "mdns"), "dns").answers[0]?.class).toBe(0x8001);
  });

  test("RFC 6762 §6.7: is not written in legacy unicast responses", () => {
    expect(parsed(composeMessage(parts, "dns"), "dns").questions[0]?.class).toBe(1);
    expect(parsed(composeMessage(parts, "dns"), "dns").answers[0]?.class).toBe(1);
  });
});

describe("beyond the size", () => {
  const set = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${name}. 60 IN A 192.0.2.${index}`);
  const response = message({
    flags: RESPONSE,
    questions: [question("a. A")],
    answers: [...set("a", 4), ...set("b", 4)].map(record),
    additionals: [ednsRecord({ payloadSize: 1232 }), record("c. 60 IN A 192.0.2.1")],
  });
  const whole = composeMessage(response, "dns");

  test("RFC 2181 §9: a response ends behind an RRset, with TC, and keeps OPT", () => {
    const octets = composeMessage(response, "dns", 140);
    const part = parsed(octets, "dns");
    expect(octets.length).toBeLessThanOrEqual(140);
    expect(part.flags).toBe(RESPONSE | Flag.TC);
    expect(texts(part.answers)).toEqual(set("a", 4));
    expect(part.additionals.map(({ type }) => type)).toEqual([RecordType.OPT]);
  });

  test("additional records that do not fit set no TC", () => {
    const part = parsed(composeMessage(response, "dns", whole.length - 1), "dns");
    expect(part.flags).toBe(RESPONSE);
    expect(part.answers.length).toBe(8);
    expect(part.additionals.map(({ type }) => type)).toEqual([RecordType.OPT]);
  });

  test("RFC 6762 §18.5: a multicast response sets no TC, a query with known answers does", () => {
    expect(parsed(composeMessage(response, "mdns", 140)).flags).toBe(RESPONSE);
    expect(parsed(composeMessage({ ...response, flags: 0 }, "mdns", 140)).flags).toBe(Flag.TC);
  });

  test("questions are never left out", () => {
    expect(() => composeMessage(response, "dns", 13)).toThrow(
      expect.objectContaining({ code: "INVALID_DATA" }),
    );
  });
});

describe("what cannot be composed", () => {
  const name = Name.parse("x.local");
  const base = { name, class: 1, cacheFlush: false, ttl: 1 };

  test.each([
    [
      "a string of 256 octets",
      { ...base, type: 16, data: { kind: "TXT", strings: [new Uint8Array(256)] } },
    ],
    ["TXT data without a string", { ...base, type: 16, data: { kind: "TXT", strings: [] } }],
    ["data of another type", { ...base, type: 1, data: { kind: "PTR", name } }],
    ["an IPv6 address in A", { ...base, type: 1, data: { kind: "A", address: "::1" } }],
    [
      "a port above 65535",
      {
        ...base,
        type: 33,
        data: { kind: "SRV", priority: 0, weight: 0, port: 65536, target: name },
      },
    ],
    ["a negative ttl", { ...base, ttl: -1, type: 1, data: { kind: "A", address: "192.0.2.1" } }],
    [
      "NSEC types out of order",
      { ...base, type: 47, data: { kind: "NSEC", nextDomainName: name, types: [28, 1] } },
    ],
    [
      "parameters out of order",
      {
        ...base,
        type: 65,
        data: {
          kind: "HTTPS",
          priority: 1,
          targetName: name,
          params: [
            { key: 3, value: new Uint8Array(2) },
            { key: 3, value: new Uint8Array(2) },
          ],
        },
      },
    ],
  ] as const)("%s is INVALID_DATA, and the next message is sound", (_, answer) => {
    const broken = message({ answers: [record("y.local A 192.0.2.1"), answer as never] });
    expect(() => composeMessage(broken, "mdns")).toThrow(
      expect.objectContaining({ code: "INVALID_DATA" }),
    );
    const answers = [record("x.local A 192.0.2.1")];
    expect(texts(parsed(composeMessage(message({ answers }), "mdns")).answers)).toEqual(
      texts(answers),
    );
  });
});

describe("MessageWriter", () => {
  test("takes back what does not fit, names included", () => {
    const writer = new MessageWriter("mdns", 60);
    expect(writer.tryAdd("answers", record("a.local. A 192.0.2.1"))).toBe(true);
    const { size } = writer;
    expect(writer.tryAdd("answers", record("long.name.local. TXT much too long"))).toBe(false);
    expect(writer.size).toBe(size);
    expect(writer.count).toBe(1);
    expect(writer.tryAdd("additionals", record("name.local. A 192.0.2.2"))).toBe(true);
    expect(texts(parsed(writer.finish()).additionals)).toEqual(["name.local. 120 IN A 192.0.2.2"]);
  });

  test("adds all of several records or none", () => {
    const writer = new MessageWriter("mdns", 60);
    const two = ["a. A 192.0.2.1", "a. A 192.0.2.2"].map(record);
    expect(writer.tryAddAll("answers", [...two, record("b. A 192.0.2.3")])).toBe(false);
    expect(writer.size).toBe(12);
    expect(writer.tryAddAll("answers", two)).toBe(true);
    expect(texts(parsed(writer.finish()).answers)).toEqual(texts(two));
  });

  test("is used again for the next message", () => {
    const writer = new MessageWriter("mdns");
    writer.id = 7;
    writer.flags = RESPONSE;
    writer.tryAddQuestion(question("a.local. A"));
    const first = writer.finish();
    writer.clear("mdns", 512);
    writer.tryAddQuestion(question("a.local. A"));
    expect(first).toEqual(
      hexadecimal("0007 8400 0001 0000 0000 0000 0161 056c6f63616c 00 0001 0001"),
    );
    expect(writer.finish()).toEqual(
      hexadecimal("0000 0000 0001 0000 0000 0000 0161 056c6f63616c 00 0001 0001"),
    );
  });

  test("an octet of what it gives away belongs to no other message", () => {
    const writer = new MessageWriter("mdns");
    writer.tryAddQuestion(question("a.local. A"));
    const octets = writer.finish();
    expect(octets.buffer.byteLength).toBe(octets.length);
  });

  test("a section behind a later one is a fault of the caller", () => {
    const writer = new MessageWriter("mdns");
    writer.tryAdd("additionals", record("a. A 192.0.2.1"));
    expect(() => writer.tryAdd("answers", record("a. A 192.0.2.1"))).toThrow(
      "behind a later section",
    );
  });
});
