/** CNAME and DNAME chains: followed, bounded, and nothing on them believed that was not asked for. */

import { describe, expect, test } from "vitest";
import { followChain } from "../../src/unicast/name-chain.ts";
import { message, question, record } from "../wire/kit.ts";
import { type Behaviour, type Reply, Resolver, SOA } from "./resolver-kit.ts";

/** Answers by name. */
function zone(replies: Readonly<Record<string, Reply>>): Behaviour {
  return ({ query }) => replies[query.questions[0]!.name.toString()] ?? { code: 3 };
}

function resolving(replies: Readonly<Record<string, Reply>>): Resolver {
  const resolver = new Resolver();
  resolver.serve("192.0.2.1", zone(replies));
  resolver.use("192.0.2.1");
  return resolver;
}

test("a chain within one message is given out whole", () => {
  const resolver = resolving({
    "www.example": {
      answers: [
        "www.example. 60 IN CNAME web.example.",
        "web.example. 60 IN CNAME host.example.",
        "host.example. 60 IN A 198.51.100.1",
      ],
    },
  });
  expect(resolver.ask("www.example")).toBe(
    "CNAME web.example., CNAME host.example., A 198.51.100.1",
  );
  expect(resolver.asked).toHaveLength(1);
});

test("a chain that a message leaves open is followed, and the whole is kept", () => {
  const resolver = resolving({
    "www.example": { answers: ["www.example. 60 IN CNAME web.example."] },
    "web.example": { answers: ["web.example. 30 IN CNAME host.example."] },
    "host.example": { answers: ["host.example. 90 IN A 198.51.100.1"] },
  });
  const whole = "CNAME web.example., CNAME host.example., A 198.51.100.1";
  expect(resolver.ask("www.example")).toBe(whole);
  expect(resolver.ask("www.example")).toBe(whole);
  expect(resolver.ask("host.example")).toBe("A 198.51.100.1");
  expect(resolver.asked).toHaveLength(3);
  resolver.advance(31_000);
  resolver.ask("www.example");
  expect(resolver.asked.length).toBeGreaterThan(3);
});

test("the end of a chain is taken from the cache where it is there", () => {
  const resolver = resolving({
    "www.example": { answers: ["www.example. 60 IN CNAME host.example."] },
    "host.example": { answers: ["host.example. 90 IN A 198.51.100.1"] },
  });
  resolver.ask("host.example");
  expect(resolver.ask("www.example")).toBe("CNAME host.example., A 198.51.100.1");
  expect(resolver.asked).toHaveLength(2);
});

test("a chain may lead to the servers of another route", () => {
  const resolver = new Resolver();
  resolver.serve(
    "192.0.2.1",
    zone({ "www.example": { answers: ["www.example. 60 IN CNAME a.corp."] } }),
  );
  resolver.serve("192.0.2.2", zone({ "a.corp": { answers: ["a.corp. 60 IN A 198.51.100.2"] } }));
  resolver.route({ ".": ["192.0.2.1"], corp: ["192.0.2.2"] });
  expect(resolver.ask("www.example")).toBe("CNAME a.corp., A 198.51.100.2");
});

describe("chains without an end", () => {
  test("a loop within one message fails", () => {
    const resolver = resolving({
      "a.example": {
        answers: ["a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example."],
      },
    });
    expect(resolver.ask("a.example")).toBe("failed: alias-loop");
  });

  test("a name that is its own alias fails", () => {
    const resolver = resolving({ "a.example": { answers: ["a.example. 60 IN CNAME A.example."] } });
    expect(resolver.ask("a.example")).toBe("failed: alias-loop");
  });

  test("a loop over several messages fails", () => {
    const resolver = resolving({
      "a.example": { answers: ["a.example. 60 IN CNAME b.example."] },
      "b.example": { answers: ["b.example. 60 IN CNAME c.example."] },
      "c.example": { answers: ["c.example. 60 IN CNAME a.example."] },
    });
    expect(resolver.ask("a.example")).toBe("failed: alias-loop");
    expect(resolver.asked.length).toBeLessThan(6);
  });

  test("two questions whose aliases lead to each other both end", () => {
    const resolver = resolving({
      "a.example": { answers: ["a.example. 60 IN CNAME b.example."] },
      "b.example": { answers: ["b.example. 60 IN CNAME a.example."] },
    });
    const ids = [resolver.resolve("a.example"), resolver.resolve("b.example")];
    resolver.advance(1000);
    expect(ids.map((id) => resolver.outcome(id))).toEqual([
      "failed: alias-loop",
      "failed: alias-loop",
    ]);
  });

  test("a chain that goes on and on is given up", () => {
    const resolver = new Resolver();
    let count = 0;
    resolver.serve("192.0.2.1", ({ query }) => ({
      answers: [`${query.questions[0]!.name}. 60 IN CNAME n${count++}.example.`],
    }));
    resolver.use("192.0.2.1");
    expect(resolver.ask("a.example")).toBe("failed: alias-loop");
    expect(resolver.asked.length).toBeLessThanOrEqual(16);
  });
});

test("RFC 6762 §22.1: an alias into .local is given out, and its end is not asked for", () => {
  const resolver = resolving({
    "www.example": { answers: ["www.example. 60 IN CNAME printer.local."] },
  });
  expect(resolver.ask("www.example")).toBe("CNAME printer.local.");
  expect(resolver.asked).toHaveLength(1);
});

test("a question for the alias itself is answered by it", () => {
  const resolver = resolving({
    "www.example": { answers: ["www.example. 60 IN CNAME web.example."] },
  });
  expect(resolver.ask("www.example", "CNAME")).toBe("CNAME web.example.");
  expect(resolver.asked).toHaveLength(1);
});

describe("DNAME", () => {
  const dname = "old.example. 60 IN DNAME new.example.";

  test("RFC 6672 §3.1: without the CNAME that belongs to it is followed, and the CNAME added", () => {
    const resolver = resolving({
      "www.old.example": { answers: [dname] },
      "www.new.example": { answers: ["www.new.example. 60 IN A 198.51.100.1"] },
    });
    expect(resolver.ask("www.old.example")).toBe(
      "DNAME new.example., CNAME www.new.example., A 198.51.100.1",
    );
  });

  test("with it is given out as it is", () => {
    const resolver = resolving({
      "www.old.example": {
        answers: [
          dname,
          "www.old.example. 60 IN CNAME www.new.example.",
          "www.new.example. 60 IN A 198.51.100.1",
        ],
      },
    });
    expect(resolver.ask("www.old.example")).toBe(
      "DNAME new.example., CNAME www.new.example., A 198.51.100.1",
    );
  });

  test("RFC 6672 §2.2: that makes a name too long has no answer", () => {
    const labels = Array.from({ length: 3 }, () => "x".repeat(63)).join(".");
    const chain = followChain(
      question(`${"y".repeat(63)}.old.example. IN A`),
      message({ answers: [record(`old.example. 60 IN DNAME ${labels}.`)] }),
    );
    expect(chain.result).toBe("endless");
  });
});

describe("what a chain's end says", () => {
  test("NODATA with an SOA of its zone ends it", () => {
    const resolver = resolving({
      "www.example": { answers: ["www.example. 60 IN CNAME host.example."], authorities: [SOA] },
    });
    expect(resolver.ask("www.example", "AAAA")).toBe("CNAME host.example.");
    expect(resolver.asked).toHaveLength(1);
  });

  test("NXDOMAIN is that of the last name", () => {
    const resolver = resolving({
      "www.example": {
        code: 3,
        answers: ["www.example. 60 IN CNAME gone.example."],
        authorities: [SOA],
      },
    });
    expect(resolver.ask("www.example")).toBe("NXDOMAIN");
  });
});
