/** Options of the command line over the configuration. */

import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIGURATION } from "../../src/config/configuration.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { applyOverrides, type Overrides } from "../../src/config/overrides.ts";

function apply(overrides: Overrides) {
  const { configuration, diagnostics } = applyOverrides(DEFAULT_CONFIGURATION, overrides);
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  return configuration!;
}

describe("applyOverrides", () => {
  it("changes nothing when no option is given", () => {
    expect(apply({})).toEqual(DEFAULT_CONFIGURATION);
    expect(apply({ stub: [], interfaces: [], serviceDefs: [] })).toEqual(DEFAULT_CONFIGURATION);
  });

  it("puts every option over the configuration", () => {
    const configuration = apply({
      hostname: "other",
      serviceDefs: ["service-defs", "more"],
      stub: ["127.0.0.1:5300", "[::1]:5300"],
      llmnr: "off",
      logLevel: "debug",
      logFormat: "json",
      interfaces: ["eth0", "wlan*"],
      ipv4Only: true,
    });
    expect(configuration).toMatchObject({
      hostname: "other",
      ipv4: true,
      ipv6: false,
      interfaces: { allow: ["eth0", "wlan*"], deny: DEFAULT_CONFIGURATION.interfaces.deny },
      llmnr: { mode: "off", guard: true },
      services: {
        directories: ["service-defs", "more"],
        avahi: DEFAULT_CONFIGURATION.services.avahi,
      },
      log: { level: "debug", format: "json" },
    });
    expect(configuration.resolver.stub.listen).toEqual([
      { address: "127.0.0.1", port: 5300 },
      { address: "::1", port: 5300 },
    ]);
  });

  it("switches the stub off, and on where the configuration has it off", () => {
    const off = apply({ noStub: true });
    expect(off.resolver.stub.enabled).toBe(false);
    const { configuration } = applyOverrides(off, { stub: ["127.0.0.1:5300"] });
    expect(configuration?.resolver.stub.enabled).toBe(true);
  });

  it("uses IPv6 only", () => {
    expect(apply({ ipv6Only: true })).toMatchObject({ ipv4: false, ipv6: true });
  });

  it.each<[Overrides, string[]]>([
    [
      { hostname: "a.local" },
      ['--hostname: expected one label without a domain, not "a.local"; write "a"'],
    ],
    [
      { stub: ["127.0.0.1:5300", "localhost:53"] },
      [
        "--stub: expected an address with an optional port such as 127.0.0.1:53 or [::1]:53, " +
          'not "localhost:53"',
      ],
    ],
    [
      { llmnr: "of", logLevel: "loud" },
      [
        '--llmnr: expected full, resolve, off, not "of"; did you mean off?',
        '--log-level: expected trace, debug, info, warn, error, fatal, silent, not "loud"',
      ],
    ],
    [{ logFormat: "xml" }, ['--log-format: expected auto, pretty, json, not "xml"']],
    [{ interfaces: [""] }, ["--interface: expected a value, not an empty one"]],
    [{ stub: ["127.0.0.1"], noStub: true }, ["--no-stub: cannot be used together with --stub"]],
    [{ ipv4Only: true, ipv6Only: true }, ["-6: cannot be used together with -4"]],
  ])("refuses %j and names the option", (overrides, messages) => {
    const { configuration, diagnostics } = applyOverrides(DEFAULT_CONFIGURATION, overrides);
    expect(configuration).toBeUndefined();
    expect(diagnostics.map(formatDiagnostic)).toEqual(messages);
  });

  it("warns of a pattern that deny takes back", () => {
    const overrides = { interfaces: ["veth*", "veth0", "eth*"] };
    const { configuration, diagnostics } = applyOverrides(DEFAULT_CONFIGURATION, overrides);
    expect(configuration?.interfaces.allow).toEqual(["veth*", "veth0", "eth*"]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      '--interface: warning: "veth*" is denied as well and selects nothing; ' +
        "name the interfaces themselves",
    ]);
  });
});
