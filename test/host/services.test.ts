import { describe, expect, it } from "vitest";
import type { Link } from "../../src/core/link.ts";
import { Name } from "../../src/wire/name.ts";
import { makeLink } from "./host-kit.ts";
import { group, ServiceKit, service, txt } from "./service-kit.ts";

const ETH0 = makeLink({ id: 2 });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });
const RIVAL_SRV = "Web._http._tcp.local 120 SRV 0 0 8000 other.local";

/** A kit whose host has its name and is quiet. */
function quietKit(...args: ConstructorParameters<typeof ServiceKit>): ServiceKit {
  const kit = new ServiceKit(...args);
  kit.advance(10_000);
  return kit;
}

describe("a published service", () => {
  it("§4, §9: is listed under its type and its subtypes, and its type under the types", () => {
    const kit = quietKit();
    const start = kit.now;
    kit.publish(group("Web", { subtypes: ["_printer"], txt: txt("path=/", "duplex") }));
    kit.advance(5000);
    expect(kit.answered(start)).toEqual(
      expect.arrayContaining([
        "_http._tcp.local 4500 PTR Web._http._tcp.local",
        "_printer._sub._http._tcp.local 4500 PTR Web._http._tcp.local",
        "_services._dns-sd._udp.local 4500 PTR _http._tcp.local",
        "Web._http._tcp.local 120 SRV 0 0 80 node-1.local",
        'Web._http._tcp.local 4500 TXT "path=/" "duplex"',
      ]),
    );
    expect(kit.services("service-registered").map(({ instance }) => instance)).toEqual(["Web"]);
  });

  it("§6.1: has a TXT record of one empty string where it has nothing to say", () => {
    const kit = quietKit();
    kit.publish(group("Web"));
    kit.advance(5000);
    expect(kit.answered()).toContain('Web._http._tcp.local 4500 TXT ""');
  });

  it("§4.1.1: may have dots, spaces, backslashes and UTF-8 in its name", () => {
    const kit = quietKit();
    kit.publish(group("Dr. Müller\\Büro 1.5"));
    kit.advance(5000);
    expect(kit.answered()).toContain(
      String.raw`Dr\. Müller\\Büro 1\.5._http._tcp.local 120 SRV 0 0 80 node-1.local`,
    );
  });

  it("says goodbye when it is withdrawn, but not for a type that another service has", () => {
    const kit = quietKit();
    const id = kit.publish(group("Web"));
    kit.publish(group("Wiki", { port: 81 }));
    kit.advance(5000);
    const start = kit.now;
    kit.withdraw(id);
    kit.advance(5000);
    expect(kit.answered(start).sort()).toEqual(
      [
        'Web._http._tcp.local 0 TXT ""',
        "Web._http._tcp.local 0 SRV 0 0 80 node-1.local",
        "_http._tcp.local 0 PTR Web._http._tcp.local",
      ].sort(),
    );
  });

  it("puts TXT alone on the wire when TXT alone has changed", () => {
    const kit = quietKit();
    const id = kit.publish(group("Web", { txt: txt("v=1") }));
    kit.advance(5000);
    const start = kit.now;
    kit.update(id, group("Web", { txt: txt("v=2") }));
    kit.advance(5000);
    expect(kit.answered(start)).toEqual(['Web._http._tcp.local 4500 TXT "v=2"']);
    expect(kit.questionsSent(start)).toEqual([]);
  });

  it("can be of another host, with priority and weight", () => {
    const kit = quietKit();
    const host = Name.parse("nas.local");
    kit.publish(group("Web", { host, priority: 1, weight: 2 }));
    kit.advance(5000);
    expect(kit.answered()).toContain("Web._http._tcp.local 120 SRV 1 2 80 nas.local");
  });

  it("is on the chosen links only, those that come later too", () => {
    const kit = quietKit({}, [ETH0]);
    kit.publish(group("Web", { links: ({ name }: Link) => name === "eth1" }));
    kit.advance(5000);
    kit.useLinks([ETH0, ETH1]);
    kit.advance(5000);
    const srv = "Web._http._tcp.local 120 SRV 0 0 80 node-1.local";
    expect(kit.answered(0, ETH0)).not.toContain(srv);
    expect(kit.answered(0, ETH1)).toContain(srv);
  });

  it("follows the host's name", () => {
    const kit = quietKit();
    kit.publish(group("Web"));
    kit.advance(5000);
    kit.holds("node-1.local 120 A 192.0.2.99", 0);
    kit.apply({ hostname: "node-7" });
    kit.advance(5000);
    expect(kit.answered()).toContain("Web._http._tcp.local 120 SRV 0 0 80 node-7.local");
  });

  it.each([
    ["an empty name", group("")],
    ["a name of 64 octets", group("é".repeat(32))],
    ["a control character", group("a\nb")],
    ["no such type", group("Web", { type: "http" })],
    ["a port above 65535", group("Web", { port: 65_536 })],
    ["a domain that is not of the link", group("Web", { domain: Name.parse("example.com") })],
    ["no host to be at", group("Web", { host: Name.ROOT })],
    ["a TXT entry of 256 octets", group("Web", { txt: txt(`k=${"x".repeat(254)}`) })],
    ["a TXT key with an umlaut", group("Web", { txt: txt("ä=1") })],
    ["no service at all", { instance: "Web", services: [] }],
  ])("is refused with %s", (_what, spec) => {
    const kit = quietKit();
    const { size } = new Set(kit.answered());
    expect(() => kit.publish(spec)).toThrow();
    kit.advance(5000);
    expect(kit.answered()).toHaveLength(size);
  });
});

describe("a service whose name is another host's", () => {
  it("becomes `Name (2)`, all of its group and on all links", () => {
    const kit = quietKit({}, [ETH0, ETH1]);
    kit.publish(group("Web", {}, { type: "_ipp._tcp", port: 631 }));
    kit.holds(RIVAL_SRV, 3000, ETH0);
    kit.advance(3000);
    const [renamed] = kit.services("service-renamed");
    expect(renamed).toMatchObject({ from: "Web", to: "Web (2)", link: ETH0.id });
    expect(renamed?.rival?.address).toBe("192.0.2.99");
    for (const link of [ETH0, ETH1]) {
      const sent = kit.answered(0, link);
      expect(sent).toContain("Web (2)._http._tcp.local 120 SRV 0 0 80 node-1.local");
      expect(sent).toContain("Web (2)._ipp._tcp.local 120 SRV 0 0 631 node-1.local");
    }
    expect(kit.services("service-renamed")).toHaveLength(1);
  });

  it("never appears in browsers under the name that it does not get", () => {
    const kit = quietKit();
    kit.publish(group("Web"));
    kit.holds(RIVAL_SRV, 3000);
    kit.advance(3000);
    expect(kit.answered()).not.toContain("_http._tcp.local 4500 PTR Web._http._tcp.local");
  });

  it("is cut between characters where the number would not fit", () => {
    const kit = quietKit();
    const long = "é".repeat(31);
    kit.publish(group(long));
    kit.holds(`${long}._http._tcp.local 120 SRV 0 0 8000 other.local`, 3000);
    kit.advance(3000);
    const [renamed] = kit.services("service-renamed");
    expect(renamed?.to).toBe(`${"é".repeat(29)} (2)`);
  });

  it("takes its name back when it is free: first after a minute, with no second probing", () => {
    const kit = quietKit();
    const id = kit.publish(group("Web"));
    kit.holds(RIVAL_SRV, 3000);
    kit.advance(57_000);
    expect(kit.engine.serviceSnapshot(id)?.instance).toBe("Web (2)");
    kit.advance(5000);
    expect(kit.services("service-reclaimed")).toMatchObject([{ from: "Web (2)", to: "Web" }]);
    expect(kit.engine.serviceSnapshot(id)).toMatchObject({
      instance: "Web",
      links: [{ state: "registered" }],
    });
    const sent = kit.answered(58_000);
    expect(sent).toContain("_http._tcp.local 0 PTR Web (2)._http._tcp.local");
    expect(sent).toContain("_http._tcp.local 4500 PTR Web._http._tcp.local");
    expect(sent).not.toContain("Web._http._tcp.local 0 SRV 0 0 80 node-1.local");
    const probes = kit.questionsSent(60_000).filter(({ question }) => question.startsWith("Web."));
    expect(probes.length).toBe(3);
  });

  it("keeps trying at intervals that double", () => {
    const kit = quietKit();
    kit.publish(group("Web"));
    kit.holds(RIVAL_SRV, 8 * 60_000);
    const attempts = kit
      .questionsSent()
      .filter(({ question }) => question.startsWith("Web."))
      .map(({ at }) => Math.round((at - 10_000) / 60_000));
    expect([...new Set(attempts)]).toEqual([0, 1, 3, 7]);
    expect(kit.services("service-renamed")).toHaveLength(1);
  });

  it("is remembered over restarts, until it has its own name again", () => {
    const first = quietKit();
    first.publish(group("Web"));
    first.holds(RIVAL_SRV, 3000);
    first.advance(3000);
    const [told] = first.services("remember-instance");
    expect(told).toMatchObject({ original: "Web._http._tcp.local", instance: "Web (2)" });

    const rememberedInstances = new Map([[told!.original, told!.instance!]]);
    const second = quietKit({}, undefined, { rememberedInstances });
    const id = second.publish(group("Web"));
    second.advance(3000);
    expect(second.engine.serviceSnapshot(id)?.instance).toBe("Web (2)");
    second.advance(60_000);
    expect(second.services("remember-instance")).toMatchObject([{ instance: undefined }]);
  });

  it("does not go through names at full speed for ever", () => {
    const kit = quietKit();
    const id = kit.publish(group("Web"));
    const start = kit.now;
    while (kit.now < start + 60_000) {
      const { instance } = kit.engine.serviceSnapshot(id)!;
      kit.holds(
        `${instance.replace(/[ ()]/g, "\\$&")}._http._tcp.local 120 SRV 0 0 8000 other.local`,
        500,
      );
    }
    expect(kit.services("service-renamed").length).toBeLessThan(14);
  });
});

describe("services of one host with one name", () => {
  it("are told apart at once, without asking the link", () => {
    const kit = quietKit();
    kit.publish(group("Web"));
    const id = kit.publish(group("Web", { port: 81 }));
    kit.advance(3000);
    expect(kit.engine.serviceSnapshot(id)?.instance).toBe("Web (2)");
    expect(kit.services("service-renamed")).toMatchObject([{ from: "Web", to: "Web (2)" }]);
  });

  it("may have it on different links, and of different types", () => {
    const kit = quietKit({}, [ETH0, ETH1]);
    const on = (wanted: Link) => ({ links: ({ id }: Link) => id === wanted.id });
    kit.publish(group("Web", { port: 1, ...on(ETH0) }));
    kit.publish(group("Web", { port: 2, ...on(ETH1) }));
    kit.publish(group("Web", { type: "_ssh._tcp" }));
    kit.advance(3000);
    expect(kit.services("service-renamed")).toEqual([]);
    expect(kit.answered(0, ETH0)).toContain("Web._http._tcp.local 120 SRV 0 0 1 node-1.local");
    expect(kit.answered(0, ETH1)).toContain("Web._http._tcp.local 120 SRV 0 0 2 node-1.local");
  });

  it("are told apart when links bring them together", () => {
    const kit = quietKit({}, [ETH0]);
    const first = kit.publish(group("Web", { links: ({ name }: Link) => name === "eth1" }));
    const second = kit.publish(group("Web", { port: 81 }));
    kit.useLinks([ETH0, ETH1]);
    kit.advance(3000);
    expect(kit.engine.serviceSnapshot(first)?.instance).toBe("Web");
    expect(kit.engine.serviceSnapshot(second)?.instance).toBe("Web (2)");
  });
});

describe("what the settings publish", () => {
  it("is a workstation under the host's name, when wanted", () => {
    const publish = { addresses: true, reverse: true, hinfo: false, workstation: true };
    const kit = quietKit({ publish });
    expect(kit.answered()).toContain("node-1._workstation._tcp.local 120 SRV 0 0 9 node-1.local");
    kit.apply({ publish: { ...publish, workstation: false } });
    kit.advance(3000);
    expect(kit.answered()).toContain(
      "_workstation._tcp.local 0 PTR node-1._workstation._tcp.local",
    );
  });

  it("§11: are domains to browse, the first by default", () => {
    const kit = quietKit({ browseDomains: [Name.parse("example.com"), Name.parse("example.net")] });
    const sent = kit.answered();
    expect(sent).toContain("b._dns-sd._udp.local 4500 PTR example.com");
    expect(sent).toContain("b._dns-sd._udp.local 4500 PTR example.net");
    expect(sent).toContain("lb._dns-sd._udp.local 4500 PTR example.net");
    expect(sent).toContain("db._dns-sd._udp.local 4500 PTR example.com");
    expect(sent).not.toContain("db._dns-sd._udp.local 4500 PTR example.net");
  });

  it("and status shows every group with its state", () => {
    const kit = quietKit();
    kit.publish(group("Web", {}, service({ type: "_ipp._tcp", port: 631 })));
    kit.advance(3000);
    expect(kit.engine.snapshot(kit.instant).services.services).toMatchObject([
      {
        instance: "Web",
        original: "Web",
        services: [
          { type: "_http._tcp", port: 80 },
          { type: "_ipp._tcp", port: 631 },
        ],
        links: [{ state: "registered" }],
      },
    ]);
  });
});
