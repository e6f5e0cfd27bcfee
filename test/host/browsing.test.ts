import { describe, expect, it } from "vitest";
import { milliseconds } from "../../src/core/time.ts";
import type { BrowseId, WatchId } from "../../src/dnssd/types.ts";
import { Name } from "../../src/wire/name.ts";
import { makeLink } from "./host-kit.ts";
import { group, LOCAL, ServiceKit, txt } from "./service-kit.ts";

const ETH0 = makeLink({ id: 2 });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });
const LASER = Name.parse("Laser._ipp._tcp.local");

const LISTED = "shared _ipp._tcp.local 4500 PTR Laser._ipp._tcp.local";
const RECORDS = [
  "Laser._ipp._tcp.local 120 SRV 0 0 631 printer.local",
  'Laser._ipp._tcp.local 4500 TXT "rp=ipp"',
  "printer.local 120 A 192.0.2.50",
  "printer.local 120 AAAA 2001:db8::50",
];

function browse(kit: ServiceKit, type: string | undefined): BrowseId {
  const id = kit.engine.browse({ type, domain: LOCAL, links: "all" }, kit.instant);
  kit.drain();
  return id;
}

function watch(kit: ServiceKit): WatchId {
  const id = kit.engine.watchInstance({ name: LASER, links: "all" }, kit.instant);
  kit.drain();
  return id;
}

/** What came and went: `+Laser%2`. */
function changes(kit: ServiceKit): string[] {
  return kit.events("service").flatMap(({ event }) => {
    if (event.kind !== "instance-added" && event.kind !== "instance-removed") return [];
    const { name, link } = event.instance;
    return [`${event.kind === "instance-added" ? "+" : "-"}${name.firstLabel}%${link}`];
  });
}

/** What was resolved: `host port addresses`, or `none`. */
function resolutions(kit: ServiceKit): string[] {
  return kit.events("service").flatMap(({ event }) => {
    if (event.kind === "instance-unresolved") return ["none"];
    if (event.kind !== "instance-resolved") return [];
    const { host, port, addresses } = event.resolution;
    return [`${host} ${port} ${addresses.join(",")}`];
  });
}

describe("browsing", () => {
  it("§4: tells instances at once as they come and go", () => {
    const kit = new ServiceKit();
    const id = browse(kit, "_ipp._tcp");
    kit.hear([LISTED]);
    expect(changes(kit)).toEqual(["+Laser%2"]);
    expect(kit.engine.instances(id)).toMatchObject([{ own: false }]);
    kit.hear(["shared _ipp._tcp.local 0 PTR Laser._ipp._tcp.local"]);
    kit.advance(1500);
    expect(changes(kit)).toEqual(["+Laser%2", "-Laser%2"]);
    expect(kit.engine.instances(id)).toEqual([]);
  });

  it("tells one event a service a link, however often it is announced", () => {
    const kit = new ServiceKit({}, [ETH0, ETH1]);
    browse(kit, "_ipp._tcp");
    kit.hear([LISTED]);
    kit.hear([LISTED]);
    kit.hear([LISTED], { link: ETH1 });
    kit.advance(5000);
    kit.hear([LISTED]);
    expect(changes(kit)).toEqual(["+Laser%2", "+Laser%3"]);
  });

  it("RFC 6762 §5.2: asks for several who browse the same as for one, and loses nothing meanwhile", () => {
    const [one, several] = [1, 5].map((count) => {
      const kit = new ServiceKit();
      for (let index = 0; index < count; index++) browse(kit, "_ipp._tcp");
      kit.hear([LISTED]);
      kit.advance(3_600_000);
      expect(changes(kit)).toEqual(new Array(count).fill("+Laser%2"));
      return kit.questionsSent().map(({ question }) => question);
    });
    expect(one!.length).toBeGreaterThan(8);
    expect(several).toEqual(one);
  });

  it("does not tell of a goodbye that is taken back within its second", () => {
    const kit = new ServiceKit();
    browse(kit, "_ipp._tcp");
    kit.hear([LISTED]);
    kit.hear(["shared _ipp._tcp.local 0 PTR Laser._ipp._tcp.local"]);
    kit.advance(500);
    kit.hear([LISTED]);
    kit.advance(5000);
    expect(changes(kit)).toEqual(["+Laser%2"]);
  });

  it("tells that services of a link that has gone are gone", () => {
    const kit = new ServiceKit({}, [ETH0, ETH1]);
    browse(kit, "_ipp._tcp");
    kit.hear([LISTED], { link: ETH1 });
    kit.useLinks([ETH0]);
    expect(changes(kit)).toEqual(["+Laser%3", "-Laser%3"]);
  });

  it("§7.1: finds the instances of a subtype", () => {
    const kit = new ServiceKit();
    browse(kit, "_universal._sub._ipp._tcp");
    kit.hear(["shared _universal._sub._ipp._tcp.local 4500 PTR Laser._ipp._tcp.local"]);
    kit.hear(["shared _ipp._tcp.local 4500 PTR Inkjet._ipp._tcp.local"]);
    expect(changes(kit)).toEqual(["+Laser%2"]);
  });

  it("§9: finds the instances of all types that there are, and of those that come later", () => {
    const kit = new ServiceKit();
    browse(kit, undefined);
    kit.hear(["shared _services._dns-sd._udp.local 4500 PTR _ipp._tcp.local", LISTED]);
    kit.hear([
      "shared _services._dns-sd._udp.local 4500 PTR _http._tcp.local",
      "shared _http._tcp.local 4500 PTR Web._http._tcp.local",
    ]);
    expect(changes(kit)).toEqual(["+Laser%2", "+Web%2"]);
    kit.hear(["shared _services._dns-sd._udp.local 0 PTR _http._tcp.local"]);
    kit.advance(2000);
    kit.hear(["shared _http._tcp.local 0 PTR Web._http._tcp.local"]);
    kit.advance(2000);
    expect(changes(kit)).toEqual(["+Laser%2", "+Web%2", "-Web%2"]);
  });

  it("finds what this host publishes itself", () => {
    const kit = new ServiceKit();
    const id = browse(kit, "_http._tcp");
    kit.publish(group("Web"));
    kit.advance(3000);
    expect(changes(kit)).toEqual(["+Web%2"]);
    expect(kit.engine.instances(id)).toMatchObject([{ own: true }]);
  });

  it("passes over what is no instance of the type", () => {
    const kit = new ServiceKit();
    browse(kit, "_ipp._tcp");
    kit.hear(["shared _ipp._tcp.local 4500 PTR Laser._http._tcp.local"]);
    kit.hear(["shared _ipp._tcp.local 4500 PTR local"]);
    kit.hear(["shared _ipp._tcp.local 4500 PTR A._sub._ipp._tcp.local"]);
    kit.advance(1000);
    expect(changes(kit)).toEqual([]);
    expect(kit.engine.snapshot(kit.instant).services.counters).toEqual({ "pointers-unusable": 3 });
  });

  it.each(["", "http", "_http", "_http._sctp", "_a._http._tcp", "_http._tcp.local"])(
    "refuses %j as a type",
    (type) => {
      expect(() => browse(new ServiceKit(), type)).toThrow(/expected a type/);
    },
  );

  it("finds a thousand services of a link, each once", () => {
    const kit = new ServiceKit();
    browse(kit, "_ipp._tcp");
    for (let packet = 0; packet < 50; packet++) {
      kit.hear(
        Array.from(
          { length: 20 },
          (_, index) => `shared _ipp._tcp.local 4500 PTR S${packet * 20 + index}._ipp._tcp.local`,
        ),
      );
      kit.advance(5);
    }
    kit.advance(10_000);
    expect(changes(kit)).toHaveLength(1000);
    expect(new Set(changes(kit)).size).toBe(1000);
  });

  it("says nothing more once it is stopped", () => {
    const kit = new ServiceKit();
    const id = browse(kit, undefined);
    kit.hear(["shared _services._dns-sd._udp.local 4500 PTR _ipp._tcp.local", LISTED]);
    kit.engine.stopBrowse(id, kit.instant);
    kit.hear(["shared _ipp._tcp.local 4500 PTR Other._ipp._tcp.local"]);
    kit.advance(10_000);
    const start = kit.now;
    kit.advance(4_500_000);
    expect(changes(kit)).toEqual(["+Laser%2"]);
    expect(kit.questionsSent(start)).toEqual([]);
  });
});

describe("a watched instance", () => {
  it("§5: is resolved to host, port, addresses and TXT in one event", () => {
    const kit = new ServiceKit();
    watch(kit);
    kit.hear(RECORDS);
    expect(resolutions(kit)).toEqual(["printer.local 631 192.0.2.50,2001:db8::50"]);
    const [resolved] = kit.services("instance-resolved");
    expect(resolved?.resolution.txt?.strings.map((text) => Buffer.from(text).toString())).toEqual([
      "rp=ipp",
    ]);
  });

  it("is asked for as SRV and TXT, then as the addresses of its host", () => {
    const kit = new ServiceKit();
    watch(kit);
    kit.advance(300);
    const asked = () =>
      kit.questionsSent().map(({ question }) => question.replace(/^(\S+)\.? IN.* (\S+)$/, "$1 $2"));
    expect(asked().join()).toContain("SRV");
    kit.hear(RECORDS.slice(0, 2));
    const start = kit.now;
    kit.advance(300);
    const later = kit
      .questionsSent(start)
      .map(({ question }) => question)
      .join();
    expect(later).toContain("printer.local");
  });

  it("waits only shortly for TXT and the other family", () => {
    const kit = new ServiceKit();
    watch(kit);
    kit.hear([RECORDS[0]!, RECORDS[2]!]);
    expect(resolutions(kit)).toEqual([]);
    kit.advance(400);
    expect(resolutions(kit)).toEqual(["printer.local 631 192.0.2.50"]);
  });

  it("stays correct when port, addresses and TXT change", () => {
    const kit = new ServiceKit();
    watch(kit);
    kit.hear(RECORDS);
    kit.advance(2000);
    kit.hear(["Laser._ipp._tcp.local 120 SRV 0 0 8631 printer.local"]);
    kit.advance(2000);
    kit.hear(["printer.local 120 A 192.0.2.51"]);
    kit.advance(2000);
    kit.hear(['Laser._ipp._tcp.local 4500 TXT "rp=other"']);
    kit.advance(2000);
    expect(resolutions(kit).at(-1)).toBe("printer.local 8631 192.0.2.51,2001:db8::50");
    expect(resolutions(kit)).toHaveLength(4);
  });

  it("moves to another host without a gap", () => {
    const kit = new ServiceKit();
    watch(kit);
    kit.hear(RECORDS);
    kit.advance(2000);
    kit.hear(["Laser._ipp._tcp.local 120 SRV 0 0 631 other.local"]);
    kit.advance(500);
    kit.hear(["other.local 120 A 192.0.2.60"]);
    kit.advance(1000);
    expect(resolutions(kit)).toEqual([
      "printer.local 631 192.0.2.50,2001:db8::50",
      "other.local 631 192.0.2.60",
    ]);
  });

  it("RFC 6762 §10.4: takes itself out of lists when its host has vanished", () => {
    const kit = new ServiceKit();
    browse(kit, "_ipp._tcp");
    watch(kit);
    kit.hear([LISTED, ...RECORDS]);
    kit.advance(119_000);
    expect(changes(kit)).toEqual(["+Laser%2"]);
    kit.advance(20_000);
    expect(resolutions(kit).at(-1)).toBe("none");
    expect(changes(kit)).toEqual(["+Laser%2", "-Laser%2"]);
  });

  it("is gone with its link", () => {
    const kit = new ServiceKit({}, [ETH0, ETH1]);
    watch(kit);
    kit.hear(RECORDS, { link: ETH1 });
    kit.useLinks([ETH0]);
    expect(resolutions(kit).at(-1)).toBe("none");
  });

  it("may be one that this host publishes itself", () => {
    const kit = new ServiceKit();
    kit.publish(group("Laser", { type: "_ipp._tcp", port: 631, txt: txt("rp=ipp") }));
    kit.advance(5000);
    watch(kit);
    kit.advance(500);
    expect(resolutions(kit)).toEqual(["node-1.local 631 192.0.2.1"]);
  });
});

describe("a look-up of an instance", () => {
  function lookup(kit: ServiceKit): void {
    kit.engine.lookupInstance(
      { name: LASER, links: "all", timeout: milliseconds(3000) },
      kit.instant,
    );
    kit.drain();
  }

  it("ends with what was found, and asks no longer", () => {
    const kit = new ServiceKit({ mdnsMode: "resolve" });
    lookup(kit);
    kit.hear(RECORDS);
    kit.advance(50);
    expect(kit.services("instance-lookup-done")).toMatchObject([
      { outcome: { kind: "resolved", resolutions: [{ port: 631 }] } },
    ]);
    const start = kit.now;
    kit.advance(200_000);
    expect(kit.questionsSent(start)).toEqual([]);
  });

  it("ends in time when nobody answers", () => {
    const kit = new ServiceKit();
    lookup(kit);
    kit.advance(2999);
    expect(kit.services("instance-lookup-done")).toEqual([]);
    kit.advance(1);
    expect(kit.services("instance-lookup-done")).toMatchObject([
      { outcome: { kind: "no-such-name" } },
    ]);
  });

  it("ends at once when the owner of the name says that there is no such service", () => {
    const kit = new ServiceKit();
    lookup(kit);
    kit.advance(100);
    kit.hear(["Laser._ipp._tcp.local 120 NSEC Laser._ipp._tcp.local TXT"]);
    kit.advance(10);
    expect(kit.services("instance-lookup-done")).toMatchObject([{ outcome: { kind: "no-data" } }]);
  });
});
