/** Networks, endpoints, name servers and labels in the forms that people write. */

import { describe, expect, it } from "vitest";
import {
  parseDomain,
  parseEndpoint,
  parseHostLabel,
  parseNetwork,
  parseUpstream,
} from "../../src/config/network-values.ts";

const plain = { transport: "dns", interface: undefined };
const tls = { transport: "tls", interface: undefined };
const https = { transport: "https" };

describe("parseUpstream", () => {
  it.each([
    ["192.0.2.1", { ...plain, address: "192.0.2.1", port: 53 }],
    ["192.0.2.1:5353", { ...plain, address: "192.0.2.1", port: 5353 }],
    ["2001:DB8::0001", { ...plain, address: "2001:db8::1", port: 53 }],
    ["[2001:db8::1]:53", { ...plain, address: "2001:db8::1", port: 53 }],
    ["[2001:db8::1]", { ...plain, address: "2001:db8::1", port: 53 }],
    ["fe80::1%eth0", { ...plain, address: "fe80::1", port: 53, interface: "eth0" }],
    ["[fe80::1%eth0]:54", { ...plain, address: "fe80::1", port: 54, interface: "eth0" }],
    ["tls://192.0.2.1", { ...tls, address: "192.0.2.1", port: 853, serverName: undefined }],
    [
      "tls://192.0.2.1#dns.example",
      { ...tls, address: "192.0.2.1", port: 853, serverName: "dns.example" },
    ],
    [
      "tls://[2001:db8::1]:8853#dns.example",
      { ...tls, address: "2001:db8::1", port: 8853, serverName: "dns.example" },
    ],
    [
      "https://192.0.2.1/dns-query#dns.example",
      {
        ...https,
        host: "192.0.2.1",
        address: "192.0.2.1",
        port: 443,
        path: "/dns-query",
        serverName: "dns.example",
      },
    ],
    [
      "https://dns.example:8443/q?ct=1",
      {
        ...https,
        host: "dns.example",
        address: undefined,
        port: 8443,
        path: "/q?ct=1",
        serverName: "dns.example",
      },
    ],
    [
      "https://[2001:db8::1]/dns-query",
      {
        ...https,
        host: "2001:db8::1",
        address: "2001:db8::1",
        port: 443,
        path: "/dns-query",
        serverName: undefined,
      },
    ],
  ])("reads %s", (text, upstream) => {
    expect(parseUpstream(text)).toEqual({ ok: true, value: upstream });
  });

  it.each([
    "",
    "dns.example",
    "192.0.2.256",
    "192.0.2.1:0",
    "192.0.2.1:65536",
    "192.0.2.1#name",
    "192.0.2.1%eth0",
    "[2001:db8::1",
    "tls://dns.example",
    "tls://192.0.2.1#",
    "tls://192.0.2.1#a b",
    "udp://192.0.2.1",
    "http://192.0.2.1/dns-query",
    "https://user@dns.example/",
    "https://",
  ])("refuses %j", (text) => {
    expect(parseUpstream(text)).toEqual({
      ok: false,
      error:
        "expected a name server such as 192.0.2.1, [2001:db8::1]:53, tls://192.0.2.1#name or " +
        `https://192.0.2.1/dns-query#name, not ${JSON.stringify(text)}`,
    });
  });
});

describe("parseEndpoint", () => {
  it.each([
    ["127.0.0.1:9353", { address: "127.0.0.1", port: 9353 }],
    ["[::1]:9353", { address: "::1", port: 9353 }],
  ])("reads %s", (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual({ ok: true, value: endpoint });
  });

  it("takes the port that is left out from its caller", () => {
    expect(parseEndpoint("127.0.0.153", 53)).toEqual({
      ok: true,
      value: { address: "127.0.0.153", port: 53 },
    });
  });

  it.each(["127.0.0.1", "::1", "localhost:80", ":80", "127.0.0.1:", "[fe80::1%eth0]:80"])(
    "refuses %j where a port must be given",
    (text) => {
      expect(parseEndpoint(text)).toEqual({
        ok: false,
        error:
          "expected an address and a port such as 127.0.0.1:9353 or [::1]:9353, " +
          `not ${JSON.stringify(text)}`,
      });
    },
  );
});

describe("parseNetwork", () => {
  it.each([
    ["127.0.0.0/8", { address: "127.0.0.0", prefixLength: 8 }],
    ["::1/128", { address: "::1", prefixLength: 128 }],
    ["192.0.2.1", { address: "192.0.2.1", prefixLength: 32 }],
    ["2001:db8::", { address: "2001:db8::", prefixLength: 128 }],
    ["0.0.0.0/0", { address: "0.0.0.0", prefixLength: 0 }],
  ])("reads %s", (text, network) => {
    expect(parseNetwork(text)).toEqual({ ok: true, value: network });
  });

  it.each(["127.0.0.0/33", "::/129", "127.0.0.0/", "127/8", "10.0.0.0/-1", "fe80::%eth0/10"])(
    "refuses %j",
    (text) => {
      expect(parseNetwork(text)).toEqual({
        ok: false,
        error: `expected a network such as 127.0.0.0/8 or 2001:db8::/32, not ${JSON.stringify(text)}`,
      });
    },
  );
});

describe("parseHostLabel", () => {
  it.each(["node-1", "NAS", "küche", "a".repeat(63)])("accepts %s", (text) => {
    expect(parseHostLabel(text)).toEqual({ ok: true, value: text });
  });

  it.each([
    ["", 'expected a label such as node-1, not ""'],
    ["a b", 'expected a label such as node-1, not "a b"'],
    ["nas.local", 'expected one label without a domain, not "nas.local"; write "nas"'],
    [".local", 'expected one label without a domain, not ".local"'],
    ["ü".repeat(32), `"${"ü".repeat(32)}" has 64 octets; a label has at most 63`],
  ])("refuses %j", (text, error) => {
    expect(parseHostLabel(text)).toEqual({ ok: false, error });
  });
});

describe("parseDomain", () => {
  it("reads a domain with or without its final dot", () => {
    const [with_, without] = [parseDomain("corp.example."), parseDomain("corp.example")];
    expect(with_.ok && without.ok && with_.value.equals(without.value)).toBe(true);
  });

  it("says why a text is no domain", () => {
    expect(parseDomain("a..b")).toEqual({
      ok: false,
      error: 'expected a domain name, not "a..b": a label is empty',
    });
  });
});
