import { beforeEach, describe, expect, test } from "vitest";
import { Name } from "../../src/wire/name.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { QuerierLink, record } from "./querier-link.ts";

const A = "printer.local. 120 IN+flush A 192.0.2.7";
const A2 = "printer.local. 120 IN+flush A 192.0.2.8";
const PTR1 = "_ipp._tcp.local. 4500 IN PTR one._ipp._tcp.local.";
const PTR2 = "_ipp._tcp.local. 4500 IN PTR two._ipp._tcp.local.";

let link: QuerierLink;

beforeEach(() => {
  link = new QuerierLink();
});

function goodbye(text: string): string {
  return text.replace(/ \d+ /, " 0 ");
}

describe("time to live", () => {
  test("§10: a record that nobody wants goes when its TTL is over", () => {
    link.respond(A);
    link.runTo(119_999);
    expect(link.cached()).toEqual([A]);
    link.runTo(120_000);
    expect(link.cached()).toEqual([]);
    link.runTo(121_000);
    expect(link.querier.cacheSize).toBe(0);
    expect(link.pending).toBe(0);
  });

  test("§10: a record that is received again lives on from then", () => {
    link.respond(A);
    link.runTo(100_000);
    link.respond(A);
    link.runTo(219_999);
    expect(link.cached()).toEqual([A]);
    link.runTo(220_000);
    expect(link.cached()).toEqual([]);
  });

  test("a record is believed no longer than the settings allow, whatever its TTL", () => {
    link = new QuerierLink({ cacheTtlMax: 3600 });
    link.respond(A.replace("120", "2147483647"));
    link.runTo(3_599_999);
    expect(link.cached().length).toBe(1);
    link.runTo(3_600_000);
    expect(link.cached()).toEqual([]);
  });

  test("the time that a record has left is told", () => {
    link.respond(A);
    link.runTo(20_500);
    expect([...link.querier.cached(link.now)]).toMatchObject([
      { link: 1, source: "192.0.2.7", remaining: 99_500 },
    ]);
  });
});

describe("refresh", () => {
  /** Queries sent after the series of a browsing question has settled into its long intervals. */
  function refreshes(): number[] {
    return link.sent.splice(0).map(({ at }) => at);
  }

  test("§5.2: a wanted record is asked for at 80, 85, 90 and 95 per cent of its life, plus 2 at most", () => {
    for (const chance of [0, 1]) {
      link = new QuerierLink();
      link.respond(A);
      link.start("printer.local. A");
      link.chance = chance;
      link.runTo(119_000);
      expect(refreshes()).toEqual([80, 85, 90, 95].map((part) => (part + 2 * chance) * 1200));
    }
  });

  test("§5.2: an answer puts the next refresh off to 80 per cent of its life", () => {
    link.respond(A);
    link.start("printer.local. A");
    link.chance = 0;
    link.runTo(96_100);
    link.respond(A);
    expect(refreshes()).toEqual([96_000]);
    link.runTo(96_100 + 96_000);
    expect(refreshes()).toEqual([192_100]);
    expect(link.takeEvents().filter((line) => !line.startsWith("asked"))).toEqual([`+ 1 ${A}`]);
  });

  test("§5.2: an answer that comes before the refresh has left makes it needless", () => {
    link.respond(A);
    link.start("printer.local. A");
    link.chance = 1;
    link.runTo(97_000);
    link.respond(A);
    link.runTo(97_000 + 95_000);
    expect(refreshes()).toEqual([]);
  });

  test("§5.2: a record that no continuous query wants is not asked for", () => {
    link.respond(A, PTR1);
    link.start("printer.local. A", "one-shot");
    const stopped = link.start("_ipp._tcp.local. PTR");
    link.stop(stopped);
    link.runTo(4_600_000);
    const asked = link.takeQueries().filter((line) => !line.startsWith("13"));
    expect(asked.every((line) => Number.parseInt(line, 10) > 120_000)).toBe(true);
  });

  test("§5.2: records of one host that are due at about the same time are asked for together", () => {
    const AAAA = "printer.local. 120 IN+flush AAAA 2001:db8::7";
    const TXT = 'one._ipp._tcp.local. 120 IN+flush TXT "a=b"';
    link.respond(A, AAAA, TXT);
    link.start("printer.local. A");
    link.start("printer.local. AAAA");
    link.start("one._ipp._tcp.local. TXT");
    link.runTo(98_000);
    expect(link.takeQueries()).toEqual([
      "97200: printer.local. IN A, printer.local. IN AAAA, one._ipp._tcp.local. IN TXT",
    ]);
  });

  test("§6.1: a denial that a continuous query relies on is refreshed too", () => {
    link.respond("printer.local. 120 IN+flush NSEC printer.local. A");
    link.start("printer.local. AAAA");
    link.chance = 0;
    link.runTo(96_000);
    expect(link.takeQueries()).toEqual(["96000: printer.local. IN AAAA"]);
  });

  test("an alias that a continuous query follows is refreshed by the question asked", () => {
    link.respond("www.local. 120 IN+flush CNAME printer.local.");
    link.start("www.local. A");
    link.chance = 0;
    link.runTo(96_000);
    expect(link.takeQueries()).toEqual(["96000: www.local. IN A"]);
  });

  test("a record with a tiny TTL has its question sent once a second at most", () => {
    link.start("printer.local. A");
    for (let at = 0; at < 60_000; at += 100) {
      link.respond(A.replace("120", "1"));
      link.runTo(at);
    }
    expect(link.sent.length).toBeLessThanOrEqual(60);
    const gaps = link.sent.slice(1).map(({ at }, index) => at - link.sent[index]!.at);
    expect(gaps.every((gap) => gap >= 1000)).toBe(true);
  });

  test.each([2, 5, 10])(
    "twenty devices with TTLs of %i s are kept, at one query a second at most",
    (ttl) => {
      const pointers = Array.from(
        { length: 20 },
        (_, index) => `_ipp._tcp.local. ${ttl} IN PTR d${index}._ipp._tcp.local.`,
      );
      link.start("_ipp._tcp.local. PTR");
      let answered = 0;
      for (let at = 0; at < 60_000; at += 50) {
        link.runTo(at);
        for (const query of link.sent.slice(answered)) {
          const known = query.message.answers.map((listed) => formatRecordData(listed.data));
          link.respond(
            ...pointers.filter((pointer) => !known.some((data) => pointer.endsWith(data))),
          );
        }
        answered = link.sent.length;
        if (at % 250 === 0 && at < 5000) link.respond(pointers[at / 250]!);
      }
      expect(link.sent.length).toBeLessThanOrEqual(60);
      expect(link.takeEvents().filter((line) => line.startsWith("-"))).toEqual([]);
    },
  );
});

describe("goodbyes", () => {
  test("§10.1: a record whose goodbye came is gone one second later", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1);
    link.runTo(5000);
    link.takeEvents();
    link.respond(goodbye(PTR1));
    link.runTo(5999);
    expect(link.takeEvents()).toEqual([]);
    link.runTo(6000);
    expect(link.takeEvents()).toEqual([`- 1 ${PTR1}`]);
  });

  test("§10.1: a record that is announced within the second is rescued", () => {
    link.start("_ipp._tcp.local. PTR");
    link.respond(PTR1);
    link.runTo(5000);
    link.takeEvents();
    link.respond(goodbye(PTR1));
    link.runTo(5500);
    link.respond(PTR1);
    link.runTo(60_000);
    expect(link.takeEvents()).toEqual([]);
  });

  test("§10.1: a repeated goodbye does not lengthen the second", () => {
    link.respond(PTR1);
    link.respond(goodbye(PTR1));
    link.runTo(900);
    link.respond(goodbye(PTR1));
    link.runTo(1000);
    expect(link.cached()).toEqual([]);
  });

  test("§10.1: the goodbye of an unknown record leaves nothing", () => {
    link.respond(goodbye(PTR1));
    expect(link.querier.cacheSize).toBe(0);
  });

  test("§10.1: a goodbye takes nothing but its record", () => {
    link.respond(A, A2);
    link.runTo(5000);
    link.respond(goodbye(A));
    link.runTo(6000);
    expect(link.cached()).toEqual([A2]);
  });
});

describe("the cache-flush bit", () => {
  test("§10.2: records received more than a second ago are gone one second later", () => {
    link.start("printer.local. A");
    link.respond(A);
    link.runTo(5000);
    link.takeEvents();
    link.respond(A2);
    expect(link.takeEvents()).toEqual([`+ 1 ${A2}`]);
    link.runTo(5999);
    expect(link.takeEvents()).toEqual([]);
    link.runTo(6000);
    expect(link.takeEvents()).toEqual([`- 1 ${A}`]);
  });

  test("§10.2: records of one burst of packets do not flush each other", () => {
    link.respond(A);
    link.runTo(1000);
    link.respond(A2);
    link.runTo(10_000);
    expect(link.cached().sort()).toEqual([A, A2]);
  });

  test("§10.2: records of one packet that were there before stay", () => {
    link.start("printer.local. A");
    link.respond(A, A2);
    link.runTo(5000);
    link.respond(A, A2);
    link.runTo(10_000);
    expect(link.takeEvents().filter((line) => !line.startsWith("asked"))).toEqual([
      `+ 1 ${A}`,
      `+ 1 ${A2}`,
    ]);
  });

  test("§10.2: a record that is announced again within the second stays", () => {
    link.respond(A);
    link.runTo(5000);
    link.respond(A2);
    link.runTo(5500);
    link.respond(A);
    link.runTo(10_000);
    expect(link.cached().sort()).toEqual([A, A2]);
  });

  test("§10.2: other types of the name are left alone", () => {
    const TXT = 'printer.local. 120 IN+flush TXT "a=b"';
    link.respond(TXT);
    link.runTo(5000);
    link.respond(A);
    link.runTo(10_000);
    expect(link.cached().sort()).toEqual([A, TXT]);
  });

  test("§10.2: records without the bit are added to those that are there", () => {
    link.respond(PTR1);
    link.runTo(5000);
    link.respond(PTR2);
    link.runTo(10_000);
    expect(link.cached().sort()).toEqual([PTR1, PTR2]);
  });
});

describe("what is believed", () => {
  test("§18.1: a response to the group is cached though nothing was asked", () => {
    link.receiveResponse({ answers: [A], additionals: [PTR1] });
    expect(link.cached().sort()).toEqual([PTR1, A].sort());
  });

  test("a unicast response that answers no question is not believed", () => {
    link.receiveResponse({ answers: [A], additionals: [PTR1], unicast: true });
    expect(link.querier.cacheSize).toBe(0);
  });

  /** RFC 6762 §5.4: a question that is active when the host wakes goes out as a QU question. */
  function askForUnicast(text: string): void {
    link.start(text);
    link.querier.handleReset(link.now);
    link.run(130);
    link.takeEvents();
  }

  test("§6: a unicast response is believed where it answers a QU question, with its additional records", () => {
    askForUnicast("_ipp._tcp.local. PTR");
    link.receiveResponse({
      answers: [PTR1, "other.local. 120 IN+flush A 192.0.2.66"],
      additionals: [A],
      unicast: true,
    });
    expect(link.cached().sort()).toEqual([PTR1, A].sort());
  });

  test("§6.1: a unicast denial beside no answer is believed", () => {
    askForUnicast("printer.local. AAAA");
    link.receiveResponse({
      additionals: ["printer.local. 120 IN+flush NSEC printer.local. A", A2],
      unicast: true,
    });
    expect(link.takeEvents()).toEqual(["negative 1"]);
    expect(link.querier.cacheSize).toBe(1);
  });

  test("records of other classes, and types that are no data, are not cached", () => {
    link.respond("a.local. 120 CH A \\# 4 c0000201", "b.local. 120 IN TYPE250 \\# 1 00");
    expect(link.querier.cacheSize).toBe(0);
  });
});

describe("bounds", () => {
  test("beyond its size the cache drops the records that were not used for longest", () => {
    link = new QuerierLink({ cacheSizeMax: 3 });
    for (const index of [1, 2, 3]) link.respond(`h${index}.local. 120 IN A 192.0.2.${index}`);
    link.respond("h1.local. 120 IN A 192.0.2.1");
    link.respond("h4.local. 120 IN A 192.0.2.4");
    expect(link.cached().map((line) => line.slice(0, 2))).toEqual(["h3", "h1", "h4"]);
    expect(link.counters.value("cache-evictions")).toBe(1);
    expect(link.querier.snapshot(link.now).cache).toEqual({ records: 3, names: 3, evictions: 1 });
  });

  test("records that a query wants are dropped last", () => {
    link = new QuerierLink({ cacheSizeMax: 3 });
    link.start("h1.local. A");
    for (const index of [1, 2, 3, 4, 5]) link.respond(`h${index}.local. 120 IN A 192.0.2.${index}`);
    expect(link.cached().map((line) => line.slice(0, 2))).toEqual(["h1", "h4", "h5"]);
  });

  test("a wanted record that is dropped is told", () => {
    link = new QuerierLink({ cacheSizeMax: 1 });
    link.start("printer.local. A");
    link.respond(A);
    link.respond(A2);
    expect(link.takeEvents()).toEqual([`+ 1 ${A}`, `- 1 ${A}`, `+ 1 ${A2}`]);
  });

  test("the records of one name and type take half of the cache at most", () => {
    link = new QuerierLink({ cacheSizeMax: 4000 });
    link.start("_ipp._tcp.local. PTR");
    link.respond(A);
    for (let index = 0; index < 5000; index++) {
      link.respond(`_ipp._tcp.local. 4500 IN PTR p${index}._ipp._tcp.local.`);
    }
    expect(link.querier.cacheSize).toBe(2001);
    expect(link.cached()).toContain(A);
  });

  test("a name has a bounded number of types, and the wanted ones stay", () => {
    link.start("printer.local. A");
    link.respond(A);
    for (let type = 1000; type < 1100; type++)
      link.respond(`printer.local. 120 TYPE${type} \\# 1 00`);
    expect(link.querier.cacheSize).toBe(32);
    expect(link.cached()).toContain(A);
  });

  test("many records of one name are found, refreshed and removed one by one", () => {
    link.start("_ipp._tcp.local. PTR");
    const pointer = (index: number, ttl = 4500) =>
      `_ipp._tcp.local. ${ttl} IN PTR p${index}._ipp._tcp.local.`;
    for (let index = 0; index < 50; index++) link.respond(pointer(index));
    for (let index = 0; index < 50; index++) link.respond(pointer(index).replace(" p", " P"));
    expect(link.takeEvents().length).toBe(50);
    for (let index = 0; index < 49; index++) link.respond(pointer(index, 0));
    link.run(1000);
    expect(link.takeEvents().filter((line) => line.startsWith("-")).length).toBe(49);
    expect(link.cached()).toEqual([pointer(49)]);
  });
});

describe("a flood", () => {
  const flood = (first: number, count: number, ttl = 120) => {
    const pattern = record(`f.local. ${ttl} IN+flush A 10.0.0.1`);
    for (let index = first; index < first + count; index += 20) {
      link.receiveRecords(
        Array.from({ length: 20 }, (_, offset) => ({
          ...pattern,
          name: Name.of(`f${index + offset}`, "local"),
        })),
      );
      link.run(1);
    }
  };

  test("150,000 names leave no more than the maximum of records and of deadlines", () => {
    link.start("printer.local. A");
    link.respond(A);
    flood(0, 150_000);
    expect(link.querier.cacheSize).toBe(100_000);
    expect(link.pending).toBeLessThan(50);
    expect(link.cached()).toContain(A);
  }, 60_000);

  test("records of a flood are gone when their TTL is over, and so are their deadlines", () => {
    flood(0, 20_000, 10);
    link.run(12_000);
    expect(link.querier.cacheSize).toBe(0);
    expect(link.pending).toBe(0);
    expect(link.querier.snapshot(link.now).cache.names).toBe(0);
  });
});
