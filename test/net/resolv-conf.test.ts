/** The format of resolv.conf. */

import { describe, expect, test } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import {
  composeResolvConf,
  DEFAULT_RESOLV_CONF_OPTIONS,
  isManagedResolvConf,
  parseResolvConf,
} from "../../src/net/resolv-conf.ts";

const servers = (text: string) =>
  parseResolvConf(text).servers.map(({ address, scope }) =>
    scope === undefined ? address : `${address}%${scope}`,
  );

const options = (text: string) => parseResolvConf(`options ${text}`).options;

describe("nameserver", () => {
  test.each([
    ["nameserver 192.0.2.1", ["192.0.2.1"]],
    ["nameserver\t192.0.2.1", ["192.0.2.1"]],
    ["nameserver   192.0.2.1   ", ["192.0.2.1"]],
    ["nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", ["192.0.2.1", "192.0.2.2"]],
    ["nameserver 192.0.2.1 # the router", ["192.0.2.1"]],
    ["nameserver 2001:DB8::0001", ["2001:db8::1"]],
    ["nameserver fe80::1%eth0", ["fe80::1%eth0"]],
    ["nameserver fe80::1%2", ["fe80::1%2"]],
    ["nameserver fe80::1%", []],
    ["nameserver ::ffff:192.0.2.1", ["::ffff:192.0.2.1"]],
    ["nameserver 0.0.0.0", ["127.0.0.1"]],
    ["nameserver ::", ["::1"]],
    ["nameserver dns.example", []],
    ["nameserver 192.0.2", []],
    ["nameserver", []],
    ["nameserver ", []],
    [" nameserver 192.0.2.1", []],
    ["#nameserver 192.0.2.1", []],
    [";nameserver 192.0.2.1", []],
    ["nameservers 192.0.2.1", []],
    ["nameserver 192.0.2.1\nnameserver 192.0.2.1", ["192.0.2.1"]],
    [
      [1, 2, 3, 4].map((n) => `nameserver 192.0.2.${n}`).join("\n"),
      ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"],
    ],
    ["", []],
  ])("%j", (text, expected) => {
    expect(servers(text)).toEqual(expected);
  });
});

describe("search and domain", () => {
  test.each([
    ["search a.example b.example", ["a.example", "b.example"]],
    ["search a.example\nsearch b.example", ["b.example"]],
    ["domain a.example", ["a.example"]],
    ["domain a.example b.example", ["a.example"]],
    ["domain a.example\nsearch b.example c.example", ["b.example", "c.example"]],
    ["search a.example\ndomain b.example", ["b.example"]],
    ["search .", ["."]],
    ["nameserver 192.0.2.1", undefined],
  ])("%j", (text, expected) => {
    expect(parseResolvConf(text).search).toEqual(expected);
  });
});

describe("options", () => {
  test("are those of the C library without a line", () => {
    expect(parseResolvConf("").options).toEqual(DEFAULT_RESOLV_CONF_OPTIONS);
    expect(DEFAULT_RESOLV_CONF_OPTIONS).toMatchObject({ ndots: 1, timeout: 5000, attempts: 2 });
  });

  test.each([
    ["ndots:3", { ndots: 3 }],
    ["ndots:0", { ndots: 0 }],
    ["ndots:99", { ndots: 15 }],
    ["timeout:1", { timeout: 1000 }],
    ["timeout:0", { timeout: 1000 }],
    ["timeout:99", { timeout: 30_000 }],
    ["attempts:1", { attempts: 1 }],
    ["attempts:99", { attempts: 5 }],
    ["attempts:x", { attempts: 2 }],
    ["rotate", { rotate: true }],
    ["use-vc", { useVc: true }],
    ["edns0 trust-ad", { edns0: true, trustAd: true }],
    ["no-tld-query", { noTldQuery: true }],
    ["no-reload", { noReload: true }],
    ["no-aaaa", { noAaaa: true }],
    ["single-request", { singleRequest: true, singleRequestReopen: false }],
    ["single-request-reopen", { singleRequestReopen: true, singleRequest: false }],
    ["no-check-names", { noCheckNames: true }],
    ["inet6", { inet6: true }],
    ["debug", { debug: true }],
    ["no-such-option ndots:2", { ndots: 2 }],
    ["ndots:2 ndots:4", { ndots: 4 }],
    ["rotate\noptions timeout:2", { rotate: true, timeout: 2000 }],
  ])("%j", (text, expected) => {
    expect(options(text)).toMatchObject(expected);
  });

  test("sortlist is kept as it is", () => {
    const text = "sortlist 130.155.160.0/255.255.240.0 130.155.0.0";
    expect(parseResolvConf(text).sortlist).toEqual(["130.155.160.0/255.255.240.0", "130.155.0.0"]);
  });

  test("LOCALDOMAIN and RES_OPTIONS change what the file says", () => {
    const environment = { LOCALDOMAIN: "x.example y.example", RES_OPTIONS: "ndots:5" };
    const parsed = parseResolvConf("search a.example\noptions ndots:2 rotate", environment);
    expect(parsed.search).toEqual(["x.example", "y.example"]);
    expect(parsed.options).toMatchObject({ ndots: 5, rotate: true });
  });
});

describe("our own file", () => {
  const original = parseResolvConf(
    "nameserver 192.0.2.1\nsearch a.example b.example\noptions ndots:2 rotate use-vc trust-ad",
  );
  const own = composeResolvConf("127.0.0.153" as IpAddress, original);

  test("points at the stub and keeps search list and options of the original", () => {
    const parsed = parseResolvConf(own);
    expect(servers(own)).toEqual(["127.0.0.153"]);
    expect(parsed.search).toEqual(["a.example", "b.example"]);
    expect(parsed.options).toMatchObject({ ndots: 2, trustAd: true, edns0: true });
  });

  test("leaves out what concerns the servers behind the stub", () => {
    expect(parseResolvConf(own).options).toMatchObject({ rotate: false, useVc: false });
  });

  test("is known as ours, and no other is", () => {
    expect(isManagedResolvConf(own)).toBe(true);
    expect(isManagedResolvConf("# Generated by NetworkManager\nnameserver 192.0.2.1\n")).toBe(
      false,
    );
    expect(isManagedResolvConf("")).toBe(false);
  });
});
