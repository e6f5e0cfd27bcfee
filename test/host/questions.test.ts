import { describe, expect, it } from "vitest";
import { HostsTable } from "../../src/host/hosts-table.ts";
import { composeMessage } from "../../src/wire/compose.ts";
import { Flag, RecordType, ResponseCode } from "../../src/wire/constants.ts";
import { ExtendedErrorCode } from "../../src/wire/edns.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecord } from "../../src/wire/presentation.ts";
import { answering, silent, withCode } from "../unicast/resolver-kit.ts";
import { parsed } from "../wire/kit.ts";
import { describeReply, resolver, SERVER, ServerKit } from "./server-kit.ts";

const NXDOMAIN = withCode(ResponseCode.NXDOMAIN);
/** The reverse name of ::1. */
const ONE = `1.${"0.".repeat(31)}ip6.arpa`;
const NO_FLAGS = { dnssecOk: false, checkingDisabled: false };

function kitWith(...answers: readonly string[]): ServerKit {
  const kit = new ServerKit();
  kit.serve(SERVER, () => ({ answers }));
  return kit;
}

/** The reply once another host has answered on the link. */
function askLink(kit: ServerKit, name: string, type: string, ...heard: string[]): string {
  const id = kit.question(name, type);
  kit.advance(100);
  kit.hear(heard);
  kit.advance(4000);
  return describeReply(kit.reply(id)!.reply);
}

function query(name: string, type: number, flags = Flag.RD): Uint8Array {
  const question = { name: Name.parse(name), type, class: 1, unicastResponse: false };
  const empty = { answers: [], authorities: [], additionals: [] };
  return composeMessage({ id: 0x1234, flags, questions: [question], ...empty }, "dns");
}

describe("questions for names on the link", () => {
  it("are answered for a short time, whatever ttl was heard", () => {
    const kit = new ServerKit();
    expect(askLink(kit, "node-7.local", "A", "node-7.local 120 A 192.0.2.7")).toBe(
      "NOERROR, node-7.local. 10 IN A 192.0.2.7",
    );
  });

  it("give each address its turn in being the first, where that is configured", () => {
    const kit = new ServerKit({ resolver: resolver({ dns: { rotateAnswers: true } }) });
    const name = "node-7.local";
    askLink(kit, name, "A", `${name} 120 A 192.0.2.7`, `${name} 120 A 192.0.2.8`);
    const firsts = [1, 2, 3].map(() => /A (\S+?),/.exec(kit.ask(name, "A", {}, 100))![1]);
    expect(firsts).toEqual(["192.0.2.8", "192.0.2.7", "192.0.2.8"]);
  });

  it("are answered with all that many hosts have", () => {
    const kit = new ServerKit();
    const found = askLink(
      ...([kit, "_http._tcp.local", "PTR"] as const),
      "shared _http._tcp.local 4500 PTR One._http._tcp.local",
      "shared _http._tcp.local 4500 PTR Two._http._tcp.local",
    );
    expect(found).toBe(
      "NOERROR, _http._tcp.local. 10 IN PTR One._http._tcp.local." +
        ", _http._tcp.local. 10 IN PTR Two._http._tcp.local.",
    );
  });

  it("are answered with SRV records, and with aliases before what they lead to", () => {
    const kit = new ServerKit();
    expect(
      askLink(
        kit,
        "One._http._tcp.local",
        "SRV",
        "One._http._tcp.local 120 SRV 0 0 80 node-7.local",
      ),
    ).toBe("NOERROR, One._http._tcp.local. 10 IN SRV 0 0 80 node-7.local.");
    const aliased = askLink(
      ...([kit, "www.local", "A"] as const),
      "www.local 120 CNAME node-7.local",
      "node-7.local 120 A 192.0.2.7",
    );
    expect(aliased).toBe(
      "NOERROR, www.local. 10 IN CNAME node-7.local., node-7.local. 10 IN A 192.0.2.7",
    );
  });

  it("tell a name that has other records from one that nobody has", () => {
    const kit = new ServerKit();
    const other = askLink(
      ...([kit, "node-7.local", "TXT"] as const),
      "node-7.local 120 NSEC node-7.local A",
    );
    expect(other).toBe("NOERROR");
    expect(kit.ask("node-8.local")).toBe("NXDOMAIN");
  });

  it("RFC 2308 §5: that there is none is told without a SOA record, so that nobody keeps it", () => {
    const kit = new ServerKit();
    const id = kit.question("node-8.local");
    kit.advance(5000);
    expect(kit.reply(id)!.reply.authorities).toEqual([]);
  });

  it("RFC 8020 §2: for local itself are answered at once, and deny nothing below it", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, NXDOMAIN);
    const id = kit.question("local", "SOA");
    expect(kit.reply(id)).toMatchObject({ at: 0, reply: { responseCode: 0, answers: [] } });
    expect(kit.trace).toEqual([]);
  });

  it("for names of addresses are answered under the name asked for", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, NXDOMAIN);
    const name = "7.2.0.192.in-addr.arpa";
    expect(askLink(kit, name, "PTR", `${name} 120 PTR node-7.local`)).toBe(
      `NOERROR, ${name}. 10 IN PTR node-7.local.`,
    );
  });
});

describe("questions for a bare label", () => {
  it("are answered by the link as an alias of its name there, and never go to name servers", () => {
    const kit = kitWith();
    expect(askLink(kit, "node-7", "A", "node-7.local 120 A 192.0.2.7")).toBe(
      "NOERROR, node-7. 10 IN CNAME node-7.local., node-7.local. 10 IN A 192.0.2.7",
    );
    expect(kit.ask("node-8")).toBe("NXDOMAIN");
    expect(kit.trace).toEqual([]);
  });

  it("do not wait as names in local do", () => {
    const kit = kitWith();
    const id = kit.question("node-8");
    kit.advance(5000);
    expect(kit.reply(id)?.at).toBe(550);
  });

  it("go to name servers where it is a top-level domain that is asked for", () => {
    const kit = kitWith("org. 300 IN NS a.nic.org.");
    expect(kit.ask("org", "NS")).toBe("NOERROR, org. 300 IN NS a.nic.org.");
  });
});

describe("questions for this host's own names", () => {
  const own = () => {
    const kit = new ServerKit({ mdnsMode: "full" });
    kit.advance(2000);
    return kit;
  };

  it.each([
    ["node-1.local", "A", "NOERROR aa, node-1.local. 10 IN A 192.0.2.1"],
    ["node-1", "A", "NOERROR aa, node-1. 10 IN A 192.0.2.1"],
    ["node-1.local", "AAAA", "NOERROR aa"],
    ["node-1.local", "TXT", "NOERROR aa"],
    [
      "1.2.0.192.in-addr.arpa",
      "PTR",
      "NOERROR aa, 1.2.0.192.in-addr.arpa. 10 IN PTR node-1.local.",
    ],
    ["localhost", "A", "NOERROR aa, localhost. 10 IN A 127.0.0.1"],
    ["www.localhost", "AAAA", "NOERROR aa, www.localhost. 10 IN AAAA ::1"],
    ["localhost", "MX", "NOERROR aa"],
    ["1.0.0.127.in-addr.arpa", "PTR", "NOERROR aa, 1.0.0.127.in-addr.arpa. 10 IN PTR localhost."],
    ["9.2.1.127.in-addr.arpa", "PTR", "NOERROR aa, 9.2.1.127.in-addr.arpa. 10 IN PTR localhost."],
    [ONE, "PTR", `NOERROR aa, ${ONE}. 10 IN PTR localhost.`],
  ])("%s %s: %s", (name, type, reply) => {
    const kit = own();
    expect(kit.ask(name, type)).toBe(reply);
    expect(kit.trace).toEqual([]);
  });
});

describe("questions that nobody is asked", () => {
  it.each([
    ["some.invalid", "A", "NXDOMAIN aa"],
    ["abc.onion", "AAAA", "NXDOMAIN aa"],
    ["192.0.2.7", "A", "NXDOMAIN"],
    ["1.100.51.198.in-addr.arpa", "PTR", "NXDOMAIN aa"],
    ["100.51.198.in-addr.arpa", "TXT", "NOERROR aa"],
    ["0.0.127.in-addr.arpa", "NS", "NOERROR aa"],
    ["_dns.resolver.arpa", "HTTPS", "NOERROR aa"],
    ["example.org", "AXFR", "NOTIMP"],
    ["example.org", "OPT", "FORMERR"],
  ])("%s %s: %s at once", (name, type, reply) => {
    const kit = kitWith();
    const id = kit.question(name, type);
    expect(kit.reply(id)?.at).toBe(0);
    expect(describeReply(kit.reply(id)!.reply)).toBe(reply);
    expect(kit.trace).toEqual([]);
  });

  it.each([
    ["some.invalid", "A", "invalid"],
    ["localhost", "MX", "localhost"],
    ["1.100.51.198.in-addr.arpa", "PTR", "100.51.198.in-addr.arpa"],
    ["100.51.198.in-addr.arpa", "TXT", "100.51.198.in-addr.arpa"],
    ["1.0.0.127.in-addr.arpa", "A", "127.in-addr.arpa"],
    ["0.0.127.in-addr.arpa", "PTR", "127.in-addr.arpa"],
    ["_dns.resolver.arpa", "SVCB", "resolver.arpa"],
  ])("RFC 2308 §3: that %s has no %s is proved by the SOA record of %s", (name, type, zone) => {
    const kit = kitWith();
    const { authorities } = kit.reply(kit.question(name, type))!.reply;
    const soa = `${zone}. 10 IN SOA ${zone}. nobody.invalid. 1 3600 1200 604800 10`;
    expect(authorities.map((record) => formatRecord(record))).toEqual([soa]);
  });

  it("RFC 6303 §3: an empty zone has a SOA and a NS record", () => {
    const kit = kitWith();
    const zone = "127.in-addr.arpa";
    expect(kit.ask(zone, "SOA", {}, 0)).toBe(
      `NOERROR aa, ${zone}. 10 IN SOA ${zone}. nobody.invalid. 1 3600 1200 604800 10`,
    );
    expect(kit.ask(zone, "NS", {}, 0)).toBe(`NOERROR aa, ${zone}. 10 IN NS ${zone}.`);
  });

  it("hosts file: a loopback address has the name that it says, but for that of localhost", () => {
    const hosts = HostsTable.parse("127.0.0.1 node-1\n127.0.1.1 node-1.example.org");
    const kit = new ServerKit({ hosts });
    expect(kit.ask("1.1.0.127.in-addr.arpa", "PTR", {}, 0)).toMatch(/PTR node-1\.example\.org\.$/);
    expect(kit.ask("1.0.0.127.in-addr.arpa", "PTR", {}, 0)).toMatch(
      /127\S+ 10 IN PTR localhost\.$/,
    );
  });

  it("hosts file: its addresses are answered, its other types go on", () => {
    const hosts = HostsTable.parse("192.0.2.200 nas.example.org");
    const kit = new ServerKit({ hosts });
    kit.serve(SERVER, () => ({ answers: ["nas.example.org. 300 IN MX 10 mail.example.org."] }));
    expect(kit.ask("nas.example.org")).toBe("NOERROR aa, nas.example.org. 10 IN A 192.0.2.200");
    expect(kit.ask("nas.example.org", "AAAA")).toBe("NOERROR");
    expect(kit.trace).toEqual([]);
    expect(kit.ask("nas.example.org", "MX")).toContain("MX 10 mail.example.org.");
    expect(kit.ask("200.2.0.192.in-addr.arpa", "PTR")).toContain("PTR nas.example.org.");
  });
});

describe("questions for name servers", () => {
  it("are passed through with types that nobody knows, and ANY as it is", () => {
    const kit = kitWith("www.example.org. 300 IN TYPE65280 \\# 3 0102ff");
    expect(kit.ask("www.example.org", "TYPE65280")).toBe(
      "NOERROR, www.example.org. 300 IN TYPE65280 \\# 3 0102ff",
    );
    kit.ask("example.org", "ANY");
    expect(kit.trace.at(-1)).toContain(`example.org ${RecordType.ANY} ${SERVER}`);
  });

  it("keep the denial's proof", () => {
    const kit = new ServerKit();
    const authorities = ["example.org. 300 IN SOA ns.example.org. root.example.org. 1 2 3 4 300"];
    kit.serve(SERVER, () => ({ code: ResponseCode.NXDOMAIN, authorities }));
    const id = kit.question("nowhere.example.org");
    kit.advance(100);
    expect(kit.reply(id)!.reply.authorities).toHaveLength(1);
  });

  it("a denial of what the link may know is for a short time", () => {
    const kit = new ServerKit();
    const authorities = ["192.in-addr.arpa. 300 IN SOA ns.example. root.example. 1 2 3 4 300"];
    kit.serve(SERVER, () => ({ code: ResponseCode.NXDOMAIN, authorities }));
    const id = kit.question("7.2.0.192.in-addr.arpa", "PTR");
    kit.advance(1000);
    expect(kit.reply(id)!.reply.authorities[0]?.ttl ?? 0).toBeLessThanOrEqual(10);
  });

  it("are told of failure with its reason, and of servers that refuse with their code", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, silent);
    const id = kit.question("www.example.org");
    kit.advance(12_000);
    const { responseCode, extendedErrors } = kit.reply(id)!.reply;
    expect(responseCode).toBe(ResponseCode.SERVFAIL);
    expect(extendedErrors.map(({ code }) => code)).toEqual([
      ExtendedErrorCode.NO_REACHABLE_AUTHORITY,
    ]);
    kit.serve(SERVER, withCode(ResponseCode.REFUSED));
    expect(kit.ask("www.example.com")).toBe("REFUSED");
  });

  it("without RD are answered from the cache or refused", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, answering("198.51.100.7"));
    expect(kit.ask("www.example.org", "A", { recursionDesired: false })).toBe("REFUSED");
    kit.ask("www.example.org", "A", {}, 100);
    expect(kit.ask("www.example.org", "A", { recursionDesired: false }, 100)).toContain(
      "A 198.51.100.7",
    );
  });

  it("of another class than the Internet's are refused where the link would be meant", () => {
    const kit = kitWith();
    expect(kit.ask("node-7.local", "TXT", { class: 3 })).toBe("REFUSED");
    expect(kit.trace).toEqual([]);
  });

  it("that are given up get no reply", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, silent);
    const id = kit.question("www.example.org");
    kit.engine.cancelQuestion(id as never, kit.instant);
    kit.advance(20_000);
    expect(kit.reply(id)).toBeUndefined();
  });
});

describe("the fast way", () => {
  const asked = () => {
    const kit = new ServerKit();
    kit.serve(SERVER, answering("198.51.100.7"));
    kit.ask("www.example.org", "A", {}, 100);
    return kit;
  };
  const reply = (kit: ServerKit, name: string, type: number = RecordType.A) =>
    kit.engine.replyFromCache(query(name, type), NO_FLAGS, kit.instant);

  it("gives the reply to a query's octets, as its client spelt the name", () => {
    const kit = asked();
    kit.advance(10_000);
    const found = reply(kit, "WWW.example.ORG")!;
    const message = parsed(found.octets, "dns");
    expect(message.id).toBe(0x1234);
    expect(message.questions[0]!.name.toString()).toBe("WWW.example.ORG");
    expect(message.answers.map(({ ttl }) => ttl)).toEqual([290]);
    expect(found.questionEnd).toBe(query("www.example.org", RecordType.A).length);
  });

  it("knows only what is fresh, of that very question", () => {
    const kit = asked();
    expect(reply(kit, "www.example.org", RecordType.AAAA)).toBeUndefined();
    expect(reply(kit, "example.org")).toBeUndefined();
    kit.advance(301_000);
    expect(reply(kit, "www.example.org")).toBeUndefined();
  });

  it("forgets a name that the hosts file has by now", () => {
    const kit = asked();
    kit.apply({ hosts: HostsTable.parse("192.0.2.200 www.example.org") });
    expect(reply(kit, "www.example.org")).toBeUndefined();
    expect(kit.ask("www.example.org")).toContain("192.0.2.200");
  });

  it("forgets a name that goes to other servers by now", () => {
    const kit = asked();
    kit.apply({ resolver: resolver({ routes: { ".": [SERVER], "example.org": ["192.0.2.54"] } }) });
    expect(reply(kit, "www.example.org")).toBeUndefined();
  });
});

describe("RFC 1034 §3.6.2: questions of which the answer is an alias of another protocol", () => {
  const NAS = "nas.example.org. 300 IN CNAME node-7.local.";

  it("from name servers to the link are answered with it and what the link has", () => {
    const kit = kitWith(NAS);
    expect(askLink(kit, "nas.example.org", "A", "node-7.local 120 A 192.0.2.7")).toBe(
      `NOERROR, ${NAS}, node-7.local. 10 IN A 192.0.2.7`,
    );
    expect(kit.trace).toEqual([`0 nas.example.org 1 ${SERVER}`]);
  });

  it("never take the fast way, which would give the alias alone", () => {
    const kit = kitWith(NAS);
    askLink(kit, "nas.example.org", "A", "node-7.local 120 A 192.0.2.7");
    const octets = query("nas.example.org", RecordType.A);
    expect(kit.engine.replyFromCache(octets, NO_FLAGS, kit.instant)).toBeUndefined();
    expect(kit.ask("nas.example.org", "A", {}, 100)).toContain("A 192.0.2.7");
    expect(kit.engine.replyFromCache(octets, NO_FLAGS, kit.instant)).toBeUndefined();
  });

  it("that were none before a prefetch are followed from then on", () => {
    const kit = kitWith("nas.example.org. 30 IN A 198.51.100.7");
    const octets = query("nas.example.org", RecordType.A);
    const fast = () => kit.engine.replyFromCache(octets, NO_FLAGS, kit.instant);
    kit.ask("nas.example.org", "A", {}, 100);
    for (let use = 0; use < 5; use++) expect(fast()).toBeDefined();
    kit.serve(SERVER, () => ({ answers: [NAS] }));
    kit.advance(26_920);
    kit.advance(100);
    expect(kit.trace).toHaveLength(2);
    expect(fast()).toBeUndefined();
    expect(askLink(kit, "nas.example.org", "A", "node-7.local 120 A 192.0.2.7")).toContain(
      "node-7.local. 10 IN A 192.0.2.7",
    );
  });

  it("RFC 6604 §3: have the response code of the name that the alias leads to", () => {
    expect(kitWith(NAS).ask("nas.example.org")).toBe(`NXDOMAIN, ${NAS}`);
  });

  it("are answered with the alias alone where that is what is asked for", () => {
    const kit = kitWith(NAS);
    expect(kit.ask("nas.example.org", "CNAME", {}, 100)).toBe(`NOERROR, ${NAS}`);
    expect(kit.questionsSent()).toEqual([]);
  });

  it("from name servers to this host have its addresses", () => {
    const kit = new ServerKit({ mdnsMode: "full" });
    kit.advance(2000);
    kit.serve(SERVER, () => ({ answers: ["me.example.org. 300 IN CNAME node-1.local."] }));
    expect(kit.ask("me.example.org")).toBe(
      "NOERROR, me.example.org. 300 IN CNAME node-1.local., node-1.local. 10 IN A 192.0.2.1",
    );
  });

  it("from the link to name servers keep each its ttl", () => {
    const kit = kitWith("www.example.org. 300 IN A 198.51.100.7");
    expect(askLink(kit, "web.local", "A", "web.local 120 CNAME www.example.org")).toBe(
      "NOERROR, web.local. 10 IN CNAME www.example.org., www.example.org. 300 IN A 198.51.100.7",
    );
    expect(kit.ask("web", "A", {}, 1000)).toContain(
      "web. 10 IN CNAME web.local., web.local. 10 IN CNAME www.example.org., www.example.org.",
    );
  });

  it("are denied for a short time where name servers deny what a link's alias leads to", () => {
    const kit = new ServerKit();
    const authorities = ["example.org. 300 IN SOA ns.example.org. root.example.org. 1 2 3 4 300"];
    kit.serve(SERVER, () => ({ code: ResponseCode.NXDOMAIN, authorities }));
    const id = kit.question("web.local");
    kit.advance(100);
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    const { reply } = kit.reply(id)!;
    expect(describeReply(reply)).toBe("NXDOMAIN, web.local. 10 IN CNAME www.example.org.");
    expect(reply.authorities.map(({ ttl }) => ttl)).toEqual([10]);
  });

  it("are not asked of name servers without RD: the alias is the answer", () => {
    const kit = kitWith("www.example.org. 300 IN A 198.51.100.7");
    const id = kit.question("web.local", "A", { recursionDesired: false });
    kit.advance(100);
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    expect(describeReply(kit.reply(id)!.reply)).toBe(
      "NOERROR, web.local. 10 IN CNAME www.example.org.",
    );
    expect(kit.trace).toEqual([]);
  });

  it("fail where it goes in a circle", () => {
    const kit = kitWith(NAS);
    expect(askLink(kit, "nas.example.org", "A", "node-7.local 120 CNAME nas.example.org")).toBe(
      "SERVFAIL",
    );
  });
});
