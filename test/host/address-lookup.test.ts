import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { milliseconds } from "../../src/core/time.ts";
import type { AddressLookupSpec, LookupId } from "../../src/host/types.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink } from "./host-kit.ts";

const ETH0 = makeLink({ id: 2, addresses: ["192.0.2.1/24", "fe80::1/64"] });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });

/** A host that only asks, so that every packet is a question. */
function asker(links = [ETH0], settings = {}): HostKit {
  return new HostKit({ mdnsMode: "resolve", ...settings }, links);
}

function lookup(kit: HostKit, name: string, spec: Partial<AddressLookupSpec> = {}): LookupId {
  const id = kit.engine.lookup(
    { name: Name.parse(name), family: "any", links: "all", ...spec },
    kit.instant,
  );
  kit.drain();
  return id;
}

/** What a person would see: addresses with their link, or the kind of failure. */
function result(kit: HostKit, id: LookupId): string | undefined {
  const done = kit.outcome(id)?.outcome;
  if (done?.kind !== "addresses") return done?.kind;
  return done.addresses.map(({ address, link }) => `${address}%${link}`).join(" ");
}

function doneAt(kit: HostKit, id: LookupId): number | undefined {
  return kit.outcome(id)?.at;
}

describe("a look-up of addresses", () => {
  it("asks for A and AAAA in one packet, even when one family is wanted", () => {
    const kit = asker();
    kit.advance(1000);
    lookup(kit, "printer.local", { family: "ipv4" });
    kit.advance(200);
    const [first, ...others] = kit.questionsSent();
    expect(others.map(({ at }) => at)).toEqual([first!.at]);
    expect([first, ...others].map((asked) => asked!.question).sort()).toEqual([
      "printer.local. IN A",
      "printer.local. IN AAAA",
    ]);
  });

  it("ends at once with both families", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local");
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA fe80::5"]);
    expect(result(kit, id)).toBe("fe80::5%2 192.0.2.5%2");
    expect(doneAt(kit, id)).toBe(150);
  });

  it("collects all addresses of a packet", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local", { family: "ipv4" });
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 A 192.0.2.6"]);
    expect(result(kit, id)).toBe("192.0.2.5%2 192.0.2.6%2");
  });

  it("§6.1: ends at once when an NSEC record denies the other family", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local");
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 NSEC printer.local A"]);
    expect(result(kit, id)).toBe("192.0.2.5%2");
    expect(doneAt(kit, id)).toBe(150);
  });

  it("without one ends 300 ms after the family that answered", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local");
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5"]);
    kit.advance(299);
    expect(result(kit, id)).toBeUndefined();
    kit.advance(1);
    expect(result(kit, id)).toBe("192.0.2.5%2");
    expect(doneAt(kit, id)).toBe(450);
  });

  it("§6.1: says that there is no data when the owner denies both families", () => {
    const kit = asker();
    const id = lookup(kit, "Laser._ipp._tcp.local");
    kit.advance(150);
    kit.hear(["Laser._ipp._tcp.local 120 NSEC Laser._ipp._tcp.local TXT SRV"]);
    expect(result(kit, id)).toBe("no-data");
    expect(doneAt(kit, id)).toBe(150);
  });

  it("of a family that the host lacks ends 300 ms after the other answered", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local", { family: "ipv6" });
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5"]);
    kit.advance(1000);
    expect(result(kit, id)).toBe("no-data");
    expect(doneAt(kit, id)).toBe(450);
  });

  it("of one family after the other, as nss-mdns does it, takes less than half a second", () => {
    const kit = asker();
    const first = lookup(kit, "printer.local", { family: "ipv4" });
    kit.advance(140);
    kit.hear(["printer.local 120 A 192.0.2.5"]);
    expect(doneAt(kit, first)).toBe(140);
    const second = lookup(kit, "printer.local", { family: "ipv6" });
    kit.advance(2000);
    expect(result(kit, second)).toBe("no-data");
    expect(doneAt(kit, second)).toBe(440);
    const third = lookup(kit, "printer.local", { family: "ipv6" });
    expect(doneAt(kit, third)).toBe(kit.now);
  });

  it("is answered from the cache at once", () => {
    const kit = asker();
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA fe80::5"]);
    const id = lookup(kit, "printer.local");
    expect(doneAt(kit, id)).toBe(0);
    expect(kit.sent).toEqual([]);
  });

  it("tells the seconds left, the protocol and who answered", () => {
    const kit = asker();
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 NSEC printer.local A"]);
    kit.advance(20_000);
    const id = lookup(kit, "printer.local");
    expect(kit.outcome(id)?.outcome).toMatchObject({
      addresses: [{ ttl: 100, protocol: "mdns", source: "192.0.2.99" }],
    });
  });
});

describe("a name that nobody has", () => {
  it("is given up after three seconds in all", () => {
    const kit = asker();
    const id = lookup(kit, "nobody.local");
    kit.advance(2999);
    expect(result(kit, id)).toBeUndefined();
    kit.advance(1);
    expect(result(kit, id)).toBe("no-such-name");
  });

  it("is given up in the time the settings say", () => {
    const kit = asker([ETH0], { lookupTimeout: milliseconds(800) });
    const id = lookup(kit, "nobody.local");
    kit.advance(5000);
    expect(doneAt(kit, id)).toBe(800);
  });

  it("is timed out, not absent, when the caller's time is shorter", () => {
    const kit = asker();
    const id = lookup(kit, "nobody.local", { timeout: milliseconds(500) });
    kit.advance(500);
    expect(result(kit, id)).toBe("timed-out");
    const again = lookup(kit, "nobody.local");
    expect(result(kit, again)).toBeUndefined();
  });

  it("is remembered for five seconds, in which nothing is asked", () => {
    const kit = asker();
    lookup(kit, "nobody.local");
    kit.advance(3000);
    const askedBefore = kit.questionsSent().length;
    kit.advance(4999);
    const second = lookup(kit, "nobody.local");
    expect(result(kit, second)).toBe("no-such-name");
    kit.advance(1);
    expect(kit.questionsSent()).toHaveLength(askedBefore);
    const third = lookup(kit, "nobody.local");
    expect(result(kit, third)).toBeUndefined();
  });

  it("is not absent any more once a record of it was heard", () => {
    const kit = asker();
    lookup(kit, "late.local");
    kit.advance(3000);
    kit.hear(["late.local 120 A 192.0.2.5", "late.local 120 NSEC late.local A"]);
    const id = lookup(kit, "late.local");
    expect(result(kit, id)).toBe("192.0.2.5%2");
  });

  it("is not absent any more once the links have changed", () => {
    const kit = asker();
    lookup(kit, "nobody.local");
    kit.advance(3000);
    kit.useLinks([ETH0, ETH1]);
    expect(result(kit, lookup(kit, "nobody.local"))).toBeUndefined();
  });
});

describe("over several links", () => {
  it("waits 20 ms for the other links, and each address says its link", () => {
    const kit = asker([ETH0, ETH1]);
    const id = lookup(kit, "printer.local");
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA fe80::5"]);
    kit.advance(10);
    kit.hear(["printer.local 120 A 198.51.100.5"], { link: ETH1 });
    kit.advance(100);
    expect(result(kit, id)).toBe("fe80::5%2 192.0.2.5%2 198.51.100.5%3");
    expect(doneAt(kit, id)).toBe(170);
  });

  it("a link-local address heard on two links is two addresses, any other is one", () => {
    const kit = asker([ETH0, ETH1]);
    const records = ["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA fe80::5"];
    for (const link of [ETH0, ETH1]) kit.hear(records, { link });
    const id = lookup(kit, "printer.local");
    expect(result(kit, id)?.split(" ").sort()).toEqual(["192.0.2.5%2", "fe80::5%2", "fe80::5%3"]);
  });

  it("can be confined to some of them", () => {
    const kit = asker([ETH0, ETH1]);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 NSEC printer.local A"]);
    const id = lookup(kit, "printer.local", { links: ({ name }) => name === "eth1" });
    kit.advance(150);
    expect(result(kit, id)).toBeUndefined();
    expect(new Set(kit.sent.map(({ datagram }) => datagram.link))).toEqual(new Set([ETH1.id]));
  });

  it("ends at once where there is no link to ask on", () => {
    const kit = asker([]);
    expect(result(kit, lookup(kit, "printer.local"))).toBe("unavailable");
    const some = asker([ETH0]);
    expect(result(some, lookup(some, "printer.local", { links: () => false }))).toBe("unavailable");
  });
});

describe("aliases", () => {
  it("are followed to a name on another link", () => {
    const kit = asker([ETH0, ETH1]);
    const id = lookup(kit, "www.local");
    kit.advance(150);
    kit.hear(["www.local 120 CNAME server.local"]);
    kit.advance(150);
    kit.hear(["server.local 120 A 198.51.100.5", "server.local 120 NSEC server.local A"], {
      link: ETH1,
    });
    kit.advance(20);
    expect(result(kit, id)).toBe("198.51.100.5%3");
    const outcome = kit.outcome(id)!.outcome;
    expect(outcome.kind === "addresses" && outcome.canonicalName.toString()).toBe("server.local");
  });

  it("that go in circles end the look-up", () => {
    const kit = asker();
    const id = lookup(kit, "a.local");
    kit.advance(150);
    kit.hear(["a.local 120 CNAME b.local", "b.local 120 CNAME a.local"]);
    kit.advance(1000);
    expect(result(kit, id)).toBe("no-data");
    const self = lookup(kit, "self.local");
    kit.hear(["self.local 120 CNAME self.local"]);
    expect(result(kit, self)).toBe("no-data");
  });

  it("are followed eight names far and no further", () => {
    const kit = asker();
    const chain = Array.from({ length: 40 }, (_, at) => `n${at}.local 120 CNAME n${at + 1}.local`);
    kit.hear(chain);
    const id = lookup(kit, "n0.local");
    kit.advance(10_000);
    expect(result(kit, id)).toBe("no-data");
    const near = lookup(kit, "n33.local");
    kit.hear(["n40.local 120 A 192.0.2.5", "n40.local 120 NSEC n40.local A"]);
    expect(result(kit, near)).toBe("192.0.2.5%2");
  });

  it("to this host's own name are answered from its own records", () => {
    const kit = new HostKit({}, [ETH1]);
    kit.advance(5000);
    kit.hear(["www.local 120 CNAME node-1.local"]);
    expect(result(kit, lookup(kit, "www.local"))).toBe("198.51.100.1%3");
  });
});

describe("names that need no asking", () => {
  it("RFC 6761 §6.3: localhost and names below it are the loopback addresses", () => {
    const kit = asker([]);
    expect(result(kit, lookup(kit, "localhost"))).toBe("::1%undefined 127.0.0.1%undefined");
    expect(result(kit, lookup(kit, "www.localhost", { family: "ipv4" }))).toBe(
      "127.0.0.1%undefined",
    );
  });

  it("the host's own name is known while it is still being probed for", () => {
    const kit = new HostKit({}, [ETH0, ETH1]);
    expect(result(kit, lookup(kit, "NODE-1.local", { family: "ipv4" }))).toBe(
      "192.0.2.1%2 198.51.100.1%3",
    );
    expect(result(kit, lookup(kit, "node-1", { family: "ipv6" }))).toBe("fe80::1%2");
  });

  it("RFC 6761 §6.4, RFC 7686 §2: .invalid and .onion are refused", () => {
    const kit = asker();
    expect(result(kit, lookup(kit, "x.invalid"))).toBe("refused");
    expect(result(kit, lookup(kit, "x.onion"))).toBe("refused");
    kit.advance(5000);
    expect(kit.sent).toEqual([]);
  });
});

it("a name of one label is looked for below local", () => {
  const kit = asker();
  kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 NSEC printer.local A"]);
  expect(result(kit, lookup(kit, "printer"))).toBe("192.0.2.5%2");
});

it("a cancelled look-up says nothing and asks no more", () => {
  const kit = asker();
  const id = lookup(kit, "nobody.local");
  kit.advance(500);
  kit.engine.cancelLookup(id, kit.instant);
  const askedBefore = kit.questionsSent().length;
  kit.advance(10_000);
  expect(kit.outcome(id)).toBeUndefined();
  expect(kit.questionsSent()).toHaveLength(askedBefore);
});

it("a thousand look-ups of one name put one question to the link", () => {
  const kit = asker();
  const ids = Array.from({ length: 1000 }, () => lookup(kit, "printer.local"));
  kit.advance(150);
  expect(kit.questionsSent()).toHaveLength(2);
  kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA 2001:db8::5"]);
  expect(ids.filter((id) => doneAt(kit, id) === 150)).toHaveLength(1000);
});

it("look-ups beyond the limit are refused, and the others are not harmed", () => {
  const kit = asker();
  const ids = Array.from({ length: 4096 }, (_, at) => lookup(kit, `n${at}.local`));
  expect(() => lookup(kit, "more.local")).toThrow(/4096 look-ups/);
  kit.hear(["n5.local 120 A 192.0.2.5", "n5.local 120 NSEC n5.local A"]);
  expect(result(kit, ids[5]!)).toBe("192.0.2.5%2");
});

it("look-ups under way end when Multicast DNS is switched off", () => {
  const kit = asker();
  const id = lookup(kit, "printer.local");
  kit.apply({ mdnsMode: "off" });
  expect(result(kit, id)).toBe("unavailable");
  expect(result(kit, lookup(kit, "printer.local"))).toBe("unavailable");
  kit.advance(5000);
  expect(kit.sent).toEqual([]);
});

it("an address of a link that goes away is not told any more", () => {
  const kit = asker([ETH0, ETH1]);
  const records = ["printer.local 120 A 198.51.100.5", "printer.local 120 NSEC printer.local A"];
  kit.hear(records, { link: ETH1 });
  kit.useLinks([ETH0]);
  const id = lookup(kit, "printer.local");
  kit.advance(10_000);
  expect(result(kit, id)).toBe("no-such-name");
});

it("addresses that another host gives for this host's name do not replace its own", () => {
  const kit = new HostKit({}, [ETH1]);
  kit.advance(5000);
  kit.hear(["node-1.local 120 A 198.51.100.66"], { source: "198.51.100.66" as IpAddress });
  expect(result(kit, lookup(kit, "node-1.local"))).toBe("198.51.100.1%3");
});
