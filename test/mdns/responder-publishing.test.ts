/** Announcing, updating, goodbyes (RFC 6762 §8.3, §8.4, §10.1), and starting again (§8). */

import { describe, expect, it } from "vitest";
import { Name } from "../../src/wire/name.ts";
import { LINK, record, sections } from "./fake-link.ts";
import {
  host,
  published,
  ResponderOnLink,
  service,
  shared,
  times,
  unique,
} from "./responder-kit.ts";

const WEB = service("Web", "_http._tcp.local", 80, "host.local");

describe("announcing", () => {
  it("§8.3: the number of announcements is as set, with intervals that double", () => {
    const rig = new ResponderOnLink();
    rig.link.settings = { ...rig.link.settings, announcements: 4 };
    rig.register(shared("_x._tcp.local. 4500 IN PTR a._x._tcp.local."));
    rig.link.advance(60_000);
    expect(times(rig.take(), "announcements-sent")).toEqual([0, 1000, 3000, 7000]);
  });

  it("§8.3: shared and unique records become known together, and only the unique ones flush", () => {
    const rig = new ResponderOnLink();
    rig.register(...WEB);
    rig.link.advance(750);
    const [announcement] = rig.take().filter(({ counter }) => counter === "announcements-sent");
    expect(announcement?.target).toBe("groups");
    expect(announcement?.message.flags).toBe(0x8400);
    expect(sections(announcement!.message)).toEqual({
      answers: [
        "Web._http._tcp.local. 120 IN+flush SRV 0 0 80 host.local.",
        'Web._http._tcp.local. 4500 IN+flush TXT ""',
        "_http._tcp.local. 4500 IN PTR Web._http._tcp.local.",
      ],
    });
  });

  it("§6.2: an announcement of one family's addresses says that there are no others", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(750);
    const [announcement] = rig.take().filter(({ counter }) => counter === "announcements-sent");
    expect(sections(announcement!.message).additionals).toEqual([
      "host.local. 120 IN+flush NSEC host.local. A",
    ]);
  });

  it("our own querier hears of records when they are won, and when they go", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(749);
    expect(rig.link.added).toEqual([]);
    expect(rig.responder.ownRecords(Name.parse("host.local"), 1)).toEqual([]);
    rig.link.advance(1);
    expect(rig.link.added).toEqual(["host.local. 120 IN+flush A 192.0.2.1"]);
    expect(rig.responder.ownRecords(Name.parse("HOST.local"), 255)).toHaveLength(1);
    rig.withdraw(id);
    expect(rig.link.removed).toEqual(["host.local. 120 IN+flush A 192.0.2.1"]);
  });

  it("a record is known as ours from its registration to its withdrawal, whatever the TTL", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    expect(rig.responder.publishes(record("HOST.local. 1 IN A 192.0.2.1"))).toBe(true);
    expect(rig.responder.publishes(record("host.local. 120 IN A 192.0.2.2"))).toBe(false);
    rig.withdraw(id);
    expect(rig.responder.publishes(record("host.local. 120 IN A 192.0.2.1"))).toBe(false);
  });
});

describe("updating", () => {
  it("§8.4: a changed unique record is announced without probing, and without a goodbye", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...WEB);
    rig.update(id, WEB[0]!, WEB[1]!, unique("Web._http._tcp.local. 4500 IN TXT a=1"));
    rig.link.advance(5000);
    const announced = ['Web._http._tcp.local. 4500 IN+flush TXT "a=1"'];
    expect(rig.takeAnswers()).toEqual([
      [5000, "announcements-sent", announced],
      [6000, "announcements-sent", announced],
    ]);
    expect(rig.takeEventKinds()).toEqual([]);
  });

  it("§8.4: a changed shared record says goodbye before the new one is announced", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(shared("_x._tcp.local. 4500 IN PTR a.local."));
    rig.update(id, shared("_x._tcp.local. 4500 IN PTR b.local."));
    rig.link.advance(0);
    expect(rig.takeAnswers()).toEqual([
      [5000, "goodbyes-sent", ["_x._tcp.local. 0 IN PTR a.local."]],
      [5000, "announcements-sent", ["_x._tcp.local. 4500 IN PTR b.local."]],
    ]);
  });

  it("§10.2: a unique set that shrinks is announced whole, with the cache-flush bit", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...host("host.local", "192.0.2.1", "192.0.2.2"));
    rig.update(id, ...host("host.local", "192.0.2.2"));
    rig.link.advance(0);
    expect(rig.takeAnswers()).toEqual([
      [5000, "announcements-sent", ["host.local. 120 IN+flush A 192.0.2.2"]],
    ]);
  });

  it("§10.1: a unique set of which nothing is left says goodbye", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...host("host.local", "192.0.2.1", "fe80::1"));
    rig.update(id, ...host("host.local", "192.0.2.1"));
    rig.link.advance(0);
    expect(rig.takeAnswers()).toEqual([
      [5000, "goodbyes-sent", ["host.local. 0 IN+flush AAAA fe80::1"]],
    ]);
  });

  it("§8.4: another service name is probed for; the old one says goodbye at once", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...WEB);
    rig.update(id, ...service("Site", "_http._tcp.local", 80, "host.local"));
    rig.link.advance(0);
    const [goodbye, probe, ...others] = rig.take();
    expect(others).toEqual([]);
    expect(sections(goodbye!.message).answers).toEqual([
      "_http._tcp.local. 0 IN PTR Web._http._tcp.local.",
      "Web._http._tcp.local. 0 IN+flush SRV 0 0 80 host.local.",
      'Web._http._tcp.local. 0 IN+flush TXT ""',
    ]);
    expect(probe?.counter).toBe("probes-sent");
    rig.link.advance(750);
    expect(rig.takeEventKinds()).toEqual(["registered"]);
  });

  it("§8.4: what an update leaves as it is does not go on the wire", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...WEB);
    rig.update(id, ...WEB);
    rig.link.advance(60_000);
    expect(rig.take()).toEqual([]);
  });

  it("a changed TTL alone is announced without a goodbye", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(shared("_x._tcp.local. 4500 IN PTR a.local."));
    rig.update(id, shared("_x._tcp.local. 120 IN PTR a.local."));
    rig.link.advance(0);
    expect(rig.takeAnswers()).toEqual([
      [5000, "announcements-sent", ["_x._tcp.local. 120 IN PTR a.local."]],
    ]);
  });

  it("§6: a record that its owner keeps changing is announced no more than once a second", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(unique("t.local. 120 IN TXT 0"));
    for (let count = 1; count <= 50; count++) {
      rig.update(id, unique(`t.local. 120 IN TXT ${count}`));
      rig.link.advance(100);
    }
    rig.link.advance(10_000);
    const sent = rig.take();
    const at = times(sent, "announcements-sent");
    for (let index = 1; index < at.length; index++) {
      expect(at[index]! - at[index - 1]!).toBeGreaterThanOrEqual(1000);
    }
    expect(sections(sent.at(-1)!.message).answers).toEqual(['t.local. 120 IN+flush TXT "50"']);
  });
});

describe("goodbyes", () => {
  it("§10.1: withdrawn records go out once more with a TTL of zero, those of one instant together", () => {
    const rig = new ResponderOnLink();
    const web = rig.register(...WEB);
    const site = rig.establish(...service("Site", "_http._tcp.local", 81, "host.local"));
    rig.withdraw(web);
    rig.withdraw(site);
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ at: 5000, target: "groups", counter: "goodbyes-sent" });
    expect(sections(sent[0]!.message).answers).toHaveLength(6);
  });

  it("a shared record of several registrations says goodbye with the last of them", () => {
    const rig = new ResponderOnLink();
    const type = shared("_services._dns-sd._udp.local. 4500 IN PTR _x._tcp.local.");
    const first = rig.register(type);
    const second = rig.establish(type);
    rig.withdraw(first);
    rig.link.advance(10);
    expect(rig.take()).toEqual([]);
    rig.withdraw(second);
    rig.link.advance(10);
    expect(rig.takeAnswers()).toEqual([
      [5010, "goodbyes-sent", ["_services._dns-sd._udp.local. 0 IN PTR _x._tcp.local."]],
    ]);
  });

  it("what was never announced needs no goodbye", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(600);
    rig.take();
    rig.withdraw(id);
    rig.link.advance(10_000);
    expect(rig.take()).toEqual([]);
    expect(rig.link.pendingDeadlines).toBe(0);
  });

  it("a record that is registered again within the instant says no goodbye", () => {
    const rig = new ResponderOnLink();
    const record = shared("_x._tcp.local. 4500 IN PTR a.local.");
    const id = rig.establish(record);
    rig.withdraw(id);
    rig.register(record);
    rig.link.advance(10_000);
    expect(times(rig.take(), "goodbyes-sent")).toEqual([]);
  });

  it("§10.1: shutdown says goodbye for everything at once and leaves nothing pending", () => {
    const rig = new ResponderOnLink();
    rig.establish(...WEB, ...host("host.local", "192.0.2.1"));
    rig.register(...service("New", "_http._tcp.local", 82, "host.local"));
    rig.responder.handleShutdown(rig.link.now);
    const answers = rig.takeAnswers();
    expect(answers).toHaveLength(1);
    expect(answers[0]![2]).toHaveLength(4);
    expect(rig.link.pendingDeadlines).toBe(0);
    rig.ask("host.local. IN A");
    expect(rig.take()).toEqual([]);
  });
});

describe("records of one family", () => {
  const type = "_services._dns-sd._udp.local. 4500 IN PTR _http._tcp.local.";
  const on = (family: "ipv4" | "ipv6") => ({ ...shared(type), family });
  const ways = (rig: ResponderOnLink) => rig.take().map(({ target, counter }) => [target, counter]);

  it("what two registrations publish for a family each goes to both, and leaves each with its own", () => {
    const rig = new ResponderOnLink();
    const first = rig.register(on("ipv4"));
    const second = rig.register(on("ipv6"));
    rig.link.advance(10_000);
    expect(ways(rig)).toEqual([
      ["groups", "announcements-sent"],
      ["groups", "announcements-sent"],
    ]);
    rig.withdraw(second);
    rig.link.advance(10_000);
    expect(ways(rig)).toEqual([[{ group: "ipv6" }, "goodbyes-sent"]]);
    rig.withdraw(first);
    rig.link.advance(10_000);
    expect(ways(rig)).toEqual([[{ group: "ipv4" }, "goodbyes-sent"]]);
  });

  it("a registration may want a record for each family", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(on("ipv4"), on("ipv6"));
    rig.link.advance(10_000);
    expect(ways(rig)).toContainEqual(["groups", "announcements-sent"]);
    rig.update(id, on("ipv4"));
    rig.link.advance(10_000);
    expect(ways(rig)).toEqual([[{ group: "ipv6" }, "goodbyes-sent"]]);
  });

  it("§8.4: a changed record that is restricted at the same time leaves the other family whole", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...WEB);
    rig.link.advance(10_000);
    rig.take();
    const changed = [WEB[0]!, WEB[1]!, unique("Web._http._tcp.local. 4500 IN TXT a=1")];
    rig.update(id, ...changed.map((each) => ({ ...each, family: "ipv4" as const })));
    rig.link.advance(500);
    const goodbyes = rig.take().filter(({ counter }) => counter === "goodbyes-sent");
    expect(goodbyes.map(({ target }) => target)).toEqual([{ group: "ipv6" }]);
    expect([...(sections(goodbyes[0]!.message).answers ?? [])].sort()).toEqual([
      "Web._http._tcp.local. 0 IN+flush SRV 0 0 80 host.local.",
      'Web._http._tcp.local. 0 IN+flush TXT ""',
      "_http._tcp.local. 0 IN PTR Web._http._tcp.local.",
    ]);
  });
});

describe("starting again", () => {
  it("§8: after a reset everything is probed for and announced again, without goodbyes", () => {
    const rig = new ResponderOnLink();
    const reverse = "1.2.0.192.in-addr.arpa. 120 IN PTR host.local.";
    const id = rig.establish(
      ...host("host.local", "192.0.2.1"),
      published(reverse, "known-unique", true),
    );
    rig.responder.handleReset(rig.link.now);
    expect(rig.state(id)).toBe("probing");
    rig.ask("host.local. IN A");
    expect(rig.take()).toEqual([]);
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([5000, 5250, 5500]);
    expect(times(sent, "announcements-sent")).toEqual([5750, 6750]);
    expect(sent).toHaveLength(5);
    expect(rig.takeEventKinds()).toEqual(["registered"]);
  });

  it("§8: a reset tries lost names again, since the link may be another", () => {
    const rig = new ResponderOnLink();
    const id = rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response({ answers: ["host.local. 120 IN+flush A 192.0.2.99"] });
    rig.responder.handleReset(rig.link.now);
    rig.link.advance(10_000);
    expect(rig.state(id)).toBe("registered");
  });

  it("§8: a reset announces shared records again", () => {
    const rig = new ResponderOnLink();
    rig.establish(shared("_x._tcp.local. 4500 IN PTR a.local."));
    rig.responder.handleReset(rig.link.now);
    rig.link.advance(10_000);
    expect(times(rig.take(), "announcements-sent")).toEqual([5000, 6000]);
  });

  it("a family that joins the link hears of everything", () => {
    const rig = new ResponderOnLink();
    rig.link.link = { ...LINK, families: ["ipv4"] };
    rig.establish(...host("host.local", "192.0.2.1"));
    const previous = rig.link.link;
    rig.link.link = LINK;
    rig.responder.handleLinkChange(previous, rig.link.now);
    rig.link.advance(10_000);
    expect(times(rig.take(), "announcements-sent")).toEqual([5000, 6000]);
  });

  it("the snapshot tells each registration's state and records", () => {
    const rig = new ResponderOnLink();
    const id = rig.establish(...host("host.local", "192.0.2.1"));
    const { registrations } = rig.responder.snapshot();
    expect(registrations).toMatchObject([
      { id, state: { state: "registered", since: 750 }, ceded: [] },
    ]);
    expect(registrations[0]?.records).toHaveLength(1);
  });
});
