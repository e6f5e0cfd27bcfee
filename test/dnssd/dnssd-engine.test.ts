import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { LinkId } from "../../src/core/link.ts";
import { NEVER } from "../../src/core/time.ts";
import type { RecordAnswer } from "../../src/dnssd/record-port.ts";
import { PLAIN_SERVICE, type ServiceGroupSpec } from "../../src/dnssd/service.ts";
import { RecordClass, RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import type { ResourceRecord } from "../../src/wire/record.ts";
import { DnssdKit, ETH0, ETH1 } from "./fake-records.ts";

const LOCAL = Name.of("local");

function group(instance: string, more: object = {}): ServiceGroupSpec {
  const service = { ...PLAIN_SERVICE, type: "_http._tcp", domain: LOCAL, port: 80, ...more };
  return { instance, services: [service] };
}

function pointer(target: string): ResourceRecord {
  return {
    name: Name.parse("_http._tcp.local"),
    type: RecordType.PTR,
    class: RecordClass.IN,
    cacheFlush: false,
    ttl: 4500,
    data: { kind: "PTR", name: Name.parse(target) },
  };
}

function answer(target: string, link: LinkId = ETH0.id): RecordAnswer {
  const source = "192.0.2.9" as IpAddress;
  return { record: pointer(target), link, own: false, source, expires: NEVER };
}

describe("the engine on records", () => {
  it("§4 to §9: publishes shared pointers, and SRV and TXT that are probed for", () => {
    const kit = new DnssdKit();
    kit.engine.publish(group("Web", { subtypes: ["_printer"] }), kit.now);
    expect(kit.published(kit.records.set)).toEqual([
      "_http._tcp.local 4500 PTR Web._http._tcp.local. shared",
      "_printer._sub._http._tcp.local 4500 PTR Web._http._tcp.local. shared",
      "_services._dns-sd._udp.local 4500 PTR _http._tcp.local. shared",
      "Web._http._tcp.local 120 SRV 0 0 80 node-1.local. unique",
      'Web._http._tcp.local 4500 TXT "" unique',
    ]);
  });

  it("publishes a service of one family only where that family's group is joined", () => {
    const kit = new DnssdKit();
    kit.engine.publish(group("Web", { family: "ipv6" }), kit.now);
    expect(kit.published(kit.records.set)).toEqual([]);
    kit.engine.publish(group("Web 4", { family: "ipv4" }), kit.now);
    expect(kit.published(kit.records.set)).toHaveLength(4);
  });

  it("publishes each of several TXT records", () => {
    const kit = new DnssdKit();
    kit.engine.publish(group("Web", { txt: [[], []] }), kit.now);
    expect(kit.published(kit.records.set).filter((text) => text.includes(" TXT "))).toHaveLength(2);
  });

  it("takes nothing of an update that is refused", () => {
    const kit = new DnssdKit();
    const id = kit.engine.publish(group("Web"), kit.now);
    const before = kit.published(kit.records.set);
    expect(() => kit.engine.update(id, group("Web", { port: -1 }), kit.now)).toThrow(/port/);
    expect(kit.published(kit.records.set)).toEqual(before);
  });

  it("renames by an update, as another group", () => {
    const kit = new DnssdKit();
    const id = kit.engine.publish(group("Web"), kit.now);
    kit.engine.update(id, group("Wiki"), kit.now);
    expect(kit.published(kit.records.set)[2]).toContain("Wiki._http._tcp.local 120 SRV");
    kit.engine.publish(group("Web"), kit.now);
    expect(kit.events()).toEqual([]);
  });

  it("keeps a name from others for as long as its group has it, and no longer", () => {
    const kit = new DnssdKit();
    const first = kit.engine.publish(group("Web"), kit.now);
    const second = kit.engine.publish(group("WEB"), kit.now);
    expect(kit.engine.serviceSnapshot(second)?.instance).toBe("WEB (2)");
    kit.engine.withdraw(first, kit.now);
    const third = kit.engine.publish(group("Web"), kit.now);
    expect(kit.engine.serviceSnapshot(third)?.instance).toBe("Web");
  });

  it("takes the original name back when the other group has gone", () => {
    const kit = new DnssdKit();
    const first = kit.engine.publish(group("Web"), kit.now);
    const second = kit.engine.publish(group("Web", { port: 81 }), kit.now);
    kit.engine.withdraw(first, kit.now);
    kit.advance(60_000);
    const attempt = kit.records.set;
    expect(kit.published(attempt)).toEqual([
      "Web._http._tcp.local 120 SRV 0 0 81 node-1.local. unique",
    ]);
    kit.registered(attempt, ETH0);
    expect(kit.records.sets.has(attempt)).toBe(false);
    expect(kit.engine.serviceSnapshot(second)?.instance).toBe("Web");
  });

  it("does not try for it where that is not wanted", () => {
    const kit = new DnssdKit({ settings: { reclaim: false } });
    kit.engine.publish(group("Web"), kit.now);
    kit.engine.publish(group("Web"), kit.now);
    expect(kit.engine.nextDeadline).toBe(NEVER);
  });

  it("has nothing left to do or to hold when everything is withdrawn", () => {
    const kit = new DnssdKit();
    const services = ["Web", "Web"].map((name) => kit.engine.publish(group(name), kit.now));
    const browse = kit.engine.browse({ type: undefined, domain: LOCAL, links: "all" }, kit.now);
    const name = Name.parse("Web._http._tcp.local");
    const watch = kit.engine.watch({ name, links: "all" }, kit.now);
    kit.advance(10_000);
    for (const id of services) kit.engine.withdraw(id, kit.now);
    kit.engine.stopBrowse(browse, kit.now);
    kit.engine.stopWatch(watch, kit.now);
    expect(kit.records.sets.size + kit.records.queries.size).toBe(0);
    expect(kit.engine.nextDeadline).toBe(NEVER);
    expect(kit.engine.snapshot()).toMatchObject({ services: [], browses: 0, watches: 0 });
  });

  it("reconfirms what leads to an instance that does not resolve (RFC 6762 §10.4)", () => {
    const kit = new DnssdKit();
    kit.engine.watch({ name: Name.parse("Web._http._tcp.local"), links: "all" }, kit.now);
    kit.advance(4999);
    expect(kit.records.reconfirmed).toEqual([]);
    kit.advance(1);
    expect(kit.records.reconfirmed).toEqual(["_http._tcp.local PTR", "Web._http._tcp.local SRV"]);
    kit.advance(3_600_000);
    expect(kit.records.reconfirmed).toHaveLength(2);
  });

  it("tells nothing of what comes and goes within one input", () => {
    const kit = new DnssdKit();
    kit.engine.browse({ type: "_http._tcp", domain: LOCAL, links: "all" }, kit.now);
    const [query] = [...kit.records.queries.keys()];
    const one = answer("Web._http._tcp.local");
    kit.engine.handleRecordEvent({ kind: "answer-added", query: query!, answer: one }, kit.now);
    kit.engine.handleRecordEvent({ kind: "answer-removed", query: query!, answer: one }, kit.now);
    kit.advance(0);
    expect(kit.events()).toEqual([]);
    for (const kind of ["answer-added", "answer-removed", "answer-added"] as const) {
      kit.engine.handleRecordEvent({ kind, query: query!, answer: one }, kit.now);
    }
    kit.advance(0);
    expect(kit.events()).toMatchObject([{ kind: "instance-added" }]);
  });

  it("forgets the instances of links that are gone", () => {
    const kit = new DnssdKit();
    const id = kit.engine.browse({ type: "_http._tcp", domain: LOCAL, links: "all" }, kit.now);
    const [query] = [...kit.records.queries.keys()];
    const there = answer("Web._http._tcp.local", ETH1.id);
    kit.engine.handleRecordEvent({ kind: "answer-added", query: query!, answer: there }, kit.now);
    kit.advance(0);
    kit.engine.handleLinks([ETH0], kit.now);
    kit.advance(0);
    expect(kit.events().map(({ kind }) => kind)).toEqual(["instance-added", "instance-removed"]);
    expect(kit.engine.instances(id)).toEqual([]);
  });

  it("refuses groups beyond the limit and goes on", () => {
    const kit = new DnssdKit();
    const ids = Array.from({ length: 4096 }, (_, index) =>
      kit.engine.publish(group(`S${index}`), kit.now),
    );
    expect(() => kit.engine.publish(group("One more"), kit.now)).toThrow(/4096/);
    kit.engine.withdraw(ids[0]!, kit.now);
    expect(() => kit.engine.publish(group("One more"), kit.now)).not.toThrow();
  });
});
