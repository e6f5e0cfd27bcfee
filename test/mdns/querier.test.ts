import { beforeEach, describe, expect, test } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { name, QuerierLink, record } from "./querier-link.ts";

const A = "printer.local. 120 IN+flush A 192.0.2.7";
const A2 = "printer.local. 120 IN+flush A 192.0.2.8";
const AAAA = "printer.local. 120 IN+flush AAAA 2001:db8::7";
const NO_AAAA = "printer.local. 120 IN+flush NSEC printer.local. A";
const PTR1 = "_ipp._tcp.local. 4500 IN PTR one._ipp._tcp.local.";
const PTR2 = "_ipp._tcp.local. 4500 IN PTR two._ipp._tcp.local.";

let link: QuerierLink;

beforeEach(() => {
  link = new QuerierLink();
});

describe("the series of queries", () => {
  test("§5.2: the first query leaves after a random 20 to 120 ms", () => {
    for (const [chance, at] of [
      [0, 20],
      [1, 120],
    ] as const) {
      link = new QuerierLink();
      link.chance = chance;
      link.start("printer.local. A");
      link.run(500);
      expect(link.takeQueries()).toEqual([`${at}: printer.local. IN A`]);
    }
  });

  test("§5.2: queries follow after one second, then at doubling intervals up to an hour", () => {
    link.start("_ipp._tcp.local. PTR");
    link.runTo(15_000_000);
    const times = link.sent.map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - times[index]!);
    const doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600];
    expect(times[0]).toBe(70);
    expect(gaps).toEqual(doubling.map((count) => count * 1000));
  });

  test("§5.3: questions that begin together share one packet", () => {
    link.start("printer.local. A");
    link.start("printer.local. AAAA");
    link.run(500);
    expect(link.takeQueries()).toEqual(["70: printer.local. IN A, printer.local. IN AAAA"]);
  });

  test("§5.3: queries go to the group of both families", () => {
    link.start("printer.local. A");
    link.run(100);
    expect(link.sent[0]).toMatchObject({ target: "groups", message: { id: 0, flags: 0 } });
  });

  test("§5.2: a unique answer ends the series until 80 per cent of its life", () => {
    link.start("printer.local. A");
    link.run(100);
    link.takeQueries();
    link.respond(A);
    link.runTo(90_000);
    expect(link.takeQueries()).toEqual([]);
  });

  test("§5.2: a shared answer does not end the series", () => {
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    link.respond(PTR1);
    link.run(4000);
    expect(link.sent.length).toBe(3);
  });

  test("RFC 6763 §4.1: a browsing question goes on even where a device calls its PTR unique", () => {
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    link.respond(PTR1.replace("IN", "IN+flush"));
    link.run(4000);
    expect(link.sent.length).toBe(3);
  });

  test("a reverse mapping PTR record that is unique ends the series", () => {
    link.start("7.2.0.192.in-addr.arpa. PTR");
    link.run(100);
    link.respond("7.2.0.192.in-addr.arpa. 120 IN+flush PTR printer.local.");
    link.run(4000);
    expect(link.sent.length).toBe(1);
  });

  test("§5.2: a one-shot query is sent four times and then no more", () => {
    link.start("printer.local. A", "one-shot");
    link.runTo(3_600_000);
    expect(link.sent.map(({ at }) => at)).toEqual([70, 1070, 3070, 7070]);
  });

  test("a stopped query is not sent, and leaves nothing pending", () => {
    const id = link.start("printer.local. A");
    link.stop(id);
    expect(link.pending).toBe(0);
    link.run(5000);
    expect(link.sent).toEqual([]);
  });

  test("an ANY question is asked and takes records of all types, but no NSEC", () => {
    const id = link.start("printer.local. ANY");
    link.run(100);
    expect(link.takeQueries()).toEqual(["70: printer.local. IN ANY"]);
    link.respond(A, AAAA, NO_AAAA.replace("A", "A AAAA"));
    expect(link.answers(id)).toEqual([AAAA, A]);
  });

  test("a unique answer that is lost has its question asked again, slowly", () => {
    link.start("printer.local. A");
    link.run(100);
    link.respond(A);
    link.respond(A.replace("120", "0"));
    link.takeQueries();
    link.runTo(1100 + 30_000);
    expect(link.takeQueries()).toEqual([
      "11100: printer.local. IN A",
      "21100: printer.local. IN A",
    ]);
  });
});

describe("several queries for one thing", () => {
  test("a query that joins within the first delay shares the query", () => {
    link.start("printer.local. A");
    link.run(40);
    link.start("printer.local. A");
    link.run(960);
    expect(link.takeQueries()).toEqual(["70: printer.local. IN A"]);
    expect(link.takeEvents()).toEqual(["asked 1", "asked 2"]);
  });

  test("a continuous query that joins another gets what is cached and causes no query", () => {
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    link.respond(PTR1);
    link.run(9000);
    link.takeQueries();
    link.takeEvents();
    link.start("_ipp._tcp.local. PTR");
    link.run(1000);
    expect(link.takeQueries()).toEqual([]);
    expect(link.takeEvents()).toEqual([`+ 2 ${PTR1}`, "asked 2"]);
  });

  test("a continuous query that joins one asked long ago has it asked again", () => {
    link.start("_ipp._tcp.local. PTR");
    link.runTo(200_000);
    link.takeQueries();
    link.start("_ipp._tcp.local. PTR");
    link.run(500);
    expect(link.takeQueries()).toEqual(["200070: _ipp._tcp.local. IN PTR"]);
  });

  test("a one-shot query that joins one asked over a second ago has it asked at once", () => {
    link.start("_ipp._tcp.local. PTR");
    link.runTo(20_000);
    link.takeQueries();
    link.start("_ipp._tcp.local. PTR", "one-shot");
    link.run(500);
    expect(link.takeQueries()).toEqual(["20070: _ipp._tcp.local. IN PTR"]);
  });

  test("a question goes on for as long as one of its queries does", () => {
    const first = link.start("_ipp._tcp.local. PTR");
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    link.stop(first);
    link.takeEvents();
    link.respond(PTR1);
    expect(link.takeEvents()).toEqual([`+ 2 ${PTR1}`]);
    link.run(1000);
    expect(link.sent.length).toBe(2);
  });
});

describe("answers from the cache", () => {
  test("a query for a fresh unique record is answered at once and asks nothing", () => {
    link.respond(A);
    link.start("printer.local. A", "one-shot");
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`]);
    link.run(5000);
    expect(link.sent).toEqual([]);
  });

  test("a query for a unique record near its end is answered at once and asks as well", () => {
    link.respond(A);
    link.runTo(100_000);
    link.start("printer.local. A", "one-shot");
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`]);
    link.run(100);
    expect(link.takeQueries()).toEqual(["100070: printer.local. IN A"]);
  });

  test("a one-shot query for a shared record is answered at once and asks as well", () => {
    link.respond(PTR1);
    link.start("_ipp._tcp.local. PTR", "one-shot");
    expect(link.takeEvents()).toEqual([`+ 1 ${PTR1}`]);
    link.run(100);
    expect(link.takeQueries()).toEqual(["70: _ipp._tcp.local. IN PTR"]);
  });

  test("a record that is over is not given to a query", () => {
    link.respond(A);
    link.runTo(120_000);
    const id = link.start("printer.local. A");
    expect(link.answers(id)).toEqual([]);
    link.run(50);
    expect(link.takeEvents()).toEqual([]);
  });

  test("§16: names match whatever their case", () => {
    link.respond(A.replace("printer", "PRINTER"));
    const id = link.start("Printer.local. A");
    expect(link.answers(id)).toEqual([A.replace("printer", "PRINTER")]);
  });
});

describe("what a query's owner is told", () => {
  test("a record is told once, however often it is received", () => {
    link.start("printer.local. A");
    link.respond(A);
    link.run(10_000);
    link.respond(A.replace("120", "60"));
    link.respond(A.replace("printer", "Printer"));
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`]);
  });

  test("a record that expires is told once, at the end of its TTL", () => {
    link.start("printer.local. A");
    link.respond(A);
    link.runTo(119_999);
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`, "asked 1"]);
    link.runTo(120_000);
    expect(link.takeEvents()).toEqual([`- 1 ${A}`]);
    expect(link.cached()).toEqual([]);
  });

  test("each query of a question is told", () => {
    link.start("printer.local. A");
    link.start("printer.local. A", "one-shot");
    link.start("printer.local. ANY");
    link.respond(A);
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`, `+ 2 ${A}`, `+ 3 ${A}`]);
  });

  test("an alias answers a question of any type", () => {
    link.start("www.local. A");
    link.respond("www.local. 120 IN+flush CNAME printer.local.");
    expect(link.takeEvents()).toEqual(["+ 1 www.local. 120 IN+flush CNAME printer.local."]);
  });

  test("an alias to itself is one answer and nothing more", () => {
    link.start("loop.local. A");
    link.respond("loop.local. 120 IN+flush CNAME loop.local.");
    link.respond("loop.local. 120 IN+flush CNAME loop.local.");
    expect(link.takeEvents()).toEqual(["+ 1 loop.local. 120 IN+flush CNAME loop.local."]);
  });

  test("the link and the source of a record are told", () => {
    link.start("printer.local. A");
    link.receiveResponse({ answers: [A], source: "192.0.2.77" });
    expect(link.querier.answers(1 as never, link.now)).toMatchObject([
      { link: 1, own: false, source: "192.0.2.77", expires: 120_000 },
    ]);
  });

  test("asked is told once, when the question first goes out", () => {
    link.start("printer.local. A");
    link.runTo(69);
    expect(link.takeEvents()).toEqual([]);
    link.runTo(10_000);
    expect(link.takeEvents()).toEqual(["asked 1"]);
  });
});

describe("own records", () => {
  const OWN = "host.local. 120 IN+flush A 192.0.2.1";
  const OWN_PTR = "_ipp._tcp.local. 4500 IN PTR mine._ipp._tcp.local.";

  test("what we publish answers a query at once, and the link is not asked for a unique record", () => {
    link.own = [record(OWN)];
    link.start("host.local. A");
    expect(link.takeEvents()).toEqual([`+ 1 ${OWN} own`]);
    link.run(5000);
    expect(link.sent).toEqual([]);
  });

  test("what we publish of a shared record does not keep the link from being asked", () => {
    link.own = [record(OWN_PTR)];
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    expect(link.takeQueries()).toEqual(["70: _ipp._tcp.local. IN PTR"]);
  });

  test("a record that is published or withdrawn later is told", () => {
    link.start("_ipp._tcp.local. PTR");
    link.publish(OWN_PTR);
    link.withdraw(OWN_PTR);
    expect(link.takeEvents()).toEqual([`+ 1 ${OWN_PTR} own`, `- 1 ${OWN_PTR} own`]);
  });

  test("a record of ours that comes back is not cached", () => {
    link.own = [record(OWN)];
    link.respond(OWN);
    expect(link.querier.cacheSize).toBe(0);
  });

  test("a cached record that becomes ours is no news", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(OWN_PTR);
    link.publish(OWN_PTR);
    expect(link.takeEvents()).toEqual([`+ 1 ${OWN_PTR}`]);
    expect(link.querier.cacheSize).toBe(0);
    expect(link.answers(1 as never)).toEqual([OWN_PTR]);
  });

  test("§6.1: a type that our own name does not have is denied at once", () => {
    link.own = [record(OWN)];
    const id = link.start("host.local. AAAA");
    expect(link.takeEvents()).toEqual(["negative 1"]);
    expect(link.querier.isNegative(id, link.now)).toBe(true);
    link.run(5000);
    expect(link.sent).toEqual([]);
  });

  test("a name that is given up is asked for", () => {
    link.own = [record(OWN)];
    link.start("host.local. A");
    link.withdraw(OWN);
    link.run(11_000);
    expect(link.takeQueries()).toEqual(["10000: host.local. IN A"]);
  });
});

describe("negative answers", () => {
  test("§6.1: an NSEC record without the type denies it, and the series ends", () => {
    const id = link.start("printer.local. AAAA");
    link.run(100);
    link.receiveResponse({ answers: [A], additionals: [NO_AAAA] });
    expect(link.takeEvents()).toEqual(["asked 1", "negative 1"]);
    expect(link.querier.isNegative(id, link.now)).toBe(true);
    link.runTo(90_000);
    expect(link.sent.length).toBe(1);
  });

  test("§6.1: an NSEC record that has the type denies nothing", () => {
    const id = link.start("printer.local. A");
    link.respond(NO_AAAA);
    expect(link.takeEvents()).toEqual([]);
    expect(link.querier.isNegative(id, link.now)).toBe(false);
  });

  test("§6.1: an NSEC record is read whatever its next domain name", () => {
    link.start("printer.local. AAAA");
    link.respond("printer.local. 120 IN+flush NSEC other.local. A");
    expect(link.takeEvents()).toEqual(["negative 1"]);
  });

  test("§6.1: types in the bitmap that can have no records do no harm", () => {
    link.start("printer.local. AAAA");
    link.respond("printer.local. 120 IN+flush NSEC printer.local. A OPT TYPE249 TYPE250 ANY");
    expect(link.takeEvents()).toEqual(["negative 1"]);
  });

  test("an alias leaves no type denied", () => {
    link.start("www.local. AAAA");
    link.respond("www.local. 120 IN+flush NSEC www.local. CNAME");
    expect(link.takeEvents()).toEqual([]);
  });

  test("a query for what is denied is told at once and asks nothing", () => {
    link.respond(NO_AAAA);
    link.start("printer.local. AAAA", "one-shot");
    expect(link.takeEvents()).toEqual(["negative 1"]);
    link.run(5000);
    expect(link.sent).toEqual([]);
  });

  test("a denial ends when a record of the type arrives", () => {
    const id = link.start("printer.local. AAAA");
    link.respond(NO_AAAA);
    link.respond(AAAA);
    expect(link.takeEvents()).toEqual(["negative 1", `+ 1 ${AAAA}`]);
    expect(link.querier.isNegative(id, link.now)).toBe(false);
  });

  test("a denial ends with its TTL, and the question is asked again", () => {
    const id = link.start("printer.local. AAAA", "one-shot");
    link.respond(NO_AAAA);
    link.runTo(120_000);
    expect(link.querier.isNegative(id, link.now)).toBe(false);
    link.runTo(140_000);
    expect(link.takeQueries()).toEqual([
      "130000: printer.local. IN AAAA",
      "140000: printer.local. IN AAAA",
    ]);
  });

  test("a denial that is repeated is no news; one that follows an answer is", () => {
    link.start("printer.local. AAAA");
    link.respond(NO_AAAA);
    link.respond(NO_AAAA);
    expect(link.takeEvents()).toEqual(["negative 1"]);
    link.respond(AAAA);
    link.respond(AAAA.replace("120", "0"), NO_AAAA);
    link.takeEvents();
    link.run(1000);
    expect(link.takeEvents()).toEqual([`- 1 ${AAAA}`, "negative 1"]);
  });
});

describe("known answers", () => {
  test("§7.1: a query lists the answers known, with the TTL that is left and no cache-flush bit", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1);
    link.run(10_000);
    const known = link.sent.at(-1)?.message.answers;
    expect(known).toMatchObject([{ type: 12, ttl: 4500 - 8, cacheFlush: false }]);
  });

  test("§10.2: the cache-flush bit is not set in a known-answer list", () => {
    link.start("printer.local. ANY");
    link.respond(A);
    link.run(100);
    expect(link.sent[0]?.message.answers).toMatchObject([{ type: 1, cacheFlush: false }]);
  });

  test("§7.1: an answer with half its TTL gone is not listed", () => {
    link.respond(PTR1);
    link.runTo(2_240_000);
    link.start("_ipp._tcp.local. PTR");
    link.runTo(2_260_000);
    const listed = link.sent.map(({ at, message }) => [at, message.answers.length]);
    expect(listed.filter(([, count]) => count === 1).at(-1)?.[0]).toBeLessThan(2_250_000);
    expect(listed.at(-1)).toEqual([2_255_070, 0]);
  });

  test("§7.1: an answer whose goodbye came is not listed", () => {
    link.respond(PTR1, PTR2);
    link.respond(PTR1.replace("4500", "0"));
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    expect(link.sent[0]?.message.answers.length).toBe(1);
  });

  test("§7.1: at most 1024 known answers go with a query", () => {
    for (let index = 0; index < 1100; index++) {
      link.respond(`_ipp._tcp.local. 4500 IN PTR p${index}._ipp._tcp.local.`);
    }
    link.start("_ipp._tcp.local. PTR");
    link.run(100);
    expect(link.sent[0]?.message.answers.length).toBe(1024);
  });
});

describe("other hosts' questions", () => {
  test("§7.3: the same question of another host serves for ours", () => {
    link.start("_ipp._tcp.local. PTR");
    link.runTo(500);
    link.overhear(["_ipp._tcp.local. PTR"]);
    link.runTo(2600);
    expect(link.takeQueries()).toEqual([
      "70: _ipp._tcp.local. IN PTR",
      "2500: _ipp._tcp.local. IN PTR",
    ]);
    expect(link.counters.value("questions-suppressed")).toBe(1);
  });

  test("§7.3: a query is told that it was asked when another host does it", () => {
    link.start("_ipp._tcp.local. PTR");
    link.overhear(["_ipp._tcp.local. PTR"]);
    expect(link.takeEvents()).toEqual(["asked 1"]);
    link.runTo(900);
    expect(link.takeQueries()).toEqual([]);
  });

  test("§7.3: a question whose known answers we do not know does not serve", () => {
    link.start("_ipp._tcp.local. PTR");
    link.overhear(["_ipp._tcp.local. PTR"], { knownAnswers: [PTR1] });
    link.runTo(100);
    expect(link.sent.length).toBe(1);
  });

  test("§7.3: a question whose known answers we know too serves", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1, PTR2);
    link.overhear(["_ipp._tcp.local. PTR"], { knownAnswers: [PTR1] });
    link.runTo(100);
    expect(link.sent.length).toBe(0);
  });

  test.each([
    ["a QU question", ["_ipp._tcp.local. IN+QU PTR"], {}],
    ["a question from another port", ["_ipp._tcp.local. PTR"], { port: 40_000 }],
    ["a question that came by unicast", ["_ipp._tcp.local. PTR"], { unicast: true }],
    ["a question whose known answers go on", ["_ipp._tcp.local. PTR"], { isTruncated: true }],
    ["a question of another type", ["_ipp._tcp.local. ANY"], {}],
  ])("§7.3: %s does not serve for ours", (_title, questions, options) => {
    link.start("_ipp._tcp.local. PTR");
    link.overhear(questions, options);
    link.runTo(100);
    expect(link.sent.length).toBe(1);
  });

  test("§7.3: a question does not serve for ours when that is not due for long", () => {
    link.start("_ipp._tcp.local. PTR");
    link.runTo(10_000);
    link.takeQueries();
    link.overhear(["_ipp._tcp.local. PTR"]);
    link.runTo(16_000);
    expect(link.takeQueries()).toEqual(["15070: _ipp._tcp.local. IN PTR"]);
  });

  test("§7.1: known answers of other hosts' queries are not cached", () => {
    link.overhear(["_ipp._tcp.local. PTR"], { knownAnswers: [PTR1] });
    expect(link.querier.cacheSize).toBe(0);
  });
});

describe("a link that is new, again, or other", () => {
  test("§5.4: questions that are active when the link comes up are asked with QU, then without", () => {
    link.start("_ipp._tcp.local. PTR");
    link.querier.handleReset(link.now);
    link.runTo(1500);
    expect(link.takeQueries()).toEqual([
      "70: _ipp._tcp.local. IN+QU PTR",
      "1070: _ipp._tcp.local. IN PTR",
    ]);
  });

  test("§15.1: no QU question is asked while another process has the port", () => {
    link.link = { ...link.link, sharesPort: true };
    link.start("_ipp._tcp.local. PTR");
    link.querier.handleReset(link.now);
    link.runTo(500);
    expect(link.takeQueries()).toEqual(["70: _ipp._tcp.local. IN PTR"]);
  });

  test("§5.4: a question that begins before the first have left is one of the initial batch", () => {
    link.querier.handleReset(link.now);
    link.runTo(100);
    link.start("_ipp._tcp.local. PTR");
    link.runTo(500);
    expect(link.takeQueries()).toEqual(["170: _ipp._tcp.local. IN+QU PTR"]);
  });

  test("§5.4: a question that begins later is a QM question", () => {
    link.querier.handleReset(link.now);
    link.runTo(130);
    link.start("_ipp._tcp.local. PTR");
    link.runTo(500);
    expect(link.takeQueries()).toEqual(["200: _ipp._tcp.local. IN PTR"]);
  });

  test("§10.3: after a reset records that come back are no news, and others are gone in five seconds", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1, PTR2);
    link.runTo(10_000);
    link.takeEvents();
    link.querier.handleReset(link.now);
    link.run(200);
    link.receiveResponse({ answers: [PTR1], unicast: true });
    link.runTo(14_999);
    expect(link.takeEvents()).toEqual([]);
    link.runTo(15_000);
    expect(link.takeEvents()).toEqual([`- 1 ${PTR2}`]);
  });

  test("§10.3: after a reset a new query is not given records of before until they come back", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1, PTR2);
    link.querier.handleReset(link.now);
    link.takeEvents();
    const id = link.start("_ipp._tcp.local. PTR", "one-shot");
    expect(link.answers(id)).toEqual([]);
    link.respond(PTR1);
    link.run(6000);
    const events = link.takeEvents().filter((line) => !line.startsWith("asked"));
    expect(events).toEqual([`+ 2 ${PTR1}`, `- 1 ${PTR2}`]);
  });

  test("§10.3: after a reset no known answers are claimed", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1);
    link.querier.handleReset(link.now);
    link.run(200);
    expect(link.sent[0]?.message.answers).toEqual([]);
  });

  test("§10.3: records that nobody wants are dropped at a reset", () => {
    link.respond(PTR1);
    link.querier.handleReset(link.now);
    expect(link.querier.cacheSize).toBe(0);
  });

  test("§10.3: a unique record is asked for again after a reset", () => {
    link.start("printer.local. A");
    link.run(100);
    link.respond(A);
    link.run(10_000);
    link.takeQueries();
    link.querier.handleReset(link.now);
    link.run(200);
    expect(link.takeQueries()).toEqual(["10170: printer.local. IN+QU A"]);
  });

  test("a family that the link has gained is asked too", () => {
    link.link = { ...link.link, families: ["ipv4"] };
    link.start("_ipp._tcp.local. PTR");
    link.runTo(60_000);
    link.takeQueries();
    const previous = link.link;
    link.link = { ...previous, families: ["ipv4", "ipv6"] };
    link.querier.handleLinkChange(previous, link.now);
    link.run(500);
    expect(link.takeQueries()).toEqual(["60070: _ipp._tcp.local. IN+QU PTR"]);
  });

  test("§15.1: a QU question whose answers another process may have got is asked again", () => {
    link.start("_ipp._tcp.local. PTR");
    link.querier.handleReset(link.now);
    link.runTo(100);
    const previous = link.link;
    link.link = { ...previous, sharesPort: true };
    link.querier.handleLinkChange(previous, link.now);
    link.runTo(1200);
    expect(link.takeQueries()).toEqual([
      "70: _ipp._tcp.local. IN+QU PTR",
      "1070: _ipp._tcp.local. IN PTR",
    ]);
  });
});

describe("a link that changes its addresses", () => {
  const withAddress = (address: string) => {
    const previous = link.link;
    const added = { family: "ipv4", address: address as IpAddress, prefixLength: 24 } as const;
    link.link = { ...previous, addresses: [added] };
    link.querier.handleLinkChange(previous, link.now);
  };

  beforeEach(() => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1);
    link.runTo(10_000);
    link.takeEvents();
  });

  test("§10.3: records of another network go unless they are there too", () => {
    withAddress("198.51.100.5");
    link.run(4000);
    expect(link.takeEvents()).toEqual([]);
    link.run(1000);
    expect(link.takeEvents()).toEqual([`- 1 ${PTR1}`]);
  });

  test("another address on the same network changes nothing", () => {
    withAddress("192.0.2.99");
    link.run(6000);
    expect(link.takeEvents()).toEqual([]);
  });
});

test("what a link answered is taken back when the link goes", () => {
  link.own = [record("_ipp._tcp.local. 4500 IN PTR mine._ipp._tcp.local.")];
  link.start("_ipp._tcp.local. PTR");
  link.respond(PTR1);
  link.takeEvents();
  link.querier.handleGone(link.now);
  expect(link.takeEvents()).toEqual([
    "- 1 _ipp._tcp.local. 4500 IN PTR mine._ipp._tcp.local. own",
    `- 1 ${PTR1}`,
  ]);
});

describe("reconfirmation", () => {
  const target = { name: name("printer.local."), type: 1 };

  test("§10.4: a record in doubt is asked for twice at least and gone in ten seconds", () => {
    link.respond(A);
    link.start("printer.local. A");
    link.takeEvents();
    link.querier.reconfirm(target, link.now);
    link.runTo(9999);
    expect(link.sent.length).toBeGreaterThanOrEqual(2);
    expect(link.sent.map(({ message }) => message.answers.length)).toEqual(link.sent.map(() => 0));
    expect(link.takeEvents()).toEqual(["asked 1"]);
    link.runTo(10_000);
    expect(link.takeEvents()).toEqual([`- 1 ${A}`]);
  });

  test("§10.4: a record that is confirmed stays, and is asked for no more", () => {
    link.respond(A);
    link.start("printer.local. A");
    link.querier.reconfirm(target, link.now);
    link.run(200);
    link.respond(A);
    link.takeEvents();
    link.runTo(30_000);
    expect(link.sent.length).toBe(1);
    expect(link.takeEvents()).toEqual([]);
  });

  test("§10.4: a record that no query wants is asked for as well, and leaves nothing behind", () => {
    link.respond(A);
    link.querier.reconfirm(target, link.now);
    link.runTo(11_000);
    expect(link.sent.length).toBeGreaterThanOrEqual(2);
    expect(link.cached()).toEqual([]);
    expect(link.querier.snapshot(link.now).questions).toEqual([]);
    expect(link.pending).toBe(0);
  });

  test("§10.4: only the record with the data given is in doubt", () => {
    link.respond(A, A2);
    link.querier.reconfirm({ ...target, data: record(A2).data }, link.now);
    link.runTo(10_000);
    expect(link.cached()).toEqual([A]);
  });

  test("§10.4: a new query is not given a record in doubt, and asks", () => {
    link.respond(A);
    link.querier.reconfirm(target, link.now);
    const id = link.start("printer.local. A", "one-shot");
    expect(link.answers(id)).toEqual([]);
    link.run(100);
    link.respond(A);
    expect(link.takeEvents()).toEqual(["asked 1", `+ 1 ${A}`]);
  });
});

describe("passive observation of failures", () => {
  const ASKED = ["printer.local. A"];

  test("§10.5: a record that others ask for twice in vain is gone ten seconds later, unasked by us", () => {
    link.respond(A);
    link.runTo(5000);
    link.overhear(ASKED);
    link.runTo(6000);
    link.overhear(ASKED);
    link.runTo(15_999);
    expect(link.cached()).toEqual([A]);
    link.runTo(16_000);
    expect(link.cached()).toEqual([]);
    expect(link.sent).toEqual([]);
  });

  test("§10.5: a record that is answered stays", () => {
    link.respond(A);
    link.runTo(5000);
    link.overhear(ASKED);
    link.runTo(6000);
    link.overhear(ASKED);
    link.respond(A);
    link.runTo(30_000);
    expect(link.cached()).toEqual([A]);
  });

  test("§10.5: one query, even on both families, is not enough", () => {
    link.respond(A);
    link.runTo(5000);
    link.overhear(ASKED);
    link.run(3);
    link.overhear(ASKED);
    link.runTo(30_000);
    expect(link.cached()).toEqual([A]);
  });

  test("§10.5: a record that the askers know already is not expected to be sent", () => {
    link.respond(PTR1, PTR2);
    link.runTo(5000);
    link.overhear(["_ipp._tcp.local. PTR"], { knownAnswers: [PTR1] });
    link.runTo(6000);
    link.overhear(["_ipp._tcp.local. PTR"], { knownAnswers: [PTR1] });
    link.runTo(30_000);
    expect(link.cached()).toEqual([PTR1]);
  });

  test("§6: a record that was multicast within the second before is not expected to be sent", () => {
    link.runTo(4500);
    link.respond(A);
    link.runTo(5000);
    link.overhear(ASKED);
    link.runTo(5500);
    link.overhear(ASKED);
    link.runTo(30_000);
    expect(link.cached()).toEqual([A]);
  });

  test.each([
    ["probes", ASKED, { proposed: [A2] }],
    ["QU questions", ["printer.local. IN+QU A"], {}],
    ["legacy queries", ASKED, { port: 40_000 }],
    ["questions of another type", ["printer.local. AAAA"], {}],
  ])("§10.5: %s are not expected to be answered to the group", (_title, questions, options) => {
    link.respond(A);
    link.runTo(5000);
    link.overhear(questions, options);
    link.runTo(6000);
    link.overhear(questions, options);
    link.runTo(30_000);
    expect(link.cached()).toEqual([A]);
  });
});

test("flushing the cache takes the answers back and asks for them again", () => {
  link.start("printer.local. A");
  link.run(100);
  link.respond(A, PTR1);
  link.run(5000);
  link.takeEvents();
  link.takeQueries();
  link.querier.flush(link.now);
  expect(link.querier.cacheSize).toBe(0);
  link.run(100);
  expect(link.takeEvents()).toEqual([`- 1 ${A}`]);
  expect(link.takeQueries()).toEqual(["5170: printer.local. IN A"]);
});

test("a snapshot tells the questions and the size of the cache", () => {
  link.start("printer.local. A");
  link.start("printer.local. A", "one-shot");
  link.run(100);
  link.respond(A, PTR1, PTR2);
  expect(link.querier.snapshot(link.now)).toEqual({
    questions: [
      {
        name: "printer.local",
        type: 1,
        subscribers: 2,
        state: "settled",
        sinceAsked: 30,
        untilNext: undefined,
      },
    ],
    questionsWaiting: 0,
    reconfirmations: 0,
    cache: { records: 3, names: 2, evictions: 0 },
  });
});

test("questions beyond the maximum wait until others have been sent", () => {
  for (let index = 0; index < 5000; index++) link.start(`h${index}.local. A`, "one-shot");
  expect(link.querier.snapshot(link.now).questionsWaiting).toBe(5000 - 4096);
  link.run(500);
  const asked = link.sent.map(({ message }) => message.questions.length);
  expect(asked).toEqual([4096, 5000 - 4096]);
});
