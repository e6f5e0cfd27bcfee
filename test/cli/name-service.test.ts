import { describe, expect, it } from "vitest";
import {
  type NameServiceFacts,
  nameServiceFindings,
} from "../../src/cli/diagnosis/name-service.ts";

const SOUND: NameServiceFacts = {
  nsswitch:
    "passwd: files\nhosts:   files mdns4_minimal [NOTFOUND=return] dns # as Debian has it\n",
  resolvConf: "nameserver 192.0.2.53\n",
  resolvConfTarget: undefined,
  modules: new Set(["mdns4_minimal", "resolve"]),
  sockets: new Set(["/run/avahi-daemon/socket", "/run/systemd/resolve/io.systemd.Resolve"]),
  stubAddresses: ["127.0.0.153"],
  isDaemonRunning: true,
};

function telling(facts: Partial<NameServiceFacts>): string[] {
  return nameServiceFindings({ ...SOUND, ...facts })
    .filter(({ severity }) => severity === "problem" || severity === "warning")
    .map(({ severity, what }) => `${severity}: ${what}`);
}

describe("nsswitch.conf", () => {
  it.each<[string, Partial<NameServiceFacts>]>([
    ["a module that asks the link", {}],
    ["resolve, with nothing after it", { nsswitch: "hosts: files resolve [!UNAVAIL=return] dns" }],
    ["the stub behind dns", { nsswitch: "hosts: files dns", resolvConf: "nameserver 127.0.0.153" }],
    ["no file, and the stub", { nsswitch: undefined, resolvConf: "nameserver 127.0.0.153" }],
  ])("is sound with %s", (_what, facts) => {
    expect(telling(facts)).toEqual([]);
  });

  it.each<[string, Partial<NameServiceFacts>, RegExp]>([
    [
      "nothing asks the link",
      { nsswitch: "hosts: files dns" },
      /do not ask the link.*"hosts: files dns"/,
    ],
    ["there is no file", { nsswitch: undefined }, /do not ask the link.* is missing/],
    [
      "the module is not installed",
      { modules: new Set() },
      /mdns4_minimal, which is not installed/,
    ],
    ["nobody serves the module", { sockets: new Set() }, /nothing serves mdns4_minimal/],
    [
      "the search ends before the module",
      { nsswitch: "hosts: files dns [NOTFOUND=return] mdns4_minimal" },
      /ends the search after dns: mdns4_minimal is not asked/,
    ],
  ])("is a problem where %s", (_what, facts, expected) => {
    expect(telling(facts)).toEqual([expect.stringMatching(/^problem: /)]);
    expect(telling(facts)[0]).toMatch(expected);
  });
});

describe("resolv.conf", () => {
  it.each<[string, Partial<NameServiceFacts>, RegExp]>([
    ["it is missing", { resolvConf: undefined }, /^problem: there is no \/etc\/resolv\.conf/],
    [
      "it points nowhere",
      { resolvConf: undefined, resolvConfTarget: "/run/gone" },
      /^problem: .* points to \/run\/gone, which is not there/,
    ],
    [
      "it points at the stub of a daemon that does not run",
      { resolvConf: "nameserver 127.0.0.153", isDaemonRunning: false },
      /^problem: .*points at dotlocal's stub \(127\.0\.0\.153\), and no daemon runs/,
    ],
    ["it names no server", { resolvConf: "search example" }, /^warning: .*names no name server/],
    [
      "it searches local",
      { resolvConf: "nameserver 192.0.2.53\nsearch corp.example local" },
      /^warning: .*searches the domain local/,
    ],
  ])("is told where %s", (_what, facts, expected) => {
    expect(telling(facts)).toEqual([expect.stringMatching(expected)]);
  });
});
