import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { HostPublication, LookupOutcome } from "../../src/host/types.ts";
import { Name } from "../../src/wire/name.ts";
import { HostKit, makeLink, RIVAL } from "./host-kit.ts";

const MINUTE = 60_000;
const ETH0 = makeLink({ id: 2 });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });

function settledHost(...args: ConstructorParameters<typeof HostKit>): HostKit {
  const kit = new HostKit(...args);
  kit.advance(5000);
  return kit;
}

const NAS: HostPublication = {
  name: Name.parse("nas.local"),
  addresses: ["192.0.2.50" as IpAddress],
  reverse: true,
  links: "all",
};

function publish(kit: HostKit, spec: Partial<HostPublication> = {}) {
  return kit.engine.publishHost({ ...NAS, ...spec }, kit.instant);
}

function lookUp(kit: HostKit, name: string): LookupOutcome | undefined {
  const id = kit.engine.lookup(
    { name: Name.parse(name), family: "any", links: "all" },
    kit.instant,
  );
  return kit.outcome(id)?.outcome;
}

describe("aliases", () => {
  it("have the link's addresses, and no reverse name", () => {
    const kit = settledHost({ aliases: ["nas", "printer"] });
    const sent = kit.answersSent();
    expect(sent).toContain("nas.local. 120 IN+flush A 192.0.2.1");
    expect(sent).toContain("printer.local. 120 IN+flush A 192.0.2.1");
    expect(sent.filter((text) => text.includes("PTR"))).toEqual([
      "1.2.0.192.in-addr.arpa. 120 IN+flush PTR node-1.local.",
    ]);
    expect(lookUp(kit, "nas.local")).toMatchObject({ addresses: [{ address: "192.0.2.1" }] });
  });

  it("come and go with the settings, and the host's name is not touched", () => {
    const kit = settledHost({ aliases: ["nas"] });
    const changedAt = kit.now;
    kit.apply({ aliases: ["backup"] });
    kit.advance(5000);
    const sent = kit.answersSent(changedAt);
    expect(sent).toContain("nas.local. 0 IN+flush A 192.0.2.1");
    expect(sent).toContain("backup.local. 120 IN+flush A 192.0.2.1");
    expect(sent.join()).not.toContain("node-1.local");
  });

  it("that another host has are told and tried for later, and the host is not renamed", () => {
    const kit = new HostKit({ aliases: ["nas"] });
    kit.advance(100);
    kit.hear(["nas.local 120 A 192.0.2.99"]);
    kit.advance(2000);
    const [conflict] = kit.events("publication-conflicted");
    expect(conflict).toMatchObject({ rival: { address: RIVAL }, link: 2 });
    expect(conflict!.name.toString()).toBe("nas.local");
    expect(kit.events("renamed")).toEqual([]);
    expect(kit.engine.snapshot(kit.instant).publications[0]).toMatchObject({
      name: "nas.local",
      state: "conflicted",
      rival: RIVAL,
    });
    kit.advance(MINUTE);
    const [registered] = kit.events("publication-registered");
    expect(registered?.name.toString()).toBe("nas.local");
  });

  it("equal to the host's name add nothing", () => {
    const kit = settledHost({ aliases: ["NODE-1"] });
    expect(kit.engine.snapshot(kit.instant).publications).toMatchObject([{ state: "held" }]);
  });
});

describe("a further host", () => {
  it("is published with its addresses and its reverse name until withdrawn with goodbyes", () => {
    const kit = settledHost();
    const id = publish(kit);
    kit.advance(5000);
    expect(kit.answersSent()).toContain("nas.local. 120 IN+flush A 192.0.2.50");
    expect(kit.answersSent()).toContain("50.2.0.192.in-addr.arpa. 120 IN+flush PTR nas.local.");
    expect(kit.events("publication-registered")).toMatchObject([{ publication: id, link: 2 }]);
    const withdrawnAt = kit.now;
    kit.engine.withdrawPublication(id, kit.instant);
    kit.advance(2000);
    expect(kit.answersSent(withdrawnAt)).toContain("nas.local. 0 IN+flush A 192.0.2.50");
  });

  it("is looked up from here as from elsewhere", () => {
    const kit = settledHost();
    publish(kit);
    kit.advance(5000);
    expect(lookUp(kit, "nas.local")).toMatchObject({ addresses: [{ address: "192.0.2.50" }] });
    const reverse = { address: "192.0.2.50" as IpAddress, links: "all" } as const;
    const id = kit.engine.lookupNames(reverse, kit.instant);
    const outcome = kit.outcome(id)?.outcome;
    expect(outcome).toMatchObject({ kind: "names", names: [{ name: NAS.name }] });
  });

  it("is published on the chosen links, those that come later too", () => {
    const kit = settledHost({}, [ETH0]);
    publish(kit, { links: ({ name }) => name === "eth1", reverse: false });
    kit.advance(5000);
    expect(kit.answersSent(0, ETH0).join()).not.toContain("nas.local");
    kit.useLinks([ETH0, ETH1]);
    kit.advance(5000);
    expect(kit.answersSent(0, ETH1)).toContain("nas.local. 120 IN+flush A 192.0.2.50");
  });

  it("is published again when its link is back", () => {
    const kit = settledHost();
    publish(kit);
    kit.advance(5000);
    kit.useLinks([]);
    kit.advance(5000);
    const backAt = kit.now;
    kit.useLinks([ETH0]);
    kit.advance(5000);
    expect(kit.answersSent(backAt)).toContain("nas.local. 120 IN+flush A 192.0.2.50");
    expect(kit.answersSent(backAt)).toContain("node-1.local. 120 IN+flush A 192.0.2.1");
  });

  it("must be below local, and have an address", () => {
    const kit = settledHost();
    expect(() => publish(kit, { name: Name.parse("nas.example") })).toThrow(/below "local"/);
    expect(() => publish(kit, { name: Name.parse("local") })).toThrow(/below "local"/);
    expect(() => publish(kit, { addresses: [] })).toThrow(/no address/);
    expect(kit.engine.snapshot(kit.instant).publications).toEqual([]);
  });
});

it("records are published as they are, and outside of local refused", () => {
  const kit = settledHost();
  const record = {
    name: Name.parse("note.local"),
    type: 16,
    ttl: 4500,
    data: { kind: "TXT", strings: [new TextEncoder().encode("hello")] },
    ownership: "unique",
    cedable: false,
  } as const;
  kit.engine.publishRecords({ records: [record], links: "all" }, kit.instant);
  kit.advance(5000);
  expect(kit.answersSent()).toContain('note.local. 4500 IN+flush TXT "hello"');
  const outside = { ...record, name: Name.parse("note.example") };
  expect(() =>
    kit.engine.publishRecords({ records: [record, outside], links: "all" }, kit.instant),
  ).toThrow(/note\.example/);
});

it("another responder of this host that answers for the name is left the name, and said so", () => {
  const kit = settledHost();
  kit.hear(["node-1.local 120 A 192.0.2.1"], { source: "192.0.2.1" as IpAddress });
  kit.advance(1000);
  expect(kit.events("ceded").map(({ name }) => name.toString())).toContain("node-1.local");
  expect(kit.engine.snapshot(kit.instant).names[0]).toMatchObject({ ceded: true });
  expect(kit.events("renamed")).toEqual([]);
});
