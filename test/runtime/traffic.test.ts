import { describe, expect, it } from "vitest";
import type { InboundDatagram, OutboundDatagram } from "../../src/core/datagram.ts";
import type { ExchangeId } from "../../src/core/exchange.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import type { Link, LinkId } from "../../src/core/link.ts";
import type { SeenMessage } from "../../src/runtime/seen-message.ts";
import { Traffic } from "../../src/runtime/traffic.ts";
import { composed } from "../cli/message-fixtures.ts";

const OWN = "192.0.2.1" as IpAddress;
const OTHER = { address: "192.0.2.9" as IpAddress, port: 5353 };
const ID = 7 as LinkId;

const LINK: Link = {
  ...{ id: ID, name: "eth0", mtu: 1500, families: ["ipv4", "ipv6"], loopback: false },
  addresses: [
    { family: "ipv4", address: OWN, prefixLength: 24 },
    { family: "ipv6", address: "2001:db8::1" as IpAddress, prefixLength: 64 },
    { family: "ipv6", address: "fe80::1" as IpAddress, prefixLength: 64 },
  ],
  ...{ incarnation: 0, sharesPort: false },
};

const OCTETS = composed({ questions: ["a.local. IN A"] });

const SENT: OutboundDatagram = {
  ...{ channel: "mdns", octets: OCTETS, link: ID, family: "ipv4" },
  ...{ destination: "group", from: undefined },
};

const RECEIVED: InboundDatagram = {
  ...{ channel: "mdns", octets: OCTETS, link: ID, family: "ipv4" },
  ...{ source: OTHER, arrival: { to: "group" } },
};

function watched(): { traffic: Traffic; seen: SeenMessage[] } {
  const traffic = new Traffic(() => [LINK]);
  const seen: SeenMessage[] = [];
  traffic.add((message) => seen.push(message));
  return { traffic, seen };
}

function ways(seen: readonly SeenMessage[]): string[] {
  return seen.map(({ direction, source, destination, protocol }) =>
    [direction, protocol, source.address, source.port, destination.address, destination.port].join(
      " ",
    ),
  );
}

describe("what passes", () => {
  it("is told with link, direction and both ends", () => {
    const { traffic, seen } = watched();
    traffic.handleReceived(RECEIVED);
    traffic.handleReceived({ ...RECEIVED, arrival: { to: "unicast", address: OWN } });
    traffic.handleSent({ ...SENT, destination: OTHER, from: OWN });
    traffic.handleSent({ ...SENT, family: "ipv6" });
    expect(ways(seen)).toEqual([
      "in mdns 192.0.2.9 5353 224.0.0.251 5353",
      "in mdns 192.0.2.9 5353 192.0.2.1 5353",
      "out mdns 192.0.2.1 5353 192.0.2.9 5353",
      "out mdns fe80::1 5353 ff02::fb 5353",
    ]);
    expect(seen[0]).toMatchObject({
      ...{ interface: "eth0", octets: Buffer.from(OCTETS).toString("base64"), problem: null },
      content: { kind: "query", questions: [{ name: "a.local", type: "A" }] },
    });
  });

  it("is kept though the sockets use their buffer again", () => {
    const { traffic, seen } = watched();
    const octets = Uint8Array.from(OCTETS);
    traffic.handleReceived({ ...RECEIVED, octets });
    octets.fill(0);
    expect(seen[0]!.octets).toBe(Buffer.from(OCTETS).toString("base64"));
  });

  it("is told once where our own multicast comes back, and again where another sends the same", () => {
    const { traffic, seen } = watched();
    const loopback = { ...RECEIVED, source: { address: OWN, port: 5353 } };
    traffic.handleSent(SENT);
    traffic.handleReceived(loopback);
    expect(seen.map(({ direction }) => direction)).toEqual(["out"]);
    traffic.handleReceived(loopback);
    traffic.handleReceived(RECEIVED);
    expect(seen.map(({ direction }) => direction)).toEqual(["out", "in", "in"]);
  });

  it("is told of LLMNR's own sockets and connections too", () => {
    const { traffic, seen } = watched();
    const exchange = 1 as ExchangeId;
    const group = { address: "224.0.0.252" as IpAddress, port: 5355 };
    const spec = {
      transport: "udp",
      destination: group,
      link: ID,
      from: OWN,
      hopLimit: 255,
    } as const;
    traffic.handleCommand({ kind: "open", exchange, spec });
    traffic.handleCommand({ kind: "send", exchange, octets: OCTETS });
    const source = { address: OTHER.address, port: 5355 };
    traffic.handleExchange({ kind: "received", exchange, octets: OCTETS, source });
    traffic.handleCommand({ kind: "close", exchange });
    traffic.handleExchange({ kind: "received", exchange, octets: OCTETS, source });
    expect(ways(seen)).toEqual([
      "out llmnr 192.0.2.1 0 224.0.0.252 5355",
      "in llmnr 192.0.2.9 5355 192.0.2.1 0",
    ]);
    const accepted = -1 as ExchangeId;
    const peer = { address: OTHER.address, port: 40_000 };
    traffic.handleExchange({
      kind: "accepted",
      exchange: accepted,
      channel: "llmnr",
      link: ID,
      peer,
    });
    traffic.handleExchange({ kind: "received", exchange: accepted, octets: OCTETS, source: peer });
    expect(seen.at(-1)).toMatchObject({
      transport: "tcp",
      destination: { address: OWN, port: 5355 },
    });
  });

  it("is told with the reason where it is no message", () => {
    const { traffic, seen } = watched();
    traffic.handleReceived({ ...RECEIVED, octets: new Uint8Array(3) });
    expect(seen[0]).toMatchObject({ content: null, problem: "TRUNCATED at octet 3" });
  });

  it("is not told to those who no longer watch, nor of links that are gone", () => {
    const traffic = new Traffic(() => []);
    const seen: SeenMessage[] = [];
    const watcher = (message: SeenMessage): void => void seen.push(message);
    traffic.add(watcher);
    traffic.handleReceived(RECEIVED);
    expect(traffic.isWatched).toBe(true);
    traffic.remove(watcher);
    expect(traffic.isWatched).toBe(false);
    expect(seen).toEqual([]);
  });

  it("has the time in microseconds", () => {
    const { traffic, seen } = watched();
    traffic.handleReceived(RECEIVED);
    expect(Math.abs(seen[0]!.at / 1000 - Date.now())).toBeLessThan(5000);
    expect(Number.isInteger(seen[0]!.at)).toBe(true);
  });
});
