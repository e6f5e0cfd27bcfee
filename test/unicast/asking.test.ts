/** Whom a question goes to, when it goes out again, and what becomes of bad replies. */

import { describe, expect, test } from "vitest";
import { Name } from "../../src/wire/name.ts";
import { answering, Resolver, server, silent, withCode } from "./resolver-kit.ts";

describe("one server", () => {
  test("answers a question", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", answering("198.51.100.1"));
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.trace).toEqual(["0 192.0.2.1"]);
  });

  test("RFC 6891 §6.2.3: is told that 1232 octets are taken by UDP", () => {
    const resolver = new Resolver();
    resolver.use("192.0.2.1");
    resolver.resolve("www.example");
    expect(resolver.asked[0]?.edns).toMatchObject({ payloadSize: 1232, version: 0 });
  });

  test("RFC 1536 §1: is asked again with exponentially growing waits, and not forever", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", silent);
    resolver.use("192.0.2.1");
    const id = resolver.resolve("www.example");
    resolver.advance(60_000);
    expect(resolver.outcome(id)).toBe("failed: timeout");
    expect(resolver.settledAt(id)).toBe(10_000);
    expect(resolver.asked.map(({ at }) => at)).toEqual([0, 400, 1200, 2800, 6000]);
  });

  test("RFC 5452 §9.2: is asked again with another id", () => {
    const resolver = new Resolver();
    resolver.use("192.0.2.1");
    resolver.resolve("www.example");
    resolver.advance(3000);
    expect(new Set(resolver.asked.map(({ query }) => query.id)).size).toBe(resolver.asked.length);
  });

  test("is waited for as long as timeout and attempts say", () => {
    const resolver = new Resolver({ timeout: 1000 as never, attempts: 1 });
    resolver.use("192.0.2.1");
    const id = resolver.resolve("www.example");
    resolver.advance(20_000);
    expect(resolver.settledAt(id)).toBe(1000);
  });

  test("that cannot be reached is tried once more and then given up at once", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", () => ({ ended: "ECONNREFUSED" }), 1);
    resolver.use("192.0.2.1");
    const id = resolver.resolve("www.example");
    resolver.advance(20_000);
    expect(resolver.outcome(id)).toBe("failed: unreachable");
    expect(resolver.asked).toHaveLength(2);
    expect(resolver.settledAt(id)).toBeLessThan(1000);
  });

  test("no server at all fails at once", () => {
    const resolver = new Resolver();
    expect(resolver.ask("www.example")).toBe("failed: no-servers");
    expect(resolver.now).toBe(0);
  });
});

describe("several servers", () => {
  test("the second is asked before the time-out when the first is slow", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", answering("198.51.100.1"), 3000);
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1", "192.0.2.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
    expect(resolver.now).toBe(410);
  });

  test("the slow first may still answer", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", answering("198.51.100.1"), 500);
    resolver.serve("192.0.2.2", silent);
    resolver.use("192.0.2.1", "192.0.2.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.now).toBe(500);
  });

  test("a dead one costs one time-out, is probed in the background, and comes back", () => {
    const resolver = new Resolver();
    const first = resolver.serve("192.0.2.1", silent);
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1", "192.0.2.2");
    resolver.ask("a.example");
    const lost = resolver.now;
    for (const name of ["b.example", "c.example"]) {
      const before = resolver.now;
      expect(resolver.ask(name)).toBe("A 198.51.100.2");
      expect(resolver.now - before).toBe(10);
    }
    expect(lost).toBe(410);
    first.behaviour = answering("198.51.100.1");
    resolver.advance(20_000);
    expect(resolver.count("probes")).toBeGreaterThan(0);
    expect(resolver.ask("d.example")).toBe("A 198.51.100.1");
  });

  test("nothing is probed while nobody asks", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", silent);
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1", "192.0.2.2");
    resolver.ask("a.example");
    resolver.ask("b.example");
    resolver.advance(3_600_000);
    const probes = resolver.count("probes");
    expect(probes).toBeLessThan(12);
    resolver.advance(3_600_000);
    expect(resolver.count("probes")).toBe(probes);
  });

  test("the faster is preferred, the listed order decides among equals", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    resolver.serve("192.0.2.1", answering("198.51.100.1"), 150);
    resolver.serve("192.0.2.2", answering("198.51.100.2"), 20);
    resolver.serve("192.0.2.3", answering("198.51.100.3"), 25);
    resolver.use("192.0.2.1", "192.0.2.2", "192.0.2.3");
    for (let count = 0; count < 5; count++) resolver.ask("www.example");
    expect(resolver.trace.map((line) => line.split(" ")[1])).toEqual([
      ...["192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2", "192.0.2.2"],
    ]);
  });

  test("take turns where resolv.conf says rotate", () => {
    const resolver = new Resolver({ cacheSizeMax: 0, rotateServers: true });
    for (const last of [1, 2, 3]) resolver.serve(`192.0.2.${last}`, answering("198.51.100.1"));
    resolver.use("192.0.2.1", "192.0.2.2", "192.0.2.3");
    for (let count = 0; count < 4; count++) resolver.ask("www.example");
    expect(resolver.trace.map((line) => line.at(-1))).toEqual(["1", "2", "3", "1"]);
  });

  test.each([
    ["SERVFAIL", withCode(2)],
    ["REFUSED", withCode(5)],
    ["NOTIMP with EDNS", () => ({ code: 4 })],
    ["a lame referral", () => ({ flags: 0, authorities: ["example. 60 IN NS ns.example."] })],
    ["a malformed message", ({ octets }: { octets: Uint8Array }) => ({ octets: cut(octets) })],
  ])("%s moves on to the next at once", (_, behaviour) => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", behaviour);
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1", "192.0.2.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
    expect(resolver.now).toBe(20);
  });

  test("when all refuse, the failure is told at once with the response code", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", withCode(2));
    resolver.serve("192.0.2.2", withCode(5));
    resolver.use("192.0.2.1", "192.0.2.2");
    const id = resolver.resolve("www.example");
    resolver.advance(25);
    expect(resolver.event(id)).toMatchObject({ failure: { reason: "refused", responseCode: 5 } });
  });

  test("one that refuses again and again is asked last", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    resolver.serve("192.0.2.1", withCode(5));
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1", "192.0.2.2");
    for (let count = 0; count < 4; count++) resolver.ask("www.example");
    expect(
      resolver.asked.filter(({ server: { address } }) => address === "192.0.2.1"),
    ).toHaveLength(1);
  });

  test("a name that is slow at every server does not make the servers dead", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    const slowName = (address: string) =>
      resolver.serve(address, (asked) =>
        asked.query.questions[0]!.name.toString() === "slow.example"
          ? undefined
          : answering("198.51.100.1")(asked),
      );
    slowName("192.0.2.1");
    slowName("192.0.2.2");
    resolver.use("192.0.2.1", "192.0.2.2");
    const slow = resolver.resolve("slow.example");
    resolver.advance(100);
    resolver.ask("fast.example");
    resolver.advance(250);
    const states = resolver.engine.snapshot().routes[0]!.servers.map(({ state }) => state);
    expect(states).toEqual(["working", "working"]);
    expect(resolver.outcome(slow)).toBeUndefined();
  });
});

describe("routes", () => {
  test("a name goes to the servers of the longest domain that it lies in", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", answering("198.51.100.1"));
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.serve("192.0.2.3", answering("198.51.100.3"));
    resolver.route({
      ".": ["192.0.2.1"],
      "corp.example": ["192.0.2.2"],
      "lab.corp.example": ["192.0.2.3"],
    });
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.ask("a.CORP.example")).toBe("A 198.51.100.2");
    expect(resolver.ask("corp.example")).toBe("A 198.51.100.2");
    expect(resolver.ask("x.lab.corp.example")).toBe("A 198.51.100.3");
    expect(resolver.ask("notcorp.example")).toBe("A 198.51.100.1");
  });

  test("an answer of other servers than before is not given from the cache", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", answering("198.51.100.1"));
    resolver.serve("192.0.2.2", answering("198.51.100.2"));
    resolver.use("192.0.2.1");
    resolver.ask("www.example");
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    resolver.use("192.0.2.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.2");
    expect(resolver.asked).toHaveLength(2);
  });

  test("a server known by name is looked up at the bootstrap server first", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", ({ query }) =>
      query.questions[0]!.type === 1
        ? { answers: ["dns.example. 60 IN A 192.0.2.53"] }
        : { answers: [] },
    );
    resolver.serve("192.0.2.53", answering("198.51.100.9"));
    const named = {
      transport: "https" as const,
      host: Name.parse("dns.example"),
      port: 443,
      serverName: "dns.example",
      path: "/dns-query",
    };
    resolver.route({ ".": [named] }, ["192.0.2.1"]);
    expect(resolver.ask("www.example")).toBe("A 198.51.100.9");
    expect(resolver.asked.at(-1)?.server).toMatchObject({
      transport: "https",
      address: "192.0.2.53",
      port: 443,
      serverName: "dns.example",
      path: "/dns-query",
    });
  });

  test("a server known by name that cannot be found fails the question rather than hang", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", withCode(3));
    const named = {
      transport: "https" as const,
      host: Name.parse("dns.example"),
      port: 443,
      serverName: "dns.example",
      path: "/dns-query",
    };
    resolver.route({ ".": [named] }, ["192.0.2.1"]);
    expect(resolver.ask("www.example")).toBe("failed: no-servers");
  });
});

describe("encrypted transports", () => {
  test("RFC 8484 §4.1: HTTPS is asked with id 0", () => {
    const resolver = new Resolver();
    resolver.use(server("192.0.2.1", { transport: "https", path: "/dns-query" }));
    resolver.resolve("www.example");
    expect(resolver.asked[0]?.query.id).toBe(0);
  });

  test("RFC 8467 §4.1: TLS and HTTPS queries are padded to 128 octets", () => {
    for (const transport of ["tls", "https"] as const) {
      const resolver = new Resolver();
      resolver.use(server("192.0.2.1", { transport }));
      resolver.resolve("www.example");
      expect(resolver.asked[0]!.octets.length % 128).toBe(0);
    }
  });

  test("a server with the wrong certificate is told apart from one that is away", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", () => ({ ended: "CERTIFICATE" }));
    resolver.use(server("192.0.2.1", { transport: "tls", port: 853 }));
    expect(resolver.ask("www.example")).toBe("failed: certificate");
    expect(resolver.asked).toHaveLength(1);
  });

  test("RFC 8484 §5.1: the age of an HTTP response counts", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", () => ({
      answers: ["www.example. 600 IN A 198.51.100.1"],
      age: 250,
    }));
    resolver.use(server("192.0.2.1", { transport: "https" }));
    const id = resolver.resolve("www.example");
    resolver.advance(100);
    expect(resolver.event(id)).toMatchObject({
      answer: { message: { answers: [{ ttl: 350 }] } },
    });
  });
});

function cut(query: Uint8Array): Uint8Array {
  const reply = query.slice(0, query.length - 3);
  reply[2] = reply[2]! | 0x80;
  return reply;
}
