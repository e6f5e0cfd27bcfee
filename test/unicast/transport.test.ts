/** The same question in another form: by TCP, with another cookie, without EDNS. */

import { describe, expect, test } from "vitest";
import { cookieOf, cookieOption } from "../../src/wire/edns.ts";
import { type Asked, answering, type Reply, Resolver, server } from "./resolver-kit.ts";

const ANSWER = ["www.example. 60 IN A 198.51.100.1"];
const PARTIAL = ["www.example. 60 IN A 203.0.113.1"];
const TC_AND_RA = 0x0280;
const BADCOOKIE = 23;

const byUdp = ({ server: { transport } }: Asked) => transport === "udp";

describe("RFC 2181 §9: a truncated reply", () => {
  test("is asked for again by TCP, and nothing of it is used", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) =>
      byUdp(asked) ? { answers: PARTIAL, flags: TC_AND_RA } : { answers: ANSWER },
    );
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.trace).toEqual(["0 192.0.2.1", "10 192.0.2.1 tcp"]);
  });

  test("that is cut in the middle of a record is understood", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) => {
      if (!byUdp(asked)) return { answers: ANSWER };
      const octets = Uint8Array.from([...asked.octets, 0xc0, 0x0c, 0x00]);
      octets[2] = 0x83;
      octets[7] = 1;
      return { octets };
    });
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  });

  test("whose server takes no TCP moves on to the next server", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) =>
      byUdp(asked) ? { answers: PARTIAL, flags: TC_AND_RA } : { ended: "ECONNREFUSED" },
    );
    resolver.serve("192.0.2.2", () => ({ answers: ANSWER }));
    resolver.use("192.0.2.1", "192.0.2.2");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  });

  test("is never used, not even when nobody takes TCP", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) =>
      byUdp(asked) ? { answers: PARTIAL, flags: TC_AND_RA } : { ended: "ECONNREFUSED" },
    );
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toMatch(/^failed/);
  });
});

describe("TCP", () => {
  test("RFC 7766 §6.2.4: a connection that closes meanwhile is made anew at once", () => {
    const resolver = new Resolver();
    let count = 0;
    resolver.serve("192.0.2.1", () =>
      count++ === 0 ? { ended: "ECONNRESET" } : { answers: ANSWER },
    );
    resolver.use(server("192.0.2.1", { transport: "tcp" }));
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.now).toBe(20);
    expect(resolver.asked.map((asked) => asked.onFreshConnection)).toEqual([false, true]);
  });

  test("a connection that has gone silent is given up for a fresh one with the repetition", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", ({ onFreshConnection }) =>
      onFreshConnection ? { answers: ANSWER } : undefined,
    );
    resolver.use(server("192.0.2.1", { transport: "tcp" }));
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.asked).toHaveLength(2);
  });
});

describe("EDNS", () => {
  test("RFC 6891 §7: a server that refuses it is asked without, and so are later questions", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) =>
      asked.edns === "absent" ? answering("198.51.100.1")(asked) : { code: 1, edns: "absent" },
    );
    resolver.use("192.0.2.1");
    expect(resolver.ask("a.example")).toBe("A 198.51.100.1");
    expect(resolver.ask("b.example")).toBe("A 198.51.100.1");
    expect(resolver.asked.map(({ edns }) => edns !== "absent")).toEqual([true, false, false]);
  });

  test("FORMERR without a question counts as such a refusal", () => {
    const resolver = new Resolver();
    resolver.serve("192.0.2.1", (asked) =>
      asked.edns === "absent"
        ? { answers: ANSWER }
        : { code: 1, edns: "absent", alter: (message) => ({ ...message, questions: [] }) },
    );
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
  });

  test("DO and CD reach the server", () => {
    const resolver = new Resolver();
    resolver.use("192.0.2.1");
    resolver.resolve("www.example", "A", { dnssecOk: true, checkingDisabled: true });
    expect(resolver.asked[0]?.edns).toMatchObject({ dnssecOk: true });
    expect(resolver.asked[0]!.query.flags & 0x0010).toBe(0x0010);
  });

  test.each([
    [true, 0x20],
    [false, 0],
  ])("AD is asked for and believed only of trusted servers: %s", (trustAd, authentic) => {
    const resolver = new Resolver({ trustAd });
    resolver.serve("192.0.2.1", () => ({ answers: ANSWER, flags: 0x00a0 }));
    resolver.use("192.0.2.1");
    const id = resolver.resolve("www.example");
    resolver.advance(20);
    const event = resolver.event(id);
    expect(event?.kind === "answered" && event.answer.message.flags & 0x20).toBe(authentic);
    expect(resolver.asked[0]!.query.flags & 0x20).toBe(authentic);
  });
});

describe("RFC 7873: cookies", () => {
  /** An instance behind an address: it refuses server cookies that are not its own. */
  const instance =
    (own: number, strict = true) =>
    (asked: Asked): Reply => {
      const cookie = asked.edns === "absent" ? "absent" : cookieOf(asked.edns);
      if (typeof cookie === "string") return { answers: ANSWER };
      const given = { client: cookie.client, server: new Uint8Array(8).fill(own) };
      const edns = { options: [cookieOption(given)] };
      const isOwn = cookie.server?.every((octet) => octet === own) === true;
      return isOwn || !strict ? { answers: ANSWER, edns } : { code: BADCOOKIE, edns };
    };

  test("§5.3: BADCOOKIE is followed at once by the question with the new cookie", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    resolver.serve("192.0.2.1", instance(7));
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.asked).toHaveLength(2);
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.asked).toHaveLength(3);
  });

  test("§5.3: BADCOOKIE again and again leads to TCP", () => {
    const resolver = new Resolver();
    let own = 1;
    resolver.serve("192.0.2.1", (asked) => instance(own++, byUdp(asked))(asked));
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.trace).toEqual(["0 192.0.2.1", "10 192.0.2.1", "20 192.0.2.1 tcp"]);
  });

  test("a cookie that another instance of an anycast address refuses is renewed", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    const one = resolver.serve("192.0.2.1", instance(1));
    resolver.use("192.0.2.1");
    resolver.ask("www.example");
    one.behaviour = instance(2);
    const before = resolver.now;
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.now - before).toBe(20);
  });

  test("§5.3: a reply with a wrong client cookie is ignored", () => {
    const resolver = new Resolver();
    const wrong = { client: new Uint8Array(8), server: new Uint8Array(8) };
    resolver.serve("192.0.2.1", (asked) => [
      { answers: PARTIAL, edns: { options: [cookieOption(wrong)] } },
      instance(1, false)(asked),
    ]);
    resolver.use("192.0.2.1");
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.count("mismatched-cookie")).toBe(1);
  });

  test("§5.3: a reply without the cookie that is expected is not used; TCP tells the truth", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    const one = resolver.serve("192.0.2.1", instance(1, false));
    resolver.use("192.0.2.1");
    resolver.ask("www.example");
    one.behaviour = (asked) => (byUdp(asked) ? { answers: PARTIAL } : { answers: ANSWER });
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    one.behaviour = () => ({ answers: ANSWER });
    resolver.ask("www.example");
    expect(resolver.asked.at(-1)?.server.transport).toBe("udp");
  });

  test("RFC 9018 §3: each server has its own cookie, and each network", () => {
    const resolver = new Resolver({ cacheSizeMax: 0, rotateServers: true });
    resolver.serve("192.0.2.1", () => ({ answers: ANSWER }));
    resolver.serve("192.0.2.2", () => ({ answers: ANSWER }));
    resolver.use("192.0.2.1", "192.0.2.2");
    for (let count = 0; count < 3; count++) resolver.ask("www.example");
    resolver.engine.handleNetworkChange(resolver.now as never);
    resolver.ask("www.example");
    resolver.ask("www.example");
    const cookies = resolver.asked.map(({ edns }) => {
      const cookie = edns === "absent" ? "absent" : cookieOf(edns);
      return typeof cookie === "string" ? cookie : cookie.client.join();
    });
    const [one, other, again, ...later] = cookies;
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(later.some((cookie) => cookie === one || cookie === other)).toBe(false);
  });
});

describe("anycast", () => {
  test("when one instance dies in mid-conversation the other answers within one retransmission", () => {
    const resolver = new Resolver({ cacheSizeMax: 0 });
    let questions = 0;
    resolver.serve("192.0.2.1", () => (questions++ === 3 ? undefined : { answers: ANSWER }));
    resolver.use("192.0.2.1");
    for (let count = 0; count < 3; count++) resolver.ask("www.example");
    const before = resolver.now;
    expect(resolver.ask("www.example")).toBe("A 198.51.100.1");
    expect(resolver.now - before).toBeLessThanOrEqual(220);
    expect(resolver.asked).toHaveLength(5);
  });
});
