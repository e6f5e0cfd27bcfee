/** Answers to queries (RFC 6762 §5.4, §5.5, §6, §7.1, §7.2, §7.4). */

import { describe, expect, it } from "vitest";
import type { PublishedRecord } from "../../src/mdns/types.ts";
import { Flag } from "../../src/wire/constants.ts";
import { sections } from "./fake-link.ts";
import { host, published, ResponderOnLink, service, shared, unique } from "./responder-kit.ts";

const WEB = service("Web", "_http._tcp.local", 80, "host.local");
const A_RECORD = "host.local. 120 IN+flush A 192.0.2.1";
const BROWSE_RECORD = "_http._tcp.local. 4500 IN PTR Web._http._tcp.local.";
const NO_AAAA = "host.local. 120 IN+flush NSEC host.local. A";

/** Everything established at 5000. */
function established(...more: readonly PublishedRecord[]): ResponderOnLink {
  const rig = new ResponderOnLink();
  rig.establish(...host("host.local", "192.0.2.1"), ...WEB, ...more);
  return rig;
}

describe("answers", () => {
  it("§6: a unique record is sent at once, on the family the query came by", () => {
    const rig = established();
    rig.ask("HOST.local. IN A", { family: "ipv6", address: "fe80::99" });
    const [sent] = rig.take();
    expect(sent).toMatchObject({
      at: 5000,
      target: { group: "ipv6" },
      counter: "responses-sent",
      message: { id: 0, flags: 0x8400 },
    });
    expect(sections(sent!.message)).toEqual({ answers: [A_RECORD], additionals: [NO_AAAA] });
  });

  it("§6: a shared record waits between 20 and 120 ms, with what RFC 6763 §12 adds to it", () => {
    for (const [bound, at] of [
      ["min", 5020],
      ["max", 5120],
    ] as const) {
      const rig = established();
      rig.link.choose = (min, max) => (bound === "min" ? min : max);
      rig.ask("_http._tcp.local. IN PTR");
      rig.link.advance(1000);
      const [sent] = rig.take();
      expect(sent?.at).toBe(at);
      expect(sections(sent!.message)).toEqual({
        answers: [BROWSE_RECORD],
        additionals: [
          "Web._http._tcp.local. 120 IN+flush SRV 0 0 80 host.local.",
          'Web._http._tcp.local. 4500 IN+flush TXT ""',
          A_RECORD,
          NO_AAAA,
        ],
      });
    }
  });

  it("RFC 6763 §12.2: the target's addresses go with an SRV record", () => {
    const rig = established(...host("host.local", "fe80::1"));
    rig.ask("Web._http._tcp.local. IN SRV");
    expect(sections(rig.take()[0]!.message).additionals).toEqual([
      A_RECORD,
      "host.local. 120 IN+flush AAAA fe80::1",
    ]);
  });

  it("§6.2: the other family's addresses go with an address, and all of a family together", () => {
    const rig = established(...host("host.local", "192.0.2.2", "fe80::1"));
    rig.ask("host.local. IN A");
    expect(sections(rig.take()[0]!.message)).toEqual({
      answers: [A_RECORD, "host.local. 120 IN+flush A 192.0.2.2"],
      additionals: ["host.local. 120 IN+flush AAAA fe80::1"],
    });
  });

  it("§6.3: several questions that are all about unique names of ours are answered at once", () => {
    const rig = established();
    rig.query({ questions: ["host.local. IN A", "host.local. IN AAAA"] });
    expect(rig.takeAnswers()).toEqual([[5000, "responses-sent", [A_RECORD, NO_AAAA]]]);
  });

  it("§6.3: a unique answer waits when the query asks for something else too", () => {
    const rig = established();
    rig.query({ questions: ["host.local. IN A", "other.local. IN A"] });
    rig.link.advance(1000);
    expect(rig.takeAnswers()).toEqual([[5020, "responses-sent", [A_RECORD]]]);
  });

  it("§6.4: answers to queries that follow closely share a packet", () => {
    const rig = established(shared("_ipp._tcp.local. 4500 IN PTR P._ipp._tcp.local."));
    rig.ask("_http._tcp.local. IN PTR");
    rig.link.advance(10);
    rig.ask("_ipp._tcp.local. IN PTR");
    rig.link.advance(1000);
    const answers = rig.takeAnswers();
    expect(answers).toHaveLength(1);
    expect(answers[0]![0]).toBe(5030);
    expect(answers[0]![2]).toHaveLength(2);
  });

  it("§6.4: under a stream of queries no answer waits for more than 240 ms", () => {
    const rig = established();
    rig.link.choose = (_min, max) => max;
    for (let count = 0; count < 40; count++) {
      rig.ask("_http._tcp.local. IN PTR");
      rig.link.advance(20);
    }
    expect(rig.take()[0]!.at).toBeLessThanOrEqual(5240);
  });

  it("§6.5: ANY, of type and of class, gets all records of the name", () => {
    const rig = established();
    rig.ask("Web._http._tcp.local. ANY ANY");
    expect(rig.takeAnswers()[0]![2]).toEqual([
      "Web._http._tcp.local. 120 IN+flush SRV 0 0 80 host.local.",
      'Web._http._tcp.local. 4500 IN+flush TXT ""',
    ]);
  });

  it("§6: a question of another class is not answered", () => {
    const rig = established();
    rig.ask("host.local. CH A");
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
  });

  it("§6: an alias is answered with its CNAME record and what it stands for", () => {
    const rig = established(unique("nas.local. 120 IN CNAME host.local."));
    rig.ask("nas.local. IN A");
    expect(sections(rig.take()[0]!.message)).toEqual({
      answers: ["nas.local. 120 IN+flush CNAME host.local.", A_RECORD],
      additionals: [NO_AAAA],
    });
  });

  it("aliases that point at each other end", () => {
    const rig = established(
      unique("a.local. 120 IN CNAME b.local."),
      unique("b.local. 120 IN CNAME a.local."),
    );
    rig.ask("a.local. IN A");
    expect(rig.takeAnswers()[0]![2]).toHaveLength(2);
  });

  it("§6: a record is not multicast again within a second", () => {
    const rig = established();
    for (let count = 0; count < 200; count++) {
      rig.ask("host.local. IN A");
      rig.link.advance(10);
    }
    rig.link.advance(10_000);
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([5000, 6000, 7000]);
  });

  it("§6: queries that were on their way when their answer went out are not answered again", () => {
    const rig = established();
    for (let count = 0; count < 5; count++) {
      rig.ask("host.local. IN A");
      rig.link.advance(10);
    }
    rig.link.advance(10_000);
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([5000]);
    expect(rig.link.counters.value("answers-suppressed")).toBe(4);
  });

  it("§6: what went to one family's group does not keep the other's from its answer", () => {
    const rig = established();
    rig.ask("host.local. IN A");
    rig.ask("host.local. IN A", { family: "ipv6", address: "fe80::99" });
    expect(rig.take().map(({ target }) => target)).toEqual([{ group: "ipv4" }, { group: "ipv6" }]);
  });

  it("§6: additional records that were multicast within the last second are left out", () => {
    const rig = established();
    rig.ask("host.local. IN A");
    rig.take();
    rig.ask("Web._http._tcp.local. IN SRV");
    expect(sections(rig.take()[0]!.message)).toEqual({
      answers: ["Web._http._tcp.local. 120 IN+flush SRV 0 0 80 host.local."],
    });
  });

  it("§17: additional records that no longer fit in the packet are left out, and can be asked for", () => {
    const rig = new ResponderOnLink();
    const many = Array.from({ length: 40 }, (_, index) => {
      return service(`Service-number-${index}`, "_http._tcp.local", 80, "host.local");
    });
    rig.establish(...many.flat());
    rig.ask("_http._tcp.local. IN PTR");
    rig.link.advance(200);
    const { message } = rig.take()[0]!;
    expect(message.answers).toHaveLength(40);
    rig.ask("Service-number-39._http._tcp.local. IN SRV");
    expect(rig.takeAnswers()[0]![2]).toHaveLength(1);
  });
});

describe("negative answers", () => {
  it("§6.1: an absent type of a unique name is denied, with the cache-flush bit", () => {
    const rig = established();
    rig.ask("host.local. IN AAAA");
    expect(rig.takeAnswers()).toEqual([[5000, "responses-sent", [NO_AAAA]]]);
    rig.ask("Web._http._tcp.local. IN A");
    expect(rig.takeAnswers()[0]![2]).toEqual([
      "Web._http._tcp.local. 120 IN+flush NSEC Web._http._tcp.local. TXT SRV",
    ]);
  });

  it("§6.1: reverse mapping names deny, names of shared records only do not", () => {
    const rig = established(
      published("1.2.0.192.in-addr.arpa. 120 IN PTR host.local.", "known-unique"),
    );
    rig.ask("1.2.0.192.in-addr.arpa. IN A");
    expect(rig.takeAnswers()[0]![2]).toEqual([
      "1.2.0.192.in-addr.arpa. 120 IN+flush NSEC 1.2.0.192.in-addr.arpa. PTR",
    ]);
    rig.ask("_http._tcp.local. IN A");
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
  });

  it("§6.1: nothing is denied of a name that is still being probed for", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(600);
    rig.take();
    rig.ask("host.local. IN AAAA");
    expect(rig.take()).toEqual([]);
  });

  it("§6.1: a denial follows what the name has now", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...host("host.local", "192.0.2.1"));
    rig.ask("host.local. IN TXT");
    rig.update(id, ...host("host.local", "192.0.2.1", "fe80::1"));
    rig.link.advance(5000);
    rig.take();
    rig.ask("host.local. IN TXT");
    expect(rig.takeAnswers()[0]![2]).toEqual(["host.local. 120 IN+flush NSEC host.local. A AAAA"]);
  });
});

describe("unicast answers", () => {
  const QU = "host.local. IN+QU A";

  it("§5.4: a QU question is answered to the querier when the record was multicast of late", () => {
    const rig = established();
    rig.ask(QU);
    const [sent] = rig.take();
    expect(sent).toMatchObject({
      at: 5000,
      counter: "unicast-responses-sent",
      target: {
        family: "ipv4",
        endpoint: { address: "192.0.2.99", port: 5353 },
        from: { to: "group" },
      },
    });
    expect(sections(sent!.message).answers).toEqual([A_RECORD]);
  });

  it("§5.4: it is multicast instead when that is more than a quarter of the TTL ago", () => {
    const rig = established();
    rig.link.advance(26_750);
    rig.ask(QU);
    expect(rig.take()[0]?.counter).toBe("unicast-responses-sent");
    rig.link.advance(1);
    rig.ask(QU);
    expect(rig.take()).toMatchObject([{ counter: "responses-sent", target: { group: "ipv4" } }]);
  });

  it("§5.4: a shared record is sent by unicast too, after its random delay", () => {
    const rig = established();
    rig.ask("_http._tcp.local. IN+QU PTR");
    rig.link.advance(1000);
    expect(rig.take()).toMatchObject([{ at: 5020, counter: "unicast-responses-sent" }]);
  });

  it("§5.5: a query sent directly to us is answered directly, from the address that was asked", () => {
    const rig = established();
    rig.ask("host.local. IN A", { to: "192.0.2.1" });
    expect(rig.take()).toMatchObject([
      {
        counter: "unicast-responses-sent",
        target: { from: { to: "unicast", address: "192.0.2.1" } },
      },
    ]);
  });

  it("§11: a QU question from a source that is not on the link is answered by multicast", () => {
    const rig = established();
    rig.ask(QU, { address: "203.0.113.5" });
    expect(rig.take()[0]?.counter).toBe("responses-sent");
  });

  it("§15.1: another process of this host is answered by multicast", () => {
    const rig = established();
    rig.ask(QU, { address: "192.0.2.1", fromThisHost: true });
    expect(rig.take()[0]?.counter).toBe("responses-sent");
  });

  it("answers for ever more queriers are multicast, so that nothing grows", () => {
    const rig = established();
    for (let count = 0; count < 1000; count++) {
      const address = `192.0.2.${count % 250}`;
      rig.ask("_http._tcp.local. IN+QU PTR", { address, port: 5353 });
    }
    for (let count = 0; count < 1000; count++) {
      const address = `fe80::${count.toString(16)}`;
      rig.ask("_http._tcp.local. IN+QU PTR", { address, family: "ipv6" });
    }
    expect(rig.link.pendingDeadlines).toBeLessThan(300);
    rig.link.advance(1000);
    expect(rig.take().some(({ counter }) => counter === "responses-sent")).toBe(true);
  });
});

describe("defence", () => {
  const PROBE = {
    questions: ["host.local. IN ANY"],
    authorities: ["host.local. 120 IN A 192.0.2.99"],
  };
  const QU_PROBE = { ...PROBE, questions: ["host.local. IN+QU ANY"] };

  it("§6: a probe for a name of ours is answered at once", () => {
    const rig = established();
    rig.query(PROBE);
    expect(rig.takeAnswers()).toEqual([[5000, "responses-sent", [A_RECORD]]]);
  });

  it("§6: each probe is answered by multicast when 250 ms have passed since the last answer", () => {
    const rig = established();
    rig.query(PROBE);
    rig.link.advance(100);
    rig.query(PROBE);
    rig.link.advance(300);
    rig.query(PROBE);
    rig.link.advance(1000);
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([5000, 5250, 5500]);
  });

  it("§5.4: a QU probe always gets a unicast answer, and a multicast where it is time for one", () => {
    const rig = established();
    rig.query(QU_PROBE);
    rig.query(QU_PROBE);
    expect(rig.take().map(({ counter }) => counter)).toEqual([
      "unicast-responses-sent",
      "unicast-responses-sent",
    ]);
    rig.link.advance(60_000);
    rig.query(QU_PROBE);
    expect(rig.take().map(({ counter }) => counter)).toEqual([
      "unicast-responses-sent",
      "responses-sent",
    ]);
  });

  it("§6.3: a defence is not delayed by the other questions of the query", () => {
    const rig = established();
    rig.query({ ...PROBE, questions: ["_http._tcp.local. IN PTR", "host.local. IN ANY"] });
    rig.link.advance(1000);
    expect(rig.takeAnswers().map(([at, , answers]) => [at, answers])).toEqual([
      [5000, [A_RECORD]],
      [5020, [BROWSE_RECORD]],
    ]);
  });
});

describe("known answers", () => {
  const ask = { questions: ["_http._tcp.local. IN PTR"] };

  it("§7.1: an answer that the querier has for at least half of its TTL is not sent", () => {
    const rig = established();
    rig.query({ ...ask, answers: ["_HTTP._tcp.local. 2250 IN PTR WEB._http._tcp.local."] });
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
    rig.query({ ...ask, answers: ["_http._tcp.local. 2249 IN PTR Web._http._tcp.local."] });
    rig.link.advance(1000);
    expect(rig.take()).toHaveLength(1);
  });

  it("§7.1: known records are left out of the additional section too", () => {
    const rig = established();
    rig.query({ ...ask, answers: ["host.local. 100 IN A 192.0.2.1"] });
    rig.link.advance(1000);
    expect(sections(rig.take()[0]!.message).additionals).not.toContain(A_RECORD);
  });

  it("§10.2: a unique set of which only a part is known is sent whole", () => {
    const rig = established(...host("host.local", "192.0.2.2"));
    rig.query({ questions: ["host.local. IN A"], answers: ["host.local. 120 IN A 192.0.2.1"] });
    expect(rig.takeAnswers()[0]![2]).toHaveLength(2);
  });

  it("§7.2: the answer to a truncated query waits 400 ms for the rest of the known answers", () => {
    const rig = established();
    rig.query({ ...ask, flags: Flag.TC });
    rig.link.advance(1000);
    expect(rig.takeAnswers()).toEqual([[5400, "responses-sent", [BROWSE_RECORD]]]);
  });

  it("§7.2: what following packets of the same host list is not sent", () => {
    const rig = established();
    rig.query({ ...ask, flags: Flag.TC });
    rig.link.advance(10);
    rig.query({ answers: [BROWSE_RECORD] });
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
  });

  it("§7.2: known answers of another host change nothing", () => {
    const rig = established();
    rig.query({ ...ask, flags: Flag.TC });
    rig.query({ answers: [BROWSE_RECORD] }, { address: "192.0.2.98" });
    rig.link.advance(1000);
    expect(rig.take()).toHaveLength(1);
  });

  it("§7.2: another host that waits for the same answer gets it", () => {
    const rig = established();
    rig.query({ ...ask, flags: Flag.TC });
    rig.query(ask, { address: "192.0.2.98" });
    rig.query({ answers: [BROWSE_RECORD] });
    rig.link.advance(1000);
    expect(rig.takeAnswers()).toEqual([[5020, "responses-sent", [BROWSE_RECORD]]]);
  });

  it("§7.2: each further truncated packet begins the pause anew", () => {
    const rig = established();
    rig.query({ ...ask, flags: Flag.TC });
    rig.link.advance(300);
    rig.query({ answers: ["_x.local. 9 IN PTR y.local."], flags: Flag.TC });
    rig.link.advance(1000);
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([5700]);
  });

  it("§7.2: an endless stream of truncated packets does not put the answer off for ever", () => {
    const rig = established();
    for (let count = 0; count < 100; count++) {
      rig.query({ ...ask, flags: Flag.TC });
      rig.link.advance(100);
    }
    const [first] = rig.take();
    expect(first!.at).toBeLessThanOrEqual(5000 + 16 * 100 + 500);
    expect(rig.link.counters.value("discarded-known-answers-overflow")).toBeGreaterThan(0);
  });

  it("§7.2: truncated queries of ever more hosts are answered without waiting", () => {
    const rig = established();
    for (let count = 0; count < 1000; count++) {
      const address = `fe80::${count.toString(16)}`;
      rig.query({ ...ask, flags: Flag.TC }, { address, family: "ipv6" });
    }
    expect(rig.link.pendingDeadlines).toBeLessThan(100);
    rig.link.advance(20);
    expect(rig.take()).toHaveLength(1);
  });

  it("§7.4: an answer that another host gives first is not given again", () => {
    const rig = established();
    rig.ask("_http._tcp.local. IN PTR");
    rig.response({ answers: [BROWSE_RECORD] });
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
  });

  it("§7.4: with a lower TTL, or by unicast to us alone, it does not count", () => {
    for (const [ttl, to] of [
      [4499, undefined],
      [4500, "192.0.2.1"],
    ] as const) {
      const rig = established();
      rig.ask("_http._tcp.local. IN PTR");
      const answers = [`_http._tcp.local. ${ttl} IN PTR Web._http._tcp.local.`];
      rig.response({ answers }, to === undefined ? {} : { to });
      rig.link.advance(1000);
      expect(rig.take()).toHaveLength(1);
    }
  });
});

describe("legacy queries", () => {
  const LEGACY = { port: 40_000 };

  it("§6.7: the id and question come back to the port, with TTLs of ten seconds and no flushing", () => {
    const rig = established();
    rig.query({ id: 4711, flags: Flag.RD, questions: ["host.local. IN A"] }, LEGACY);
    const [sent] = rig.take();
    expect(sent).toMatchObject({
      at: 5000,
      counter: "legacy-responses-sent",
      target: { family: "ipv4", endpoint: { address: "192.0.2.99", port: 40_000 } },
      message: { id: 4711, flags: 0x8400 },
    });
    expect(sections(sent!.message)).toEqual({
      questions: ["host.local. IN A"],
      answers: ["host.local. 10 IN A 192.0.2.1"],
      additionals: ["host.local. 10 IN NSEC host.local. A"],
    });
  });

  it("§6.7: shared records come after the random delay, and what was just multicast comes too", () => {
    const rig = established();
    rig.ask("_http._tcp.local. IN PTR");
    rig.link.advance(30);
    rig.take();
    rig.ask("_http._tcp.local. IN PTR", LEGACY);
    rig.link.advance(1000);
    expect(rig.take()).toMatchObject([{ at: 5050, counter: "legacy-responses-sent" }]);
  });

  it("§6.1: an absent type is told as a name server does, without an answer", () => {
    const rig = established();
    rig.ask("host.local. IN AAAA", LEGACY);
    expect(sections(rig.take()[0]!.message)).toEqual({
      questions: ["host.local. IN AAAA"],
      authorities: ["host.local. 10 IN NSEC host.local. A"],
    });
  });

  it("§6: nothing is said of names that are not ours", () => {
    const rig = established();
    rig.ask("other.local. IN A", LEGACY);
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
  });

  it("a flood of legacy queries for shared records leaves a bounded number pending", () => {
    const rig = established();
    for (let port = 10_000; port < 11_000; port++) rig.ask("_http._tcp.local. IN PTR", { port });
    expect(rig.link.pendingDeadlines).toBeLessThan(300);
    rig.link.advance(1000);
    expect(rig.take()).toHaveLength(1000);
  });
});
