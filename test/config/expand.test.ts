/** Instance names for a host. */

import { describe, expect, it } from "vitest";
import { dependsOnHostLabel, expandGroup, expandName } from "../../src/config/expand.ts";
import {
  OWN_SPECIFIERS,
  readTemplate,
  SYSTEMD_SPECIFIERS,
} from "../../src/config/name-template.ts";
import type { ServiceGroup } from "../../src/config/service-definition.ts";

const own = (text: string) => readTemplate(text, OWN_SPECIFIERS).template;
const systemd = (text: string) => readTemplate(text, SYSTEMD_SPECIFIERS).template;

describe("expandName", () => {
  it.each([
    ["Web on %h", "nas", "Web on nas"],
    ["%h", "küche", "küche"],
    ["%h-%h", "a", "a-a"],
    ["100%% of %%h", "nas", "100% of %h"],
    ["%h", "50%h", "50%h"],
  ])("makes of %j on %s %j", (template, hostLabel, name) => {
    expect(expandName(own(template), { hostLabel })).toBe(name);
  });

  it("fills in systemd's facts and leaves out those that are not known", () => {
    const facts = { hostLabel: "nas", architecture: "x86-64", osId: "debian" };
    expect(expandName(systemd("%H %a %o%W"), facts)).toBe("nas x86-64 debian");
  });

  it("RFC 6763 §4.1.1: cuts a name off at 63 octets, between characters", () => {
    expect(expandName(own(`${"x".repeat(60)}%h`), { hostLabel: "longer" })).toBe(
      `${"x".repeat(60)}lon`,
    );
    expect(expandName(own(`${"x".repeat(60)}%h`), { hostLabel: "aaü" })).toBe(
      `${"x".repeat(60)}aa`,
    );
    expect(expandName(own(`${"x".repeat(60)}%h`), { hostLabel: "🍳" })).toBe("x".repeat(60));
  });
});

describe("expandGroup", () => {
  const group: ServiceGroup = {
    name: own("Web on %h"),
    services: [],
    format: "dotlocal",
    source: { file: "a.yaml", line: 1 },
  };

  it("gives the group its instance name, another one after a rename", () => {
    expect(expandGroup(group, { hostLabel: "nas" })).toMatchObject({
      ok: true,
      value: { instance: "Web on nas", source: { file: "a.yaml" } },
    });
    expect(expandGroup(group, { hostLabel: "nas-2" })).toMatchObject({
      value: { instance: "Web on nas-2" },
    });
  });

  it("says so when nothing is left of the name", () => {
    expect(expandGroup({ ...group, name: systemd("%W") }, { hostLabel: "nas" })).toEqual({
      ok: false,
      error: "the name is empty on this host: what it is made of is not known here",
    });
  });

  it("knows which names change with the host's", () => {
    expect(dependsOnHostLabel(own("Web on %h"))).toBe(true);
    expect(dependsOnHostLabel(own("Web on %%h"))).toBe(false);
    expect(dependsOnHostLabel(systemd("%m"))).toBe(false);
  });
});
