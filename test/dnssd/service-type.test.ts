import { describe, expect, it } from "vitest";
import {
  browseName,
  isType,
  listedType,
  splitInstanceName,
  subtypeName,
  typeName,
} from "../../src/dnssd/service-type.ts";
import { Name } from "../../src/wire/name.ts";

const LOCAL = Name.of("local");

describe("names of types", () => {
  it("§7: are two labels before the domain", () => {
    expect(typeName("_http._tcp", LOCAL).toString()).toBe("_http._tcp.local");
    expect(typeName("_sleep-proxy._UDP", LOCAL).toString()).toBe("_sleep-proxy._UDP.local");
  });

  it.each(["", "_http", "http._tcp", "_http._sctp", "_http._tcp.local", "_a b._tcp"])(
    "are not %j",
    (type) => expect(() => typeName(type, LOCAL)).toThrow(/expected a type/),
  );

  it("§7.1: carry subtypes of any characters before _sub", () => {
    const type = typeName("_http._tcp", LOCAL);
    expect(subtypeName("a.b", type).toString()).toBe(String.raw`a\.b._sub._http._tcp.local`);
  });

  it("are told from what else peers list", () => {
    expect(isType(Name.parse("_http._tcp.local"), LOCAL)).toBe(true);
    expect(isType(Name.parse("_printer._sub._http._tcp.local"), LOCAL)).toBe(false);
    expect(isType(Name.parse("_http._tcp.example.com"), LOCAL)).toBe(false);
    expect(isType(Name.parse("http.tcp.local"), LOCAL)).toBe(false);
  });
});

describe("what is browsed", () => {
  it("is a type, or a subtype in full", () => {
    const subtype = browseName("_printer._sub._http._tcp", LOCAL);
    expect(browseName("_http._tcp", LOCAL).toString()).toBe("_http._tcp.local");
    expect(subtype.toString()).toBe("_printer._sub._http._tcp.local");
    expect(listedType(subtype, LOCAL).toString()).toBe("_http._tcp.local");
  });

  it.each(["_http", "x._http._tcp", "_printer._other._http._tcp", "_sub._http._tcp"])(
    "is not %j",
    (type) => expect(() => browseName(type, LOCAL)).toThrow(/expected a type/),
  );
});

describe("the name of an instance", () => {
  it("§4.1: falls into instance, type and domain", () => {
    const parts = splitInstanceName(Name.parse(String.raw`Dr\. M\\B._http._tcp.local`));
    expect(parts).toMatchObject({ instance: "Dr. M\\B", type: "_http._tcp" });
    expect(parts?.domain.toString()).toBe("local");
  });

  it.each(["node-1.local", "_http._tcp.local", "a._http.local", "local", "1.0.0.10.in-addr.arpa"])(
    "is not %j",
    (text) => expect(splitInstanceName(Name.parse(text))).toBeUndefined(),
  );
});
