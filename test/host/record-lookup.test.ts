import { describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { milliseconds } from "../../src/core/time.ts";
import type { LookupId, RecordLookupSpec, ReverseLookupSpec } from "../../src/host/types.ts";
import { RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import { formatRecordData } from "../../src/wire/presentation.ts";
import { HostKit, makeLink } from "./host-kit.ts";

const ETH0 = makeLink({ id: 2, addresses: ["192.0.2.1/24", "fe80::1/64"] });
const ETH1 = makeLink({ id: 3, addresses: ["198.51.100.1/24"] });

function asker(links = [ETH0]): HostKit {
  return new HostKit({ mdnsMode: "resolve" }, links);
}

function lookup(
  kit: HostKit,
  name: string,
  type: keyof typeof RecordType,
  spec: Partial<RecordLookupSpec> = {},
): LookupId {
  const question = { name: Name.parse(name), type: RecordType[type], links: "all" } as const;
  return kit.engine.lookupRecords({ ...question, ...spec }, kit.instant);
}

function reverse(kit: HostKit, address: string, spec: Partial<ReverseLookupSpec> = {}): LookupId {
  const question = { address: address as IpAddress, links: "all" } as const;
  return kit.engine.lookupNames({ ...question, ...spec }, kit.instant);
}

function result(kit: HostKit, id: LookupId): string | undefined {
  const done = kit.outcome(id)?.outcome;
  if (done?.kind === "names") return done.names.map(({ name }) => name.toString()).join(" ");
  if (done?.kind !== "records") return done?.kind;
  return done.records.map(({ record }) => formatRecordData(record.data)).join(" ");
}

describe("a look-up of records", () => {
  it("ends at once with records that one host owns", () => {
    const kit = asker();
    const id = lookup(kit, "Laser._ipp._tcp.local", "SRV");
    kit.advance(150);
    kit.hear(["Laser._ipp._tcp.local 120 SRV 0 0 631 printer.local"]);
    expect(result(kit, id)).toBe("0 0 631 printer.local.");
    expect(kit.outcome(id)?.at).toBe(150);
  });

  it("collects records that many hosts may have until 500 ms are quiet", () => {
    const kit = asker();
    const id = lookup(kit, "_ipp._tcp.local", "PTR");
    kit.advance(150);
    kit.hear(["shared _ipp._tcp.local 4500 PTR Laser._ipp._tcp.local"]);
    kit.advance(400);
    kit.hear(["shared _ipp._tcp.local 4500 PTR Ink._ipp._tcp.local"]);
    kit.advance(499);
    expect(result(kit, id)).toBeUndefined();
    kit.advance(1);
    expect(result(kit, id)).toBe("Laser._ipp._tcp.local. Ink._ipp._tcp.local.");
  });

  it("§6.1: says that there is no data when the owner denies the type", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local", "TXT");
    kit.advance(150);
    kit.hear(["printer.local 120 NSEC printer.local A AAAA"]);
    expect(result(kit, id)).toBe("no-data");
    expect(kit.outcome(id)?.at).toBe(150);
  });

  it("of type ANY collects whatever comes", () => {
    const kit = asker();
    const id = lookup(kit, "printer.local", "ANY");
    kit.advance(150);
    kit.hear(["printer.local 120 A 192.0.2.5", "printer.local 120 AAAA fe80::5"]);
    kit.advance(1000);
    expect(result(kit, id)?.split(" ").sort()).toEqual(["192.0.2.5", "fe80::5"]);
  });

  it("tells the aliases that led to the records", () => {
    const kit = asker();
    const id = lookup(kit, "www.local", "A");
    kit.hear(["www.local 120 CNAME server.local", "server.local 120 A 192.0.2.5"]);
    expect(result(kit, id)).toBe("server.local. 192.0.2.5");
    const alias = lookup(kit, "www.local", "CNAME");
    expect(result(kit, alias)).toBe("server.local.");
  });

  it("that nobody answers ends after three seconds, and is remembered", () => {
    const kit = asker();
    const id = lookup(kit, "nobody.local", "TXT");
    kit.advance(3000);
    expect(result(kit, id)).toBe("no-such-name");
    expect(result(kit, lookup(kit, "nobody.local", "TXT"))).toBe("no-such-name");
    expect(result(kit, lookup(kit, "nobody.local", "SRV"))).toBeUndefined();
    const short = lookup(kit, "other.local", "TXT", { timeout: milliseconds(100) });
    kit.advance(100);
    expect(result(kit, short)).toBe("timed-out");
  });

  it("gives each record the seconds it has left", () => {
    const kit = asker();
    kit.hear(["printer.local 120 TXT a=b"]);
    kit.advance(50_000);
    const id = lookup(kit, "printer.local", "TXT");
    expect(kit.outcome(id)?.outcome).toMatchObject({ records: [{ ttl: 70, record: { ttl: 70 } }] });
  });
});

describe("records of this host itself", () => {
  it("are answered at once, and what it does not have is no data", () => {
    const kit = new HostKit({}, [ETH0]);
    expect(result(kit, lookup(kit, "node-1.local", "A"))).toBe("192.0.2.1");
    expect(result(kit, lookup(kit, "node-1.local", "TXT"))).toBe("no-data");
    expect(result(kit, lookup(kit, "localhost", "AAAA"))).toBe("::1");
    expect(result(kit, lookup(kit, "localhost", "MX"))).toBe("no-data");
  });

  it("are those that it publishes", () => {
    const publish = { addresses: true, reverse: true, hinfo: true, workstation: false };
    const kit = new HostKit({ publish, hinfo: { cpu: "arm64", os: "Linux" } }, [ETH0]);
    kit.advance(5000);
    expect(result(kit, lookup(kit, "node-1.local", "HINFO"))).toBe('"arm64" "Linux"');
  });

  it("local itself has none, and nobody is asked (field: `local. SOA`)", () => {
    const kit = asker();
    expect(result(kit, lookup(kit, "local", "SOA"))).toBe("no-data");
    kit.advance(5000);
    expect(kit.sent).toEqual([]);
  });
});

describe("§4: a reverse look-up", () => {
  it("of a link-local address asks the link, and ends with the answer", () => {
    const kit = asker();
    kit.advance(1000);
    const id = reverse(kit, "169.254.7.7");
    kit.advance(150);
    expect(kit.questionsSent().map(({ question }) => question)).toEqual([
      "7.7.254.169.in-addr.arpa. IN PTR",
    ]);
    kit.hear(["7.7.254.169.in-addr.arpa 120 PTR printer.local"]);
    expect(result(kit, id)).toBe("printer.local");
    expect(kit.outcome(id)?.at).toBe(1150);
  });

  it("of an address on one of our links asks it too, and of any address when told to", () => {
    const kit = asker();
    kit.advance(1000);
    reverse(kit, "192.0.2.7");
    expect(result(kit, reverse(kit, "203.0.113.7"))).toBe("no-such-name");
    reverse(kit, "203.0.113.7", { protocol: "mdns" });
    kit.advance(150);
    expect(
      kit
        .questionsSent()
        .map(({ question }) => question)
        .sort(),
    ).toEqual(["7.113.0.203.in-addr.arpa. IN PTR", "7.2.0.192.in-addr.arpa. IN PTR"]);
  });

  it("tells a host on several links once", () => {
    const kit = asker([ETH0, ETH1]);
    const id = reverse(kit, "169.254.7.7");
    kit.advance(150);
    const answer = ["7.7.254.169.in-addr.arpa 120 PTR printer.local"];
    for (const link of [ETH0, ETH1]) kit.hear(answer, { link });
    kit.advance(20);
    expect(result(kit, id)).toBe("printer.local");
  });

  it("of an own address gives the host's name, of a loopback address localhost", () => {
    const kit = new HostKit({}, [ETH0]);
    expect(result(kit, reverse(kit, "192.0.2.1"))).toBe("node-1.local");
    expect(result(kit, reverse(kit, "fe80::1"))).toBe("node-1.local");
    expect(result(kit, reverse(kit, "127.0.0.5"))).toBe("localhost");
    expect(result(kit, reverse(kit, "::1"))).toBe("localhost");
  });

  it("ends when nobody answers", () => {
    const kit = asker();
    const id = reverse(kit, "169.254.7.7");
    kit.advance(3000);
    expect(result(kit, id)).toBe("no-such-name");
  });
});
