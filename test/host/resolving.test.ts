import { describe, expect, it } from "vitest";
import { HostsTable } from "../../src/host/hosts-table.ts";
import { ResponseCode } from "../../src/wire/constants.ts";
import { answering, type Behaviour, silent, withCode } from "../unicast/resolver-kit.ts";
import { resolver, SERVER, ServerKit } from "./server-kit.ts";

const CORP = "192.0.2.54";
const NXDOMAIN = withCode(ResponseCode.NXDOMAIN);

/** Answers these names with an address, and others with NXDOMAIN. */
const knowing =
  (...names: readonly string[]): Behaviour =>
  (asked) => {
    const { name } = asked.query.questions[0]!;
    return names.includes(name.toString()) ? answering("198.51.100.7")(asked) : NXDOMAIN(asked);
  };

/** Questions on the link, without those of before. */
function onLink(kit: ServerKit): string[] {
  return kit.questionsSent().map(({ question }) => question);
}

describe("a name with a domain", () => {
  it("is asked of name servers alone", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, answering("198.51.100.7"));
    const id = kit.lookup("www.example.org");
    kit.advance(1000);
    expect(kit.told(id)).toBe("20 www.example.org: 198.51.100.7");
    expect(onLink(kit)).toEqual([]);
  });

  it("is asked for both families together, and one that is late is left out", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, (asked) =>
      asked.query.questions[0]!.type === 28 ? undefined : answering("198.51.100.7")(asked),
    );
    const id = kit.lookup("www.example.org", { family: "any" });
    kit.advance(1000);
    expect(kit.told(id)).toBe("320 www.example.org: 198.51.100.7");
  });

  it("fails by name servers that do not answer, or when the caller's time is over", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, silent);
    const patient = kit.lookup("www.example.org.");
    const hasty = kit.lookup("www.example.org.", { timeout: 500 });
    kit.advance(20_000);
    expect(kit.told(hasty)).toBe("500 timed-out");
    expect(kit.told(patient)).toBe("10000 failed timeout");
  });

  it("is not to be had without name servers", () => {
    const kit = new ServerKit({ resolver: resolver({ routes: {} }) });
    expect(kit.told(kit.lookup("www.example.org"))).toBe("0 unavailable");
  });

  it("that does not exist is looked for in the search list, unless a dot ends it", () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["example.org"] }) });
    kit.serve(SERVER, knowing("www.sub.example.org"));
    const searched = kit.lookup("www.sub");
    const absolute = kit.lookup("www.sub.");
    kit.advance(1000);
    expect(kit.told(searched)).toBe("40 www.sub.example.org: 198.51.100.7");
    expect(kit.told(absolute)).toBe("20 no-such-name");
  });
});

describe("RFC 1034 §3.1: a bare label", () => {
  const searching = () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["localdomain"] }) });
    kit.serve(SERVER, NXDOMAIN);
    return kit;
  };

  it("goes by search list and link together, and what the link says counts when the other says no", () => {
    const kit = searching();
    const id = kit.lookup("node-7");
    kit.advance(120);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.trace).toEqual([`0 node-7.localdomain 1 ${SERVER}`]);
    expect(onLink(kit)).toContain("node-7.local. IN+QU A");
    expect(kit.told(id)).toBe("120 node-7.local: 192.0.2.7");
  });

  it("is never put to name servers as it is", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, answering("198.51.100.7"));
    const id = kit.lookup("node-7");
    kit.advance(5000);
    expect(kit.trace).toEqual([]);
    expect(kit.told(id)).toMatch(/no-such-name$/);
  });

  it("the search list's answer counts more: it gets 300 ms after the link's", () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["a.example", "b.example"] }) });
    kit.serve(SERVER, knowing("node-7.b.example"));
    const id = kit.lookup("node-7");
    kit.advance(10);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("40 node-7.b.example: 198.51.100.7");
  });

  it("waits for name servers that are silent no longer than that", () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["localdomain"] }) });
    kit.serve(SERVER, silent);
    const id = kit.lookup("node-7");
    kit.advance(100);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("400 node-7.local: 192.0.2.7");
  });

  it("the order is the configured one", () => {
    const kit = new ServerKit({
      resolver: resolver({ search: ["localdomain"] }),
      singleLabel: ["mdns", "unicast"],
    });
    kit.serve(SERVER, knowing("node-7.localdomain"));
    const first = kit.lookup("node-7");
    kit.advance(30);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(first)).toBe("30 node-7.local: 192.0.2.7");
  });

  it("can be kept from the link", () => {
    const kit = new ServerKit({
      resolver: resolver({ search: ["localdomain"] }),
      singleLabel: ["unicast"],
    });
    kit.serve(SERVER, NXDOMAIN);
    const id = kit.lookup("node-7");
    kit.advance(1000);
    expect(kit.told(id)).toBe("20 no-such-name");
    expect(onLink(kit)).toEqual([]);
  });

  it("a search domain in local is the link's", () => {
    const kit = new ServerKit({
      resolver: resolver({ search: ["local"], localUnicastFallback: "never" }),
    });
    const id = kit.lookup("node-7");
    kit.advance(100);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(id)).toMatch(/ node-7\.local: 192\.0\.2\.7$/);
    expect(kit.trace).toEqual([]);
  });

  it("a search that is given up asks no further", () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["a.example", "b.example"] }) });
    kit.serve(SERVER, NXDOMAIN);
    const id = kit.lookup("node-7");
    kit.advance(10);
    kit.engine.cancelLookup(id, kit.instant);
    kit.advance(5000);
    expect(kit.trace).toHaveLength(1);
    expect(kit.told(id)).toBeUndefined();
  });
});

describe("split DNS", () => {
  const routed = () => {
    const kit = new ServerKit({
      resolver: resolver({
        routes: { ".": [SERVER], "corp.example": [CORP], "corp.local": [CORP] },
      }),
    });
    kit.serve(SERVER, NXDOMAIN);
    kit.serve(CORP, answering("198.51.100.9"));
    return kit;
  };

  it.each(["www.corp.example", "dc.corp.local"])("%s is asked of its servers alone", (name) => {
    const kit = routed();
    const id = kit.lookup(name);
    kit.advance(1000);
    expect(kit.trace).toEqual([`0 ${name} 1 ${CORP}`]);
    expect(kit.told(id)).toBe(`20 ${name}: 198.51.100.9`);
    expect(onLink(kit)).toEqual([]);
  });

  it("the rest of local stays on the link", () => {
    const kit = routed();
    const id = kit.lookup("node-7.local");
    kit.advance(100);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(id)).toMatch(/node-7\.local: 192\.0\.2\.7$/);
    expect(kit.trace).toEqual([]);
  });
});

describe("names in local that nobody answers for on the link", () => {
  const falling = (localUnicastFallback: "auto" | "always" | "never") => {
    const kit = new ServerKit({ resolver: resolver({ localUnicastFallback }) });
    kit.serve(SERVER, answering("198.51.100.7"));
    return kit;
  };

  it("are asked of name servers where that is configured, and the link counts more", () => {
    const kit = falling("always");
    const absent = kit.lookup("node-7.local");
    kit.advance(1000);
    expect(kit.told(absent)).toBe("320 node-7.local: 198.51.100.7");
    const known = kit.lookup("node-8.local");
    kit.advance(100);
    kit.hear(["node-8.local 120 A 192.0.2.8"]);
    kit.advance(1000);
    expect(kit.told(known)).toMatch(/node-8\.local: 192\.0\.2\.8$/);
  });

  it("are nobody's where it is not", () => {
    const kit = falling("never");
    const id = kit.lookup("www.corp.local");
    kit.advance(5000);
    expect(kit.told(id)).toBe("3000 no-such-name");
    expect(kit.trace).toEqual([]);
  });
});

describe("the hosts file", () => {
  const hosts = HostsTable.parse(
    [
      "# names of ours",
      "192.0.2.200 nas.example NAS nas.local # the big one",
      "2001:db8::200 nas.example",
      "192.0.2.300 wrong",
      "192.0.2.7 printer",
    ].join("\n"),
  );

  it.each([
    ["nas.example", "0 nas.example: 192.0.2.200"],
    ["nas", "0 nas: 192.0.2.200"],
    ["nas.local", "0 nas.local: 192.0.2.200"],
  ])("%s is asked of nobody", (name, told) => {
    const kit = new ServerKit({ hosts });
    expect(kit.told(kit.lookup(name))).toBe(told);
    kit.advance(1000);
    expect(kit.trace).toEqual([]);
    expect(onLink(kit)).toEqual([]);
  });

  it("names addresses, and says of its names that they have no others", () => {
    const kit = new ServerKit({ hosts });
    expect(kit.told(kit.lookupNames("192.0.2.200"))).toBe("0 nas.example, NAS, nas.local");
    expect(kit.told(kit.lookup("printer", { family: "ipv6" }))).toBe("0 no-data");
  });

  it("says nothing of this host's own name", () => {
    const kit = new ServerKit({ hosts: HostsTable.parse("127.0.1.1 node-1"), mdnsMode: "full" });
    expect(kit.told(kit.lookup("node-1"))).toBe("0 node-1.local: 192.0.2.1");
  });
});

describe("names of addresses on the link", () => {
  it("come from whoever knows them first", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, NXDOMAIN);
    const id = kit.lookupNames("192.0.2.7");
    kit.advance(120);
    kit.hear(["7.2.0.192.in-addr.arpa 120 PTR node-7.local"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("120 node-7.local");
    expect(kit.trace).toHaveLength(1);
  });

  it("that nobody knows do not take the time of a name in local", () => {
    const kit = new ServerKit();
    kit.serve(SERVER, NXDOMAIN);
    const id = kit.lookupNames("192.0.2.7");
    kit.advance(5000);
    expect(kit.told(id)).toBe("550 no-such-name");
  });
});

/** A name server with these records, which denies all else. */
const having =
  (...records: readonly string[]): Behaviour =>
  (asked) => {
    const { name } = asked.query.questions[0]!;
    const answers = records.filter((record) => record.startsWith(`${name.toString()}. `));
    return answers.length > 0 ? { answers } : NXDOMAIN(asked);
  };

describe("RFC 1034 §3.6.2: an alias that leads to another protocol", () => {
  const aliasing = (...records: readonly string[]) => {
    const kit = new ServerKit();
    kit.serve(SERVER, having(...records));
    return kit;
  };

  it("from name servers to the link is followed there, and name servers are not asked for it", () => {
    const kit = aliasing("nas.example.org. 300 IN CNAME node-7.local.");
    const id = kit.lookup("nas.example.org");
    kit.advance(150);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("150 node-7.local: 192.0.2.7");
    expect(kit.trace).toEqual([`0 nas.example.org 1 ${SERVER}`]);
  });

  it("counts though the server denies the name it leads to", () => {
    const kit = new ServerKit();
    const answers = ["nas.example.org. 300 IN CNAME node-7.local."];
    kit.serve(SERVER, () => ({ answers, code: ResponseCode.NXDOMAIN }));
    const id = kit.lookup("nas.example.org");
    kit.advance(150);
    kit.hear(["node-7.local 120 A 192.0.2.7"]);
    expect(kit.told(id)).toBe("150 node-7.local: 192.0.2.7");
  });

  it.each(["node-1.local", "node-1"])("from name servers to this host as %s is answered", (own) => {
    const kit = new ServerKit({ mdnsMode: "full" });
    kit.advance(2000);
    kit.serve(SERVER, (asked) => ({
      answers: [`me.example.org. 300 IN CNAME ${own}.`],
      code: asked.query.questions[0]!.name.labelCount === 1 ? 3 : 0,
    }));
    const id = kit.lookup("me.example.org");
    kit.advance(1000);
    expect(kit.told(id)).toMatch(/ node-1\.local: 192\.0\.2\.1$/);
  });

  it("from the link to a name of name servers is followed there", () => {
    const kit = aliasing("www.example.org. 300 IN A 198.51.100.7");
    const id = kit.lookup("web.local");
    kit.advance(100);
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("120 www.example.org: 198.51.100.7");
  });

  it("from the link says that name servers would have to be asked, where there are none", () => {
    const kit = new ServerKit({ resolver: resolver({ routes: {} }) });
    const id = kit.lookup("web.local");
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    expect(kit.told(id)).toMatch(/unavailable$/);
  });

  it("is followed for a bare label too, while the search list does not know it", () => {
    const kit = new ServerKit({ resolver: resolver({ search: ["localdomain"] }) });
    kit.serve(SERVER, having("www.example.org. 300 IN A 198.51.100.7"));
    const id = kit.lookup("web");
    kit.advance(100);
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("120 www.example.org: 198.51.100.7");
  });

  it("is not followed for who asks one protocol alone", () => {
    const kit = aliasing("www.example.org. 300 IN A 198.51.100.7");
    const id = kit.lookup("web.local", { protocol: "mdns" });
    kit.advance(100);
    kit.hear(["web.local 120 CNAME www.example.org"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("100 no-data");
    expect(kit.trace).toEqual([]);
  });

  it("takes no longer than the caller's time in all", () => {
    const kit = aliasing("nas.example.org. 300 IN CNAME node-7.local.");
    const id = kit.lookup("nas.example.org", { timeout: 500 });
    kit.advance(5000);
    expect(kit.told(id)).toBe("500 timed-out");
  });

  it("of an address's reverse name leads to the name that the link has (RFC 2317)", () => {
    const kit = aliasing(
      "7.0.0.10.in-addr.arpa. 300 IN CNAME 7.hosts.example.org.",
      "8.0.0.10.in-addr.arpa. 300 IN CNAME node-8.local.",
    );
    kit.serve("192.0.2.54", having("7.hosts.example.org. 300 IN PTR node-7.example.org."));
    kit.apply({ resolver: resolver({ routes: { ".": [SERVER], "example.org": ["192.0.2.54"] } }) });
    const within = kit.lookupNames("10.0.0.7");
    const onLink = kit.lookupNames("10.0.0.8");
    kit.advance(150);
    kit.hear(["node-8.local 120 PTR node-9.local"]);
    kit.advance(1000);
    expect(kit.told(within)).toMatch(/ node-7\.example\.org$/);
    expect(kit.told(onLink)).toMatch(/ node-9\.local$/);
  });

  it("in a circle of protocols ends", () => {
    const kit = aliasing("nas.example.org. 300 IN CNAME web.local.");
    const id = kit.lookup("nas.example.org");
    kit.advance(100);
    kit.hear(["web.local 120 CNAME nas.example.org"]);
    kit.advance(1000);
    expect(kit.told(id)).toBe("100 no-data");
    expect(kit.trace).toHaveLength(1);
  });

  it("is given up after eight", () => {
    const across = (count: number) => {
      const names = Array.from({ length: count + 1 }, (_, at) =>
        at % 2 === 0 ? `n${at}.example.org` : `n${at}.local`,
      );
      const [last] = names.slice(-1);
      const aliases = names.slice(1).map((name, at) => [names[at]!, name] as const);
      const kit = aliasing(
        ...aliases.map(([from, to]) => `${from}. 300 IN CNAME ${to}.`),
        `${last}. 300 IN A 198.51.100.7`,
      );
      kit.hear([
        ...aliases.filter((_, at) => at % 2 === 1).map(([from, to]) => `${from} 120 CNAME ${to}`),
        ...(count % 2 === 1 ? [`${last} 120 A 192.0.2.7`] : []),
      ]);
      const id = kit.lookup("n0.example.org");
      kit.advance(20_000);
      return kit.told(id);
    };
    expect(across(8)).toMatch(/n8\.example\.org: 198\.51\.100\.7$/);
    expect(across(9)).toMatch(/no-data$/);
  });

  it("that is given up asks no further", () => {
    const kit = aliasing("nas.example.org. 300 IN CNAME node-7.local.");
    const id = kit.lookup("nas.example.org");
    kit.advance(10);
    kit.engine.cancelLookup(id, kit.instant);
    kit.advance(5000);
    expect(onLink(kit)).toEqual([]);
  });
});
