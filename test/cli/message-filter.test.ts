import { describe, expect, it } from "vitest";
import { type FilterOptions, MessageFilter } from "../../src/cli/message-filter.ts";
import { messageLines } from "../../src/cli/message-lines.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { RESPONSE, seen } from "./message-fixtures.ts";

const MESSAGE = seen({
  flags: RESPONSE,
  answers: [
    "_ipp._tcp.local. 4500 IN PTR Laser._ipp._tcp.local.",
    "Laser._ipp._tcp.local. 120 IN SRV 0 0 631 printer.local.",
    "printer.local. 120 IN A 192.0.2.9",
  ],
});

function shown(options: FilterOptions): string[] {
  const filter = new MessageFilter(options);
  if (!filter.accepts(MESSAGE)) return [];
  return messageLines(MESSAGE)
    .filter((line) => filter.acceptsLine(line))
    .map(({ type }) => type!);
}

describe("what monitor shows", () => {
  it.each<[string, FilterOptions, string[]]>([
    ["everything without filters", {}, ["PTR", "SRV", "A"]],
    ["records of a type", { type: ["srv"] }, ["SRV"]],
    ["records of any of several types", { type: ["A", "TYPE33"] }, ["SRV", "A"]],
    ["a name and all below it", { name: ["_ipp._tcp.LOCAL"] }, ["PTR", "SRV"]],
    ["pointers to a name", { name: ["laser._ipp._tcp.local"] }, ["PTR", "SRV"]],
    ["names like a glob", { name: ["print*"] }, ["A"]],
    ["what passes both filters", { name: ["*.local"], type: ["A"] }, ["A"]],
    ["a sender", { from: ["192.0.2.9"] }, ["PTR", "SRV", "A"]],
    ["a network of senders", { from: ["192.0.2.0/24"] }, ["PTR", "SRV", "A"]],
    ["no other sender", { from: ["192.0.2.10", "2001:db8::/32"] }, []],
    ["a link", { links: ["eth*"] }, ["PTR", "SRV", "A"]],
    ["no other link", { links: ["wlan0"] }, []],
    ["a family", { ipv4Only: true }, ["PTR", "SRV", "A"]],
    ["no other family", { ipv6Only: true }, []],
  ])("is %s", (_what, options, types) => {
    expect(shown(options)).toEqual(types);
  });

  it.each<[FilterOptions, string]>([
    [{ type: ["BOGUS!"] }, '--type: "BOGUS!" is not a record type'],
    [{ from: ["printer"] }, "--from: expected a network"],
    [{ name: ["a..b"] }, "a label is empty"],
  ])("is refused for %o", (options, message) => {
    expect(() => new MessageFilter(options)).toThrow(message);
  });

  it("takes a link-local sender by its network", () => {
    const source = { address: "fe80::1%eth0" as IpAddress, port: 5353 };
    const message = seen({ questions: ["a.local. IN A"] }, { family: "ipv6", source });
    expect(new MessageFilter({ from: ["fe80::/64"] }).accepts(message)).toBe(true);
  });
});
