import { describe, expect, it } from "vitest";
import { lineFields, messageLines } from "../../src/cli/message-lines.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { SeenMessage } from "../../src/runtime/seen-message.ts";
import { Flag } from "../../src/wire/constants.ts";
import { RESPONSE, seen, seenOctets } from "./message-fixtures.ts";

function shown(message: SeenMessage): string[] {
  return messageLines(message).map(({ kind, text }) => `${kind}: ${text}`);
}

function fields(message: SeenMessage): string[] {
  const [line] = messageLines(message);
  return lineFields(message, line!, true).slice(1);
}

describe("the lines of a message", () => {
  it("tell questions from known answers", () => {
    const query = { questions: ["_http._tcp.local. IN PTR", "a.local. IN+QU A"] };
    const known = { answers: ["_http._tcp.local. 4500 IN PTR Web._http._tcp.local."] };
    expect(shown(seen({ ...query, ...known }))).toEqual([
      "query: _http._tcp.local PTR",
      "query: a.local A QU",
      "known: _http._tcp.local 4500 PTR Web._http._tcp.local.",
    ]);
  });

  it("tell a probe and what it claims", () => {
    const probe = {
      questions: ["a.local. IN+QU ANY"],
      authorities: ["a.local. 120 IN A 192.0.2.1"],
    };
    expect(shown(seen(probe))).toEqual(["probe: a.local ANY QU", "claim: a.local 120 A 192.0.2.1"]);
  });

  it("tell answers, additional records, goodbyes and negative responses apart", () => {
    const response = {
      flags: RESPONSE,
      answers: ["a.local. 120 IN+flush A 192.0.2.1", "b.local. 0 IN PTR a.local."],
      additionals: ["a.local. 120 IN+flush NSEC a.local. A", "c.local. 120 IN A 192.0.2.3"],
    };
    expect(shown(seen(response))).toEqual([
      "answer: a.local 120 A 192.0.2.1 flush",
      "goodbye: b.local 0 PTR a.local.",
      "negative: a.local 120 NSEC a.local. A flush",
      "extra: c.local 120 A 192.0.2.3",
    ]);
  });

  it("tell what cannot be read, and messages with nothing in them", () => {
    expect(shown(seenOctets(new Uint8Array(5)))).toEqual([
      "malformed: 5 octets: TRUNCATED at octet 5",
    ]);
    expect(shown(seen({}))).toEqual(["empty: query"]);
  });

  it("never hold control characters, whatever a name or a text holds", () => {
    const hostile = seen({
      flags: RESPONSE,
      answers: [
        "\\027[2J\\007.local. 120 IN A 192.0.2.1",
        'a.local. 120 IN TXT "\\027]0;title\\007"',
      ],
    });
    for (const [index, line] of messageLines(hostile).entries()) {
      expect(lineFields(hostile, line, index === 0).join("")).not.toMatch(/\p{Cc}/u);
    }
    expect(messageLines(hostile)).toHaveLength(2);
  });
});

describe("the fields of a line", () => {
  it("are link, protocol, who to whom, kind and record", () => {
    const message = seen({ questions: ["a.local. IN A"] });
    expect(fields(message)).toEqual(["eth0", "mdns", "192.0.2.9 > group", "query", "a.local A"]);
  });

  it("mark what we sent, and show ports that are not the protocol's", () => {
    const message = seen(
      { questions: ["host. IN A"], id: 77, flags: Flag.LLMNR_T },
      {
        ...{ direction: "out", protocol: "llmnr", transport: "tcp", family: "ipv6" },
        source: { address: "fe80::1" as IpAddress, port: 40_000 },
        destination: { address: "fe80::2" as IpAddress, port: 5355 },
      },
    );
    expect(fields(message)).toEqual([
      ...["eth0", "llmnr/tcp", "*[fe80::1]:40000 > fe80::2", "query", "host A (T, id 77)"],
    ]);
  });

  it("note what is unusual about a message on its first line alone", () => {
    const message = seen({ flags: Flag.TC, questions: ["a.local. IN A", "b.local. IN A"] });
    const texts = messageLines(message).map(
      (line, index) => lineFields(message, line, index === 0)[5],
    );
    expect(texts).toEqual(["a.local A (TC)", "b.local A"]);
  });

  it("begin with the time of day to the microsecond", () => {
    const message = seen({ questions: ["a.local. IN A"] });
    const [time] = lineFields(message, messageLines(message)[0]!, true);
    expect(time).toMatch(/^\d\d:\d\d:20\.123456$/);
  });
});
