import { describe, expect, test } from "vitest";
import { Resolver } from "../../src/client/resolver.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import type { FailureReason, NotFound } from "../../src/runtime/directory.ts";
import { addresses, FakeDirectory, names, notFound, records } from "../fake-directory.ts";

const RECORDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "Web._http._tcp.local SRV": [["SRV", "0 5 8080 printer.local."]],
  "Web._http._tcp.local TXT": [["TXT", '"path=/" "é" "raw=\\255"']],
  "_http._tcp.local PTR": [
    ["PTR", "Web._http._tcp.local."],
    ["PTR", "My\\032Web\\.2._http._tcp.local."],
  ],
  "alias.local CNAME": [["CNAME", "printer.local."]],
  "alias.local TXT": [
    ["CNAME", "printer.local."],
    ["TXT", '"behind"'],
  ],
  "zone.local SOA": [["SOA", "ns.local. admin.local. 1 2 3 4 5"]],
  "zone.local MX": [["MX", "10 mail.local."]],
  "zone.local NS": [["NS", "ns.local."]],
  "zone.local CAA": [["CAA", '0 issue "ca.example"']],
  "zone.local NAPTR": [["NAPTR", '1 2 "s" "SIP+D2U" "" _sip._udp.local.']],
  "printer.local ANY": [
    ["A", "192.0.2.7"],
    ["AAAA", "2001:db8::1"],
    ["HINFO", '"X64" "LINUX"'],
    ["TXT", '"a" "b"'],
  ],
};

const directory = new FakeDirectory({
  addresses: ({ name, family }) => {
    if (name === "printer.local") {
      return addresses(name, family === "ipv4" ? ["192.0.2.7"] : ["fe80::1", "2001:db8::1"]);
    }
    if (name === "silent.local") return "silence";
    if (name === "bad.local") return new DotlocalError("INVALID_NAME", "no name");
    return failure(name);
  },
  names: ({ address }) =>
    address === "192.0.2.7" || address === "fe80::1%eth0"
      ? names("printer.local")
      : notFound("no-such-name"),
  records: ({ name, type }) => {
    const found = RECORDS[`${name} ${type}`];
    return found === undefined ? failure(name) : records(name, ...found);
  },
});

function failure(name: string): NotFound {
  return notFound((/^(.*)\.local$/.exec(name)?.[1] ?? "no-such-name") as FailureReason);
}

const resolver = new Resolver({ directory });

describe("gives records as dns.promises does", () => {
  test("addresses, link-local ones with their interface", async () => {
    expect(await resolver.resolve4("printer.local")).toEqual(["192.0.2.7"]);
    expect(await resolver.resolve6("printer.local")).toEqual(["fe80::1%eth0", "2001:db8::1"]);
    expect(await resolver.resolve4("printer.local", { ttl: true })).toEqual([
      { address: "192.0.2.7", ttl: 120 },
    ]);
  });

  test("services", async () => {
    expect(await resolver.resolvePtr("_http._tcp.local")).toEqual([
      "Web._http._tcp.local",
      "My Web\\.2._http._tcp.local",
    ]);
    expect(await resolver.resolveSrv("Web._http._tcp.local")).toEqual([
      { name: "printer.local", port: 8080, priority: 0, weight: 5 },
    ]);
    expect(await resolver.resolveTxt("Web._http._tcp.local")).toEqual([
      ["path=/", "é", "raw=\xff"],
    ]);
  });

  test("further types, by their own method and by `resolve`", async () => {
    expect(await resolver.resolveCname("alias.local")).toEqual(["printer.local"]);
    expect(await resolver.resolveTxt("alias.local")).toEqual([["behind"]]);
    expect(await resolver.resolve("zone.local", "MX")).toEqual([
      { priority: 10, exchange: "mail.local" },
    ]);
    expect(await resolver.resolve("zone.local", "NS")).toEqual(["ns.local"]);
    expect(await resolver.resolve("zone.local", "CAA")).toEqual([
      { critical: 0, issue: "ca.example" },
    ]);
    expect(await resolver.resolve("zone.local", "SOA")).toEqual({
      ...{ nsname: "ns.local", hostmaster: "admin.local" },
      ...{ serial: 1, refresh: 2, retry: 3, expire: 4, minttl: 5 },
    });
    expect(await resolver.resolve("zone.local", "NAPTR")).toEqual([
      {
        ...{ flags: "s", service: "SIP+D2U", regexp: "", replacement: "_sip._udp.local" },
        ...{ order: 1, preference: 2 },
      },
    ]);
    expect(await resolver.resolve("printer.local")).toEqual(["192.0.2.7"]);
    await expect(resolver.resolve("printer.local", "ODD")).rejects.toMatchObject({
      code: "ERR_INVALID_ARG_VALUE",
    });
  });

  test("everything at once", async () => {
    expect(await resolver.resolveAny("printer.local")).toEqual([
      { type: "A", address: "192.0.2.7", ttl: 120 },
      { type: "AAAA", address: "2001:db8::1", ttl: 120 },
      { type: "TXT", entries: ["a", "b"] },
    ]);
  });

  test("names of addresses", async () => {
    expect(await resolver.reverse("fe80::1%eth0")).toEqual(["printer.local"]);
    await expect(resolver.reverse("nonsense")).rejects.toMatchObject({
      code: "EINVAL",
      syscall: "getHostByAddr",
    });
    await expect(resolver.reverse("fe80::9")).rejects.toMatchObject({
      code: "ENOTFOUND",
      syscall: "getHostByAddr",
      hostname: "fe80::9",
    });
  });

  test("within the time and on the interfaces it was made for", async () => {
    const limited = new Resolver({ directory, timeout: 500, interfaces: ["eth*"] });
    await limited.resolve4("printer.local");
    expect(directory.questions.at(-1)).toMatchObject({ timeout: 500, interfaces: ["eth*"] });
  });
});

describe("fails as dns.promises does", () => {
  test.each([
    ["no-such-name.local", "ENOTFOUND"],
    ["refused.local", "ENOTFOUND"],
    ["no-data.local", "ENODATA"],
    ["timed-out.local", "ETIMEOUT"],
    ["unavailable.local", "ECONNREFUSED"],
    ["bad.local", "EBADNAME"],
  ])("%s: %s", async (hostname, code) => {
    await expect(resolver.resolve6(hostname)).rejects.toMatchObject({
      ...{ code, hostname, syscall: "queryAaaa" },
      message: `queryAaaa ${code} ${hostname}`,
    });
  });

  test("an aborted signal ends the question", async () => {
    const early = AbortSignal.abort();
    await expect(resolver.resolve4("printer.local", { signal: early })).rejects.toMatchObject({
      name: "AbortError",
      code: "ABORT_ERR",
    });
    const controller = new AbortController();
    const { aborted } = directory;
    const pending = resolver.resolve4("silent.local", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(pending).rejects.toMatchObject({
      name: "AbortError",
      cause: expect.objectContaining({ message: "enough" }),
    });
    expect(directory.aborted).toBe(aborted + 1);
  });

  test("cancel ends every question under way, and no later one", async () => {
    const pending = [resolver.resolve4("silent.local"), resolver.resolve6("silent.local")];
    resolver.cancel();
    for (const question of pending) {
      await expect(question).rejects.toMatchObject({
        code: "ECANCELLED",
        hostname: "silent.local",
      });
    }
    expect(await resolver.resolve4("printer.local")).toEqual(["192.0.2.7"]);
  });
});
