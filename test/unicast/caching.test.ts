/** What is kept, for how long, and what is given out of it. */

import { describe, expect, test } from "vitest";
import { keyOfQuery } from "../../src/unicast/question-key.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag } from "../../src/wire/constants.ts";
import type { Message } from "../../src/wire/message.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import { message, parsed, question, record } from "../wire/kit.ts";
import { answering, type Reply, Resolver, SOA, silent, withCode } from "./resolver-kit.ts";

function caching(reply: Reply, settings = {}) {
  const resolver = new Resolver(settings);
  const server = resolver.serve("192.0.2.1", () => reply);
  resolver.use("192.0.2.1");
  return { resolver, server };
}

/** The answer to a question that has been asked, as its message. */
function answerOf(resolver: Resolver, name: string, type = "A", parts = {}): Message {
  const id = resolver.resolve(name, type, parts);
  resolver.advance(50);
  const event = resolver.event(id);
  if (event?.kind !== "answered") throw new Error("no answer");
  return event.answer.message;
}

describe("positive answers", () => {
  test("RFC 1035 §3.2.1: are given out with what is left of their ttl, and no longer", () => {
    const { resolver } = caching({ answers: ["www.example. 60 IN A 198.51.100.1"] });
    expect(answerOf(resolver, "www.example").answers[0]?.ttl).toBe(60);
    resolver.advance(20_000);
    expect(answerOf(resolver, "www.example").answers[0]?.ttl).toBe(40);
    resolver.advance(30_000);
    expect(resolver.asked).toHaveLength(1);
    resolver.advance(15_000);
    answerOf(resolver, "www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("are found whatever the case of the name", () => {
    const { resolver } = caching({ answers: ["www.example. 60 IN A 198.51.100.1"] });
    resolver.ask("www.example");
    resolver.ask("WwW.ExAmPlE");
    expect(resolver.asked).toHaveLength(1);
  });

  test("RFC 2181 §5.2: of one set have one ttl, the least; the answer ends with its first", () => {
    const { resolver } = caching({
      answers: ["www.example. 60 IN A 198.51.100.1", "www.example. 300 IN A 198.51.100.2"],
    });
    expect(answerOf(resolver, "www.example").answers.map(({ ttl }) => ttl)).toEqual([60, 60]);
  });

  test("maxTtl bounds what is kept and told", () => {
    const reply = { answers: ["www.example. 999999 IN A 198.51.100.1"] };
    const { resolver } = caching(reply, { maxTtl: 100 });
    expect(answerOf(resolver, "www.example").answers[0]?.ttl).toBe(100);
    resolver.advance(101_000);
    answerOf(resolver, "www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("with ttl 0 go to those who wait and are not kept", () => {
    const { resolver } = caching({ answers: ["www.example. 0 IN A 198.51.100.1"] });
    expect(answerOf(resolver, "www.example").answers[0]?.ttl).toBe(0);
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("are kept apart by type, by DO and by CD", () => {
    const { resolver } = caching({ answers: ["www.example. 60 IN A 198.51.100.1"] });
    resolver.ask("www.example");
    resolver.ask("www.example", "AAAA");
    resolver.ask("www.example", "A", { dnssecOk: true });
    resolver.ask("www.example", "A", { checkingDisabled: true });
    resolver.ask("www.example", "A", { dnssecOk: true });
    expect(resolver.asked).toHaveLength(4);
  });

  test("are bounded, the least recently used goes first", () => {
    const resolver = new Resolver({ cacheSizeMax: 100 });
    resolver.serve("192.0.2.1", answering("198.51.100.1"));
    resolver.use("192.0.2.1");
    resolver.ask("kept.example");
    for (let count = 0; count < 500; count++) {
      resolver.ask(`n${count}.example`);
      resolver.ask("kept.example");
    }
    expect(resolver.engine.snapshot().cache).toMatchObject({ size: 100, evictions: 401 });
    expect(resolver.asked).toHaveLength(501);
  });

  test("go when the cache is flushed", () => {
    const { resolver } = caching({ answers: ["www.example. 60 IN A 198.51.100.1"] });
    resolver.ask("www.example");
    resolver.engine.flushCache();
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test.each([
    ["SRV", "_x._tcp.example. 60 IN SRV 1 2 443 host.example."],
    ["MX", "example. 60 IN MX 10 mail.example."],
    ["NAPTR", 'example. 60 IN NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:a@example!" .'],
    ["TXT", 'example. 60 IN TXT "a b" "c"'],
    ["HTTPS", "example. 60 IN HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1"],
    ["SVCB", "_dns.example. 60 IN SVCB 1 dns.example. alpn=dot"],
    ["CAA", 'example. 60 IN CAA 0 issue "ca.example"'],
    ["TYPE65280", "example. 60 IN TYPE65280 \\# 4 0A0B0C0D"],
  ])("%s records pass through unharmed", (type, text) => {
    const { resolver } = caching({ answers: [text] });
    const name = text.split(" ")[0]!;
    const fresh = answerOf(resolver, name, type).answers.map(formatRecord);
    const cached = answerOf(resolver, name, type).answers.map(formatRecord);
    expect(cached).toEqual(fresh);
    expect(resolver.asked).toHaveLength(1);
    expect(cached).toEqual([formatRecord(record(text))]);
  });
});

describe("rotation", () => {
  const addresses = [1, 2, 3].map((last) => `www.example. 60 IN A 198.51.100.${last}`);

  test("addresses take turns in being the first where that is asked for", () => {
    const { resolver } = caching({ answers: addresses }, { rotateAnswers: true });
    resolver.ask("www.example");
    const outcomes = Array.from({ length: 3 }, () => resolver.ask("www.example").split(", ")[0]);
    expect(new Set(outcomes).size).toBe(3);
    expect(resolver.asked).toHaveLength(1);
  });

  test("and otherwise keep their order", () => {
    const { resolver } = caching({ answers: addresses });
    const outcomes = new Set(Array.from({ length: 4 }, () => resolver.ask("www.example")));
    expect([...outcomes]).toEqual(["A 198.51.100.1, A 198.51.100.2, A 198.51.100.3"]);
  });
});

describe("RFC 2308 §5: negative answers", () => {
  test("NODATA is kept for the lesser of the SOA's ttl and minimum, which counts down", () => {
    const { resolver } = caching({ authorities: [SOA] });
    expect(answerOf(resolver, "www.example").authorities[0]?.ttl).toBe(300);
    resolver.advance(100_000);
    expect(answerOf(resolver, "www.example").authorities[0]?.ttl).toBe(200);
    expect(resolver.asked).toHaveLength(1);
    resolver.advance(200_000);
    expect(resolver.ask("www.example")).toBe("no data");
    expect(resolver.asked).toHaveLength(2);
  });

  test("maxNegativeTtl bounds it", () => {
    const { resolver } = caching({ authorities: [SOA] }, { maxNegativeTtl: 10 });
    resolver.ask("www.example");
    resolver.advance(11_000);
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("without an SOA they are not kept", () => {
    const { resolver } = caching({});
    expect(resolver.ask("www.example")).toBe("no data");
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("NXDOMAIN holds for all types of the name", () => {
    const { resolver } = caching({ code: 3, authorities: [SOA] });
    expect(resolver.ask("www.example")).toBe("NXDOMAIN");
    expect(resolver.ask("www.example", "AAAA")).toBe("NXDOMAIN");
    expect(resolver.asked).toHaveLength(1);
  });

  test("NODATA holds for its type alone", () => {
    const { resolver } = caching({ authorities: [SOA] });
    resolver.ask("www.example");
    resolver.ask("www.example", "AAAA");
    expect(resolver.asked).toHaveLength(2);
  });
});

describe("RFC 8020 §2: below a name that does not exist", () => {
  test("there is nothing, and nobody is asked", () => {
    const { resolver } = caching({ code: 3, authorities: [SOA] });
    resolver.ask("foo.example");
    expect(resolver.ask("bar.foo.example")).toBe("NXDOMAIN");
    expect(resolver.ask("a.b.c.FOO.example", "TXT")).toBe("NXDOMAIN");
    expect(resolver.asked).toHaveLength(1);
    expect(answerOf(resolver, "bar.foo.example").authorities.map(formatRecord)[0]).toContain("SOA");
  });

  test("beside it there may be something", () => {
    const { resolver } = caching({ code: 3, authorities: [SOA] });
    resolver.ask("bar.foo.example");
    resolver.ask("baz.foo.example");
    resolver.ask("xbar.foo.example");
    resolver.ask("foo.example");
    expect(resolver.asked).toHaveLength(4);
  });

  test("the time of that is over with the answer's", () => {
    const { resolver } = caching({ code: 3, authorities: [SOA] });
    resolver.ask("foo.example");
    resolver.advance(301_000);
    resolver.ask("bar.foo.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("what is still cached there is given out", () => {
    const { resolver, server } = caching({ answers: ["bar.foo.example. 900 IN A 198.51.100.1"] });
    resolver.ask("bar.foo.example");
    server.behaviour = () => ({ code: 3, authorities: [SOA] });
    resolver.ask("foo.example");
    expect(resolver.ask("bar.foo.example")).toBe("A 198.51.100.1");
  });

  test("the name that does not exist is the last of a chain, not the one asked for", () => {
    const { resolver } = caching({
      code: 3,
      answers: ["www.example. 60 IN CNAME gone.example."],
      authorities: [SOA],
    });
    resolver.ask("www.example");
    expect(resolver.ask("below.gone.example")).toBe("NXDOMAIN");
    expect(resolver.asked).toHaveLength(1);
    resolver.ask("below.www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("names that other servers answer for are not cut", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", () => ({ code: 3, authorities: [SOA] }));
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.route({ ".": ["192.0.2.1"], "corp.example": ["192.0.2.2"] });
    expect(resolver.ask("example")).toBe("NXDOMAIN");
    expect(resolver.ask("a.corp.example")).toBe("A 198.51.100.2");
  });
});

describe("RFC 2308 §7: failures", () => {
  test("are kept briefly", () => {
    const { resolver } = caching({ code: 2 });
    resolver.ask("www.example");
    expect(resolver.ask("www.example")).toBe("failed: refused");
    expect(resolver.asked).toHaveLength(1);
    resolver.advance(5001);
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(2);
  });

  test("are forgotten when the network or the servers change", () => {
    const { resolver } = caching({ code: 2 });
    resolver.ask("www.example");
    resolver.engine.handleNetworkChange(resolver.now as never);
    resolver.ask("www.example");
    resolver.use("192.0.2.1");
    resolver.ask("www.example");
    expect(resolver.asked).toHaveLength(3);
  });
});

describe("RFC 8767: what is stale", () => {
  const old = { answers: ["www.example. 60 IN A 198.51.100.1"] };

  test("§5: is given after 1.8 seconds while the servers say nothing", () => {
    const { resolver, server } = caching(old);
    resolver.ask("www.example");
    resolver.advance(100_000);
    server.behaviour = silent;
    const before = resolver.now;
    const id = resolver.resolve("www.example");
    resolver.advance(1800);
    expect(resolver.settledAt(id)).toBe(before + 1800);
    expect(resolver.event(id)).toMatchObject({
      answer: { origin: "stale", message: { answers: [{ ttl: 30 }] } },
    });
  });

  test("§5: is given at once for a while after the servers have failed", () => {
    const { resolver, server } = caching(old);
    resolver.ask("www.example");
    resolver.advance(100_000);
    server.behaviour = withCode(2);
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    const asked = resolver.asked.length;
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.asked).toHaveLength(asked);
    resolver.advance(31_000);
    resolver.ask("www.example");
    expect(resolver.asked.length).toBeGreaterThan(asked);
  });

  test("is not given where a server answers in time", () => {
    const { resolver, server } = caching(old);
    resolver.ask("www.example");
    resolver.advance(100_000);
    server.behaviour = answering("198.51.100.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
  });

  test("an answer that comes after the stale one is kept for the next", () => {
    const { resolver, server } = caching(old);
    resolver.ask("www.example");
    resolver.advance(100_000);
    server.latency = 2500;
    server.behaviour = answering("198.51.100.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    resolver.advance(3000);
    expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
  });

  test("is not given once staleTtl is over, nor where that is 0", () => {
    for (const staleTtl of [100, 0]) {
      const { resolver, server } = caching(old, { staleTtl });
      resolver.ask("www.example");
      resolver.advance(60_000 + staleTtl * 1000 + 1000);
      server.behaviour = withCode(2);
      expect(resolver.ask("www.example")).toBe("failed: refused");
    }
  });

  test("an answer that says there is nothing replaces what is stale", () => {
    const { resolver, server } = caching(old);
    resolver.ask("www.example");
    resolver.advance(100_000);
    server.behaviour = () => ({ code: 3 });
    expect(resolver.ask("www.example")).toBe("NXDOMAIN");
    server.behaviour = withCode(2);
    expect(resolver.ask("www.example")).toBe("failed: refused");
  });
});

describe("prefetching", () => {
  function used(times: number, settings = {}) {
    const resolver = new Resolver(settings);
    resolver.serve("192.0.2.1", answering("198.51.100.1", 100));
    resolver.use("192.0.2.1");
    for (let count = 0; count < times; count++) resolver.ask("www.example");
    return resolver;
  }

  test("a name in use is asked for again before its time is over", () => {
    const resolver = used(5);
    resolver.advance(89_000);
    expect(resolver.asked).toHaveLength(1);
    resolver.advance(2000);
    expect(resolver.asked).toHaveLength(2);
    resolver.advance(20_000);
    const before = resolver.now;
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.now).toBe(before);
  });

  test("a name that was asked for once is not", () => {
    const resolver = used(1);
    resolver.advance(200_000);
    expect(resolver.asked).toHaveLength(1);
  });

  test("a use in the last tenth of its time is enough", () => {
    const resolver = used(1);
    resolver.advance(95_000);
    resolver.ask("www.example");
    resolver.advance(100);
    expect(resolver.asked).toHaveLength(2);
  });

  test("a name that is no longer used is fetched ahead once, and not for ever", () => {
    const resolver = used(5);
    resolver.advance(3_600_000);
    expect(resolver.asked).toHaveLength(2);
  });

  test("nothing is fetched where it is switched off", () => {
    const resolver = used(5, { prefetch: false });
    resolver.advance(200_000);
    expect(resolver.asked).toHaveLength(1);
  });
});

describe("the way of a stub", () => {
  const query = (text: string, flags = 0) =>
    composeMessage(message({ id: 0x1234, flags, questions: [question(text)] }), "dns");

  function reply(resolver: Resolver, octets: Uint8Array): Message | undefined {
    const found = keyOfQuery(octets, {});
    const entry = found && resolver.engine.findCached(found.key, resolver.now as never);
    if (found === undefined || entry === undefined) return undefined;
    const turn = resolver.engine.turnOf(entry);
    return parsed(entry.replyTo(octets, found.size, resolver.now as never, turn), "dns");
  }

  test("a query's octets find the answer; id and spelling are the query's, ttls count down", () => {
    const { resolver } = caching({
      answers: ["www.example. 60 IN CNAME web.example.", "web.example. 50 IN A 198.51.100.1"],
    });
    resolver.ask("www.example");
    resolver.advance(10_000);
    const answer = reply(resolver, query("wWw.eXample. IN A", Flag.RD));
    expect(answer?.id).toBe(0x1234);
    expect(answer?.questions[0]?.name.toString()).toBe("wWw.eXample");
    expect(answer?.answers.map(formatRecord)).toEqual([
      expect.stringMatching(/^wWw\.eXample\.?\s+50\s/),
      expect.stringMatching(/^web\.eXample\.?\s+40\s|^web\.example\.?\s+40\s/),
    ]);
    expect(answer!.flags & (Flag.QR | Flag.RD | Flag.RA)).toBe(Flag.QR | Flag.RD | Flag.RA);
  });

  test("what is over is not found", () => {
    const { resolver } = caching({ answers: ["www.example. 60 IN A 198.51.100.1"] });
    resolver.ask("www.example");
    resolver.advance(61_000);
    expect(reply(resolver, query("www.example. IN A"))).toBeUndefined();
  });

  test("AD is told only to those who ask for it", () => {
    const trusting = new Resolver({ trustAd: true });
    trusting.serve("192.0.2.1", () => ({
      answers: ["www.example. 60 IN A 198.51.100.1"],
      flags: Flag.RA | Flag.AD,
    }));
    trusting.use("192.0.2.1");
    trusting.ask("www.example");
    expect(reply(trusting, query("www.example. IN A"))!.flags & Flag.AD).toBe(0);
    expect(reply(trusting, query("www.example. IN A", Flag.AD))!.flags & Flag.AD).toBe(Flag.AD);
  });

  test.each([
    ["shorter than a header", new Uint8Array(8)],
    ["cut in its name", query("www.example. IN A").subarray(0, 18)],
    ["cut behind its name", query("www.example. IN A").subarray(0, 26)],
    ["with a pointer for a name", Uint8Array.from([...new Uint8Array(12), 0xc0, 0x0c, 0, 1, 0, 1])],
  ])("a query that is %s has no key", (_, octets) => {
    expect(keyOfQuery(octets, {})).toBeUndefined();
  });
});
