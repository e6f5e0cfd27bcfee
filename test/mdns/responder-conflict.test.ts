/** Conflicts over established names (RFC 6762 §9), cooperation (§6.6), and twins on this host (§15). */

import { describe, expect, it } from "vitest";
import { LINK, OWN_ADDRESS, PEER_ADDRESS, sections } from "./fake-link.ts";
import { host, published, ResponderOnLink, service, shared, times } from "./responder-kit.ts";

const RIVAL = { answers: ["host.local. 120 IN+flush A 192.0.2.99"] };

function established(...addresses: string[]): ResponderOnLink {
  const rig = new ResponderOnLink();
  rig.establish(...host("host.local", ...(addresses.length > 0 ? addresses : ["192.0.2.1"])));
  return rig;
}

describe("conflicts", () => {
  it("§9: an established name goes back to probing, and is kept when the rival stays silent", () => {
    const rig = established();
    rig.response(RIVAL);
    expect(rig.link.counters.value("conflicts")).toBe(1);
    rig.ask("host.local. IN A");
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([5000, 5250, 5500]);
    expect(times(sent, "announcements-sent")).toEqual([5750, 6750]);
    expect(sent).toHaveLength(5);
    expect(rig.takeEventKinds()).toEqual(["registered"]);
  });

  it("§9: the name is lost when the rival answers the probes, and no goodbye hurts the rival", () => {
    const rig = established();
    rig.response(RIVAL);
    rig.link.advance(10);
    rig.response(RIVAL);
    rig.link.advance(10_000);
    expect(rig.link.takeEvents()).toMatchObject([
      { kind: "conflicted", rival: { address: PEER_ADDRESS } },
    ]);
    expect(times(rig.take(), "goodbyes-sent")).toEqual([]);
  });

  it("§9: an address of another host beside one of ours is a conflict", () => {
    const rig = established("192.0.2.1", "192.0.2.2");
    rig.response({ answers: ["host.local. 120 IN A 192.0.2.1", "host.local. 120 IN A 192.0.2.9"] });
    expect(rig.link.counters.value("conflicts")).toBe(1);
  });

  it("a record of another type on a name of ours is a conflict too", () => {
    const rig = established();
    rig.response({ answers: ["host.local. 120 IN AAAA fe80::99"] });
    expect(rig.link.counters.value("conflicts")).toBe(1);
  });

  it("§9: shared and reverse mapping records never conflict", () => {
    const rig = new ResponderOnLink();
    rig.establish(
      shared("_x._tcp.local. 4500 IN PTR a.local."),
      published("1.2.0.192.in-addr.arpa. 120 IN PTR host.local.", "known-unique"),
    );
    rig.response({
      answers: [
        "_x._tcp.local. 4500 IN PTR b.local.",
        "1.2.0.192.in-addr.arpa. 120 IN+flush PTR other.local.",
      ],
    });
    rig.link.advance(10_000);
    expect(rig.take()).toEqual([]);
    expect(rig.link.counters.value("conflicts")).toBe(0);
  });

  it("§9: records that one of our links sent or publishes are no conflict", () => {
    const rig = established();
    rig.link.echoes.add("host.local. 0 IN A 198.51.100.7");
    rig.response({ answers: ["host.local. 120 IN A 198.51.100.7"] });
    expect(rig.link.counters.value("conflicts")).toBe(0);
  });

  it("§14: ours are sent again when records of another link of ours flush them, once a second", () => {
    const rig = established();
    rig.link.echoes.add("host.local. 0 IN A 198.51.100.7");
    for (let count = 0; count < 5; count++) {
      rig.response({ answers: ["host.local. 120 IN+flush A 198.51.100.7"] });
      rig.link.advance(100);
    }
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([5020, 5020]);
  });

  it("§8.1, §9: a rival that never gives up cannot make us flood the link", () => {
    const rig = established();
    for (let count = 0; count < 600; count++) {
      rig.link.advance(100);
      // It announces, but never while we probe.
      if (rig.link.events.at(-1)?.kind === "registered" || count === 0) rig.response(RIVAL);
      rig.link.takeEvents();
      if (rig.responder.ownRecords(host("host.local", "192.0.2.1")[0]!.name, 1).length > 0) {
        rig.response(RIVAL);
      }
    }
    expect(rig.take().length).toBeLessThan(60);
  });

  it("each registration that uses a lost name hears of it once", () => {
    const rig = new ResponderOnLink();
    rig.register(...host("host.local", "192.0.2.1"));
    rig.register(...host("host.local", "192.0.2.1"));
    rig.link.advance(10);
    rig.response(RIVAL);
    rig.response(RIVAL);
    expect(rig.link.takeEvents()).toMatchObject([
      { kind: "conflicted", registration: 1 },
      { kind: "conflicted", registration: 2 },
    ]);
  });
});

describe("the same records elsewhere", () => {
  it("§6.6: a TTL of less than half of ours is put right by multicast", () => {
    const rig = established();
    rig.response({ answers: ["host.local. 60 IN+flush A 192.0.2.1"] });
    rig.link.advance(1000);
    expect(rig.take()).toEqual([]);
    rig.response({ answers: ["host.local. 59 IN+flush A 192.0.2.1"] });
    rig.link.advance(1000);
    expect(rig.takeAnswers().map(([at]) => at)).toEqual([6020, 6020]);
  });

  it("§6.6, §10.1: a goodbye of another for a record of ours is made good within a second", () => {
    const rig = established();
    rig.ask("host.local. IN A");
    rig.take();
    rig.link.advance(500);
    rig.response({ answers: ["host.local. 0 IN+flush A 192.0.2.1"] });
    rig.link.advance(1000);
    const sent = rig.take().filter(({ target }) => target !== "groups" && "group" in target);
    // On IPv4 a second after it was last multicast there, on IPv6 after the random delay.
    expect(sent.map(({ at, target }) => [at, target])).toEqual([
      [5520, { group: "ipv6" }],
      [6000, { group: "ipv4" }],
    ]);
  });
});

describe("another responder of this host", () => {
  const TWIN = { address: OWN_ADDRESS, fromThisHost: true } as const;
  const TWIN_PROBE = {
    questions: ["host.local. IN ANY"],
    authorities: ["host.local. 120 IN A 192.0.2.1"],
  };
  const TWIN_ANSWER = { answers: ["host.local. 120 IN+flush A 192.0.2.1"] };
  const REVERSE = published("1.2.0.192.in-addr.arpa. 120 IN PTR host.local.", "known-unique", true);

  function withHost(): ResponderOnLink {
    const rig = new ResponderOnLink();
    rig.link.link = { ...LINK, sharesPort: true };
    rig.register(
      ...host("host.local", "192.0.2.1"),
      REVERSE,
      ...service("Web", "_http._tcp.local", 80, "host.local"),
    );
    return rig;
  }

  function established(): ResponderOnLink {
    const rig = withHost();
    rig.link.advance(5000);
    rig.take();
    rig.link.takeEvents();
    return rig;
  }

  it("§15: a twin that answers our probes keeps the name; the rest is registered", () => {
    const rig = withHost();
    rig.link.advance(10);
    rig.response(TWIN_ANSWER, TWIN);
    rig.link.advance(740);
    expect(rig.takeEventKinds()).toEqual(["ceded", "registered"]);
    const announced = rig.takeAnswers().at(-1)![2];
    expect(announced).toHaveLength(3);
    expect(announced.join()).not.toContain("host.local. 120");
    rig.ask("host.local. IN A");
    rig.ask("1.2.0.192.in-addr.arpa. IN PTR");
    expect(rig.take()).toEqual([]);
    rig.ask("Web._http._tcp.local. IN+QU SRV");
    expect(sections(rig.take()[0]!.message)).toEqual({
      answers: ["Web._http._tcp.local. 120 IN+flush SRV 0 0 80 host.local."],
    });
  });

  it("§15: a twin that starts after us gets the name without opposition and without goodbyes", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    rig.link.advance(10_000);
    expect(rig.take()).toEqual([]);
    expect(rig.takeEventKinds()).toEqual(["ceded"]);
    expect(rig.responder.snapshot().registrations[0]?.ceded.map(String)).toEqual(["host.local"]);
    rig.responder.handleShutdown(rig.link.now);
    expect(rig.takeAnswers().flatMap(([, , answers]) => answers)).toHaveLength(3);
  });

  it("§15: a twin with other data takes no name away, and is not fought", () => {
    const rig = established();
    rig.response({ answers: ["host.local. 120 IN+flush A 198.51.100.9"] }, TWIN);
    rig.link.advance(10_000);
    expect(rig.takeEventKinds()).toEqual(["ceded"]);
    expect(rig.link.counters.value("conflicts")).toBe(0);
  });

  it("§15: a twin's data for a name that is not ceded costs no name either", () => {
    const rig = established();
    rig.response({ answers: ["Web._http._tcp.local. 120 IN+flush SRV 0 0 1 x.local."] }, TWIN);
    rig.link.advance(10_000);
    expect(rig.take()).toEqual([]);
  });

  it("§15: after the twin's goodbye the name is probed for, announced and reclaimed", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    rig.link.advance(1000);
    rig.response({ answers: ["host.local. 0 IN+flush A 192.0.2.1"] }, TWIN);
    rig.link.advance(10_000);
    const sent = rig.take();
    expect(times(sent, "probes-sent")).toEqual([6000, 6250, 6500]);
    expect(times(sent, "announcements-sent")).toEqual([6750, 7750]);
    expect(sections(sent.at(-1)!.message).answers).toHaveLength(2);
    expect(rig.takeEventKinds()).toEqual(["ceded", "reclaimed"]);
  });

  it("§15: the name is claimed back when nobody shares the port any more", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    const previous = rig.link.link;
    rig.link.link = LINK;
    rig.responder.handleLinkChange(previous, rig.link.now);
    rig.link.advance(1000);
    expect(rig.takeEventKinds()).toEqual(["ceded", "reclaimed"]);
  });

  it("§15: a twin that has said nothing for a minute is asked for, and stays while it answers", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    rig.link.advanceTo(65_000);
    const sent = rig.take();
    expect(sent.map(({ at, counter }) => [at, counter])).toEqual([[65_000, "queries-sent"]]);
    expect(sections(sent[0]!.message)).toEqual({ questions: ["host.local. IN ANY"] });
    rig.response(TWIN_ANSWER, TWIN);
    rig.link.advance(59_000);
    expect(rig.take()).toEqual([]);
    expect(rig.takeEventKinds()).toEqual(["ceded"]);
  });

  it("§15: a twin that no longer answers has gone", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    rig.link.advanceTo(70_000);
    const sent = rig.take();
    expect(times(sent, "queries-sent")).toEqual([65_000]);
    expect(times(sent, "probes-sent")).toEqual([66_000, 66_250, 66_500]);
    expect(rig.takeEventKinds()).toEqual(["ceded", "reclaimed"]);
  });

  it("§15: a twin that answers the probes after all keeps the name, and nobody hears of it", () => {
    const rig = established();
    rig.query(TWIN_PROBE, TWIN);
    rig.link.advanceTo(66_100);
    rig.response(TWIN_ANSWER, TWIN);
    rig.link.advance(5000);
    expect(rig.takeEventKinds()).toEqual(["ceded"]);
  });

  it("§8.2: of two that probe at the same time only the loser of the tie gives way", () => {
    for (const [theirs, events] of [
      ["192.0.2.0", []],
      ["192.0.2.2", ["ceded"]],
    ] as const) {
      const rig = withHost();
      rig.link.advance(10);
      rig.query({ ...TWIN_PROBE, authorities: [`host.local. 120 IN A ${theirs}`] }, TWIN);
      expect(rig.takeEventKinds()).toEqual(events);
    }
  });
});
