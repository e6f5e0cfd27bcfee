import { describe, expect, it } from "vitest";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink, RIVAL } from "./host-kit.ts";

const MINUTE = 60_000;

/** A host that has its name, and has been announced. */
function settledHost(...args: ConstructorParameters<typeof HostKit>): HostKit {
  const kit = new HostKit(...args);
  kit.advance(5000);
  return kit;
}

/** The rival defends a name whenever it is probed for, for as long as `isDefended` says. */
function advanceAgainstRival(
  kit: HostKit,
  milliseconds: number,
  names: readonly string[],
  links = kit.links,
): void {
  const end = kit.now + milliseconds;
  let seen = kit.sent.length;
  while (kit.now < end) {
    kit.advance(Math.min(10, end - kit.now));
    for (const { message, datagram } of kit.sent.slice(seen)) {
      const probed = message.authorities.map(({ name }) => name.toString());
      const link = links.find(({ id }) => id === datagram.link);
      for (const name of names) {
        if (link === undefined || !probed.includes(name)) continue;
        kit.hear([`${name} 120 IN A 192.0.2.99`], { link });
      }
    }
    seen = kit.sent.length;
  }
}

describe("the host's own name", () => {
  it("§8: is probed for and announced with the link's addresses and their reverse names", () => {
    const kit = settledHost({}, [makeLink({ addresses: ["192.0.2.1/24", "fe80::1/64"] })]);
    expect(kit.events("name-registered")).toEqual([
      { kind: "name-registered", link: 2, label: "node-1" },
    ]);
    const sent = kit.answersSent();
    expect(sent).toContain("node-1.local. 120 IN+flush A 192.0.2.1");
    expect(sent).toContain("node-1.local. 120 IN+flush AAAA fe80::1");
    expect(sent).toContain("1.2.0.192.in-addr.arpa. 120 IN+flush PTR node-1.local.");
  });

  it("§14: has on each link only that link's addresses", () => {
    const eth0 = makeLink({ id: 2, addresses: ["192.0.2.1/24"] });
    const eth1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });
    const kit = settledHost({}, [eth0, eth1]);
    expect(kit.answersSent(0, eth0).join()).not.toContain("198.51.100.1");
    expect(kit.answersSent(0, eth1).join()).not.toContain("192.0.2.1");
  });

  it("leaves out what the settings leave out", () => {
    const addresses = ["192.0.2.1/24", "2001:db8::1/64"];
    const publish = { addresses: true, reverse: false, hinfo: true, workstation: false };
    const settings = { ipv6: false, publish, hinfo: { cpu: "x86_64", os: "Linux" } };
    const sent = settledHost(settings, [makeLink({ addresses })])
      .answersSent()
      .join("\n");
    expect(sent).toContain("192.0.2.1");
    expect(sent).toContain("HINFO");
    expect(sent).not.toContain("AAAA");
    expect(sent).not.toContain("PTR");
  });

  it("§8.4: follows a changed address without being renamed", () => {
    const kit = settledHost();
    const changedAt = kit.now;
    kit.useLinks([makeLink({ addresses: ["192.0.2.7/24"] })]);
    kit.advance(5000);
    expect(kit.answersSent(changedAt).join("\n")).toContain("192.0.2.7");
    expect(kit.events("renamed")).toEqual([]);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1.local");
  });

  it("is published only in mode full, and withdrawn with goodbyes when the mode changes", () => {
    const quiet = settledHost({ mdnsMode: "resolve" });
    expect(quiet.sent).toEqual([]);
    quiet.apply({ mdnsMode: "full" });
    quiet.advance(5000);
    expect(quiet.answersSent().join()).toContain("192.0.2.1");
    const changedAt = quiet.now;
    quiet.apply({ mdnsMode: "resolve" });
    quiet.advance(2000);
    expect(quiet.answersSent(changedAt)).toContain("node-1.local. 0 IN+flush A 192.0.2.1");
  });

  it("changes when it is configured anew", () => {
    const kit = settledHost();
    kit.apply({ hostname: "desk" });
    kit.advance(5000);
    expect(kit.events("name-registered").map(({ label }) => label)).toEqual(["node-1", "desk"]);
    expect(kit.answersSent()).toContain("node-1.local. 0 IN+flush A 192.0.2.1");
  });

  it("settings that are the same send nothing", () => {
    const kit = settledHost();
    const changedAt = kit.now;
    kit.apply({});
    kit.advance(5000);
    expect(kit.sent.filter(({ at }) => at >= changedAt)).toEqual([]);
  });
});

describe("§9: a name that another host has", () => {
  it("gets a suffix, and the event says who has it", () => {
    const kit = new HostKit();
    advanceAgainstRival(kit, 5000, ["node-1.local"]);
    const [renamed] = kit.events("renamed");
    expect(renamed).toMatchObject({ link: 2, from: "node-1", to: "node-1-2" });
    expect(renamed!.rival.address).toBe(RIVAL);
    expect(kit.events("name-registered").map(({ label }) => label)).toEqual(["node-1-2"]);
    expect(kit.events("remember")).toEqual([{ kind: "remember", label: "node-1-2" }]);
  });

  it("is given up when that host comes later and defends it, and kept when it does not", () => {
    const later = settledHost();
    later.hear(["node-1.local 120 A 192.0.2.99"]);
    advanceAgainstRival(later, 5000, ["node-1.local"]);
    expect(later.events("renamed").map(({ to }) => to)).toEqual(["node-1-2"]);
    const stale = settledHost();
    stale.hear(["node-1.local 120 A 192.0.2.99"]);
    stale.advance(5000);
    expect(stale.events("renamed")).toEqual([]);
    expect(stale.events("name-registered")).toHaveLength(2);
  });

  it("counts on while the next ones are taken too", () => {
    const kit = new HostKit();
    advanceAgainstRival(kit, 10_000, ["node-1.local", "node-1-2.local"]);
    expect(kit.events("renamed").map(({ to }) => to)).toEqual(["node-1-2", "node-1-3"]);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1-3.local");
  });

  it("is given up on all links at once", () => {
    const links = [makeLink({ id: 2 }), makeLink({ id: 3, addresses: ["198.51.100.1/24"] })];
    const kit = new HostKit({}, links);
    advanceAgainstRival(kit, 5000, ["node-1.local"], [links[0]!]);
    expect(links.map(({ id }) => kit.engine.hostName(id).toString())).toEqual([
      "node-1-2.local",
      "node-1-2.local",
    ]);
    expect(kit.events("renamed")).toHaveLength(1);
  });

  it("is given up on its link alone where names need not be the same", () => {
    const links = [makeLink({ id: 2 }), makeLink({ id: 3, addresses: ["198.51.100.1/24"] })];
    const kit = new HostKit({ sameNameOnAllLinks: false }, links);
    advanceAgainstRival(kit, 5000, ["node-1.local"], [links[0]!]);
    expect(links.map(({ id }) => kit.engine.hostName(id).toString())).toEqual([
      "node-1-2.local",
      "node-1.local",
    ]);
    expect(kit.events("remember")).toEqual([]);
  });

  it("whoever takes every name cannot make the host probe without end", () => {
    const kit = new HostKit();
    const everyName = Array.from({ length: 60 }, (_, at) =>
      at === 0 ? "node-1.local" : `node-1-${at + 1}.local`,
    );
    advanceAgainstRival(kit, 10 * MINUTE, everyName);
    const renames = kit.said.filter(({ event }) => event.kind === "renamed");
    expect(renames.length).toBeGreaterThan(8);
    expect(renames.length).toBeLessThan(20);
    expect(kit.events("name-registered")).toEqual([]);
    const last = kit.events("renamed").at(-1)!;
    expect(last.at - renames.at(-1)!.at).toBeGreaterThanOrEqual(MINUTE);
    expect(kit.engine.snapshot(kit.instant).names[0]).toMatchObject({
      state: "held",
      label: last.to,
      claimAt: last.at,
    });
  });

  it("is taken up where the last run left it", () => {
    const kit = settledHost({}, [makeLink()], { rememberedLabel: "node-1-2" });
    expect(kit.events("name-registered").map(({ label }) => label)).toEqual(["node-1-2"]);
    kit.advance(MINUTE + 5000);
    expect(kit.events("name-reclaimed").map(({ to }) => to)).toEqual(["node-1"]);
    expect(kit.events("remember")).toEqual([{ kind: "remember", label: undefined }]);
  });
});

describe("the original name is taken back", () => {
  it("a minute after it was lost when it is free by then, and the other is given up", () => {
    const kit = new HostKit();
    advanceAgainstRival(kit, 5000, ["node-1.local"]);
    const lostAt = kit.said.find(({ event }) => event.kind === "renamed")!.at;
    kit.advance(MINUTE + 5000);
    expect(kit.events("name-reclaimed")).toEqual([
      { kind: "name-reclaimed", link: 2, from: "node-1-2", to: "node-1" },
    ]);
    const reclaimedAt = kit.lastAt("name-reclaimed")!;
    expect(reclaimedAt - lostAt).toBeGreaterThanOrEqual(MINUTE);
    expect(reclaimedAt - lostAt).toBeLessThan(MINUTE + 1500);
    const sent = kit.answersSent(reclaimedAt);
    expect(sent).toContain("node-1-2.local. 0 IN+flush A 192.0.2.1");
    expect(sent).toContain("node-1.local. 120 IN+flush A 192.0.2.1");
    expect(sent).toContain("1.2.0.192.in-addr.arpa. 120 IN+flush PTR node-1.local.");
    expect(kit.events("remember").map(({ label }) => label)).toEqual(["node-1-2", undefined]);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1.local");
  });

  it("is tried for after 1, 2, 4 ... minutes and then every hour, published meanwhile", () => {
    const kit = new HostKit();
    advanceAgainstRival(kit, 6 * 60 * MINUTE, ["node-1.local"]);
    const probes = kit.sent.filter(
      ({ message, datagram }) =>
        datagram.family === "ipv4" &&
        message.authorities.some(({ name }) => name.toString() === "node-1.local"),
    );
    const starts = probes
      .map(({ at }) => at)
      .filter((at, i, all) => at - (all[i - 1] ?? -9e9) > 9000);
    const intervals = starts.slice(1).map((at, i) => Math.round((at - starts[i]!) / MINUTE));
    expect(intervals).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(kit.events("name-registered")).toHaveLength(1);
    expect(kit.answersSent().join("\n")).not.toContain("node-1-2.local. 0 ");
  });

  it("on no link while one of them still has the rival", () => {
    const links = [makeLink({ id: 2 }), makeLink({ id: 3, addresses: ["198.51.100.1/24"] })];
    const kit = new HostKit({}, links);
    advanceAgainstRival(kit, 3 * MINUTE, ["node-1.local"], [links[0]!]);
    expect(kit.events("name-reclaimed")).toEqual([]);
    kit.advance(10 * MINUTE);
    expect(kit.events("name-reclaimed").map(({ link }) => link)).toEqual([2, 3]);
  });

  it("never where the settings say so", () => {
    const kit = new HostKit({ reclaim: false });
    advanceAgainstRival(kit, 5000, ["node-1.local"]);
    kit.advance(3 * 60 * MINUTE);
    expect(kit.events("name-reclaimed")).toEqual([]);
    expect(kit.engine.hostName(kit.links[0]!.id).toString()).toBe("node-1-2.local");
  });
});

describe("the snapshot", () => {
  it("says what the host is called, since when, and who has its name", () => {
    const kit = new HostKit();
    advanceAgainstRival(kit, 5000, ["node-1.local"]);
    const snapshot = kit.engine.snapshot(kit.instant);
    expect(snapshot.originalLabel).toBe("node-1");
    expect(snapshot.names[0]).toMatchObject({
      linkName: "eth0",
      label: "node-1-2",
      state: "registered",
      takenBy: RIVAL,
    });
    expect(JSON.parse(JSON.stringify(snapshot)).links[0].addresses).toEqual(["192.0.2.1/24"]);
  });
});

it("§10.1: says goodbye to everything at the end, and look-ups end", () => {
  const kit = settledHost();
  const endedAt = kit.now;
  const name = Name.parse("nobody.local");
  const id = kit.engine.lookup({ name, family: "any", links: "all" }, kit.instant);
  kit.engine.shutdown(kit.instant);
  kit.drain();
  expect(kit.answersSent(endedAt)).toContain("node-1.local. 0 IN+flush A 192.0.2.1");
  expect(kit.outcome(id)?.outcome.kind).toBe("unavailable");
  kit.advance(10 * MINUTE);
  expect(kit.answersSent(endedAt + 1)).toEqual([]);
});
