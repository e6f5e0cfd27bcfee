import { describe, expect, it } from "vitest";
import { tableLines } from "../../src/cli/browse-table.ts";
import { eventJson, eventLine } from "../../src/cli/service-fields.ts";
import { loadTypeNames } from "../../src/cli/service-type-names.ts";

const LASER = {
  ...{ interface: "eth0", instance: "Laser", type: "_ipp._tcp", domain: "local" },
  ...{ name: "Laser._ipp._tcp.local", own: false },
};
const RESOLVED = {
  ...LASER,
  ...{ host: "printer.local", port: 631, priority: 0, weight: 0 },
  ...{ addresses: ["192.0.2.1", "fe80::1%eth0"], txt: { rp: "ipp" }, txtRecord: '"rp=ipp"' },
};

describe("lines of browse", () => {
  it("are a sign and fields between tabs", () => {
    expect(eventLine({ event: "added", service: LASER })).toBe("+\teth0\tLaser\t_ipp._tcp\tlocal");
    expect(eventLine({ event: "removed", service: LASER })).toMatch(/^-\teth0\tLaser\t/);
    expect(eventLine({ event: "resolved", service: RESOLVED })).toBe(
      '=\teth0\tLaser\t_ipp._tcp\tlocal\tprinter.local\t631\t192.0.2.1,fe80::1%eth0\t"rp=ipp"',
    );
    expect(eventLine({ event: "unresolved", service: LASER })).toBeUndefined();
  });

  it("let nothing from the network reach a terminal raw", () => {
    const instance = "a\tb\\c\u001b[31m\u202ed\n";
    const line = eventLine({ event: "added", service: { ...LASER, instance } });
    expect(line).toBe(String.raw`+	eth0	a\009b\\c\027[31m\226\128\174d\010	_ipp._tcp	local`);
  });

  it("are one object each as JSON", () => {
    expect(JSON.parse(eventJson({ event: "added", service: LASER }))).toEqual({
      event: "added",
      ...LASER,
    });
  });
});

describe("the table of browse", () => {
  it("is sorted by what services are, then by name", async () => {
    const typeNames = await loadTypeNames();
    const services = [
      LASER,
      { ...LASER, instance: "Zoe", type: "_ssh._tcp" },
      { ...LASER, instance: "Inkjet" },
    ];
    expect(tableLines(services, {}, typeNames)).toEqual([
      "WHAT              NAME    LINK",
      "Internet printer  Inkjet  eth0",
      "Internet printer  Laser   eth0",
      "SSH server        Zoe     eth0",
    ]);
  });

  it("shows where services are when they are resolved", () => {
    const [, line] = tableLines([RESOLVED], { resolve: true }, (type) => type);
    expect(line).toMatch(
      /^_ipp\._tcp +Laser +eth0 +printer\.local +631 +192\.0\.2\.1 fe80::1%eth0$/,
    );
  });

  it("shows the first of 20,000 services and counts the others, in no time", () => {
    const services = Array.from({ length: 20_000 }, (_, index) => {
      return { ...LASER, instance: `Laser ${String(index).padStart(5, "0")}` };
    });
    const start = performance.now();
    expect(tableLines(services.reverse(), {}, (type) => type, 5)).toEqual([
      "WHAT       NAME         LINK",
      "_ipp._tcp  Laser 00000  eth0",
      "_ipp._tcp  Laser 00001  eth0",
      "_ipp._tcp  Laser 00002  eth0",
      "... and 19997 more",
    ]);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it("lets nothing from the network reach the terminal raw", () => {
    const [, line] = tableLines([{ ...LASER, instance: "a\u001b[2Jb" }], {}, (type) => type);
    expect(line).toContain(String.raw`a\027[2Jb`);
  });
});

describe("types in plain words", () => {
  it("are known by hand, from the registry, or not", async () => {
    const typeNames = await loadTypeNames();
    expect(typeNames("_googlecast._tcp")).toBe("Google Cast");
    expect(typeNames("_HTTP._TCP")).toBe("Web site");
    expect(typeNames("_amqp._tcp")).toBe("AMQP");
    expect(typeNames("_my-own._tcp")).toBe("_my-own._tcp");
    expect(typeNames("_constructor._tcp")).toBe("_constructor._tcp");
  });
});
