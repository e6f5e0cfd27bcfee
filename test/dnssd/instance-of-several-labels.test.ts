import { describe, expect, test } from "vitest";
import { isInstanceOf, splitInstanceName } from "../../src/dnssd/service-type.ts";
import { Name } from "../../src/wire/name.ts";

const type = Name.parse("_http._tcp.local");

describe("§4.1.1: an instance name", () => {
  test.each([
    ["Web._http._tcp.local", "Web"],
    ["Web 1\\.2._http._tcp.local", "Web 1.2"],
    // Peers that take a dot for the end of a label.
    ["Web 1.2._http._tcp.local", "Web 1.2"],
    ["a.b.c._http._tcp.local", "a.b.c"],
  ])("%s is that of %s", (text, instance) => {
    const name = Name.parse(text);
    expect(isInstanceOf(name, type)).toBe(true);
    expect(splitInstanceName(name)).toEqual({
      ...{ instance, type: "_http._tcp", domain: Name.of("local") },
    });
  });

  test.each([
    "_http._tcp.local",
    "_printer._sub._http._tcp.local",
    "Web._printer._sub._http._tcp.local",
    "alpha.local",
    "local",
    ".",
  ])("%s is none", (text) => {
    const name = Name.parse(text);
    expect(isInstanceOf(name, type)).toBe(false);
    expect(splitInstanceName(name)).toBeUndefined();
  });
});
