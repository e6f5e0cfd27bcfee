/** Probing and tiebreaking (RFC 6762 §8.1, §8.2). */

import { describe, expect, it } from "vitest";
import { LINK, PEER_ADDRESS, sections } from "./fake-link.ts";
import {
  host,
  published,
  ResponderOnLink,
  service,
  shared,
  times,
  unique,
} from "./responder-kit.ts";

describe("probing", () => {
  it("§8.1: three probes go out 250 ms apart, then the name is announced", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([0, 250, 500]);
    expect(times(sent, "announcements-sent")).toEqual([750, 1750]);
    expect(sent).toHaveLength(5);
    expect(rig.responder.state(id)).toEqual({ state: "registered", since: 750 });
    expect(rig.takeEventKinds()).toEqual(["registered"]);
  });

  it("§8.1: the first probe waits for a random time of up to 250 ms", () => {
    const rig = new ResponderOnLink();
    const ranges: number[][] = [];
    rig.link.choose = (min, max) => {
      ranges.push([min, max]);
      return max;
    };
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10_000);
    expect(ranges[0]).toEqual([0, 250]);
    expect(times(rig.take(), "probes-sent")).toEqual([250, 500, 750]);
  });

  it("§8.1, §8.2: a probe is a QU question of type ANY with all proposed records, not flushing", () => {
    const rig = new ResponderOnLink();
    rig.register(
      ...host("host.local", "192.0.2.1", "fe80::1"),
      shared("a.local. 10 IN PTR b.local."),
    );
    rig.link.advance(0);
    const [probe] = rig.take().filter(({ counter }) => counter === "probes-sent");
    expect(probe?.target).toBe("groups");
    expect(probe?.message.flags).toBe(0);
    expect(sections(probe!.message)).toEqual({
      questions: ["host.local. IN+QU ANY"],
      authorities: ["host.local. 120 IN A 192.0.2.1", "host.local. 120 IN AAAA fe80::1"],
    });
  });

  it("§15.1: probes are QM while another process holds the port", () => {
    const rig = new ResponderOnLink();
    rig.link.link = { ...LINK, sharesPort: true };
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(0);
    expect(sections(rig.take()[0]!.message).questions).toEqual(["host.local. IN ANY"]);
  });

  it("§8.1: names that are due together share a packet, also of several registrations", () => {
    const rig = new ResponderOnLink();
    rig.link.choose = (_min, max) => max;
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(100);
    rig.register(...service("Web", "_http._tcp.local", 80, "host.local"));
    rig.link.advance(150);
    const sent = rig.take();
    expect(sent).toHaveLength(1);
    expect(sections(sent[0]!.message).questions).toEqual([
      "host.local. IN+QU ANY",
      "Web._http._tcp.local. IN+QU ANY",
    ]);
  });

  it("§8.1: reverse mapping records are not probed for but announced with the name", () => {
    const rig = new ResponderOnLink();
    const reverse = "1.2.0.192.in-addr.arpa. 120 IN PTR host.local.";
    rig.register(...host("host.local", "192.0.2.1"), published(reverse, "known-unique", true));
    rig.link.advance(749);
    expect(rig.take().flatMap(({ message }) => message.questions)).toHaveLength(3);
    rig.link.advance(1);
    expect(sections(rig.take()[0]!.message).answers).toEqual([
      "host.local. 120 IN+flush A 192.0.2.1",
      "1.2.0.192.in-addr.arpa. 120 IN+flush PTR host.local.",
    ]);
  });

  it("§8.1: a record of the name of any type from another host takes the name away", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response({ answers: ["HOST.local. 120 IN+flush TXT x"] });
    expect(rig.responder.state(id)).toMatchObject({
      state: "conflicted",
      rival: { address: PEER_ADDRESS },
    });
    expect(rig.takeEventKinds()).toEqual(["conflicted"]);
    rig.take();
    rig.link.advance(60_000);
    expect(rig.take()).toEqual([]);
  });

  it("§8.1: conflicting responses before the first probe are ignored", () => {
    const rig = new ResponderOnLink();
    rig.link.choose = (_min, max) => max;
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(249);
    rig.response({ answers: ["host.local. 120 IN+flush A 192.0.2.99"] });
    rig.link.advance(10_000);
    expect(rig.state(id)).toBe("registered");
  });

  it("§8.1: a conflict up to the last moment of probing counts", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(749);
    rig.response({ additionals: ["host.local. 120 IN+flush A 192.0.2.99"] });
    expect(rig.state(id)).toBe("conflicted");
  });

  it("§9: identical data, goodbyes and NSEC records of others are no conflict", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response({
      answers: ["host.local. 120 IN+flush A 192.0.2.1", "host.local. 0 IN+flush A 192.0.2.99"],
      additionals: ["host.local. 120 IN+flush NSEC host.local. A"],
    });
    rig.link.advance(10_000);
    expect(rig.state(id)).toBe("registered");
  });

  it("§9: records of other links of ours, and old ones that come back, are no conflict", () => {
    const rig = new ResponderOnLink();
    rig.link.echoes.add("host.local. 0 IN A 198.51.100.7");
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response({ answers: ["host.local. 120 IN+flush A 198.51.100.7"] });
    rig.link.advance(10_000);
    expect(rig.state(id)).toBe("registered");
  });

  it("a lost name silences the whole registration, and its other names say goodbye", () => {
    const rig = new ResponderOnLink();
    const records = [...host("a.local", "192.0.2.1"), ...host("b.local", "192.0.2.1")];
    const id = rig.establish(...records, shared("_x._tcp.local. 4500 IN PTR a.local."));
    rig.response({ answers: ["a.local. 120 IN+flush A 192.0.2.99"] });
    rig.link.advance(10);
    rig.response({ answers: ["a.local. 120 IN+flush A 192.0.2.99"] });
    expect(rig.state(id)).toBe("conflicted");
    rig.link.advance(1);
    const goodbye = rig.take().find(({ counter }) => counter === "goodbyes-sent");
    expect(sections(goodbye!.message).answers).toEqual([
      "b.local. 0 IN+flush A 192.0.2.1",
      "_x._tcp.local. 0 IN PTR a.local.",
    ]);
    rig.ask("b.local. IN A");
    expect(rig.take()).toEqual([]);
  });

  it("an update with another name after a conflict probes for that name", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response({ answers: ["host.local. 120 IN+flush A 192.0.2.99"] });
    rig.take();
    rig.update(id, ...host("host-2.local", "192.0.2.1"));
    expect(rig.state(id)).toBe("probing");
    rig.link.advance(2000);
    expect(rig.state(id)).toBe("registered");
    expect(sections(rig.take()[0]!.message).questions).toEqual(["host-2.local. IN+QU ANY"]);
  });

  it("§8.1: fifteen conflicts within ten seconds bring five seconds before each attempt", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    for (let attempt = 1; attempt <= 15; attempt++) {
      rig.link.advance(1);
      rig.take();
      const name = attempt === 1 ? "host" : `host-${attempt}`;
      rig.response({ answers: [`${name}.local. 120 IN+flush A 192.0.2.99`] });
      rig.update(id, ...host(`host-${attempt + 1}.local`, "192.0.2.1"));
    }
    const pausedAt = rig.link.now;
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent").map((at) => at - pausedAt)).toEqual([5000, 5250, 5500]);
  });
});

describe("simultaneous probes", () => {
  const theirs = (address: string) => ({
    questions: ["host.local. IN+QU ANY"],
    authorities: [`host.local. 120 IN A ${address}`],
  });

  it("§8.2: the loser waits one second and probes for the same name again", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(300);
    rig.query(theirs("192.0.2.99"));
    expect(rig.responder.state(id)).toEqual({ state: "probing", conflicts: 1 });
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([0, 250, 1300, 1550, 1800]);
    expect(times(sent, "announcements-sent")).toEqual([2050, 3050]);
    expect(rig.takeEventKinds()).toEqual(["registered"]);
  });

  it("§8.2: further probes of the winner do not prolong the wait", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    for (let count = 0; count < 3; count++) {
      rig.link.advance(200);
      rig.query(theirs("192.0.2.99"));
    }
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 1200, 1450, 1700]);
  });

  it("§8.2: the winner, with unsigned comparison, goes on", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.200"));
    rig.link.advance(10);
    rig.query(theirs("192.0.2.99"));
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 250, 500]);
  });

  it("§8.2: the same data is no conflict", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.query(theirs("192.0.2.1"));
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 250, 500]);
  });

  it("§8.2.1: of two sets where one is the beginning of the other, the longer wins", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.query({
      questions: ["host.local. IN+QU ANY"],
      authorities: ["host.local. 120 IN AAAA fe80::9", "host.local. 120 IN A 192.0.2.1"],
    });
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 1010, 1260, 1510]);
  });

  it("§8.2: our own probe that comes back from another link of ours is no rival", () => {
    const rig = new ResponderOnLink();
    rig.link.echoes.add("host.local. 0 IN A 198.51.100.7");
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.query(theirs("198.51.100.7"));
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 250, 500]);
  });

  it("§8.2: a loser whose rival then answers its probes loses the name", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.query(theirs("192.0.2.99"));
    rig.link.advance(900);
    rig.response({ answers: ["host.local. 120 IN+flush A 192.0.2.99"] });
    expect(rig.state(id)).toBe("probing");
    rig.link.advance(101);
    rig.response({ answers: ["host.local. 120 IN+flush A 192.0.2.99"] });
    expect(rig.state(id)).toBe("conflicted");
  });

  it("§8.2: a query without proposed records is no rival", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.ask("host.local. IN ANY");
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([0, 250, 500]);
    expect(times(sent, "responses-sent")).toEqual([]);
  });

  it("§8.2.1: records in any order are sorted before they are compared", () => {
    const rig = new ResponderOnLink();
    rig.register(unique("s.local. 120 IN SRV 0 0 80 h.local."), unique("s.local. 120 IN TXT a"));
    rig.link.advance(10);
    // Sorted, TXT comes first, and "b" is later than "a".
    rig.query({
      questions: ["s.local. IN+QU ANY"],
      authorities: ["s.local. 120 IN SRV 0 0 1 a.local.", "s.local. 120 IN TXT b"],
    });
    rig.link.advance(10_000);
    expect(times(rig.take(), "probes-sent")).toEqual([0, 1010, 1260, 1510]);
  });
});
