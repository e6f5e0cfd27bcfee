/** Which interfaces are used, by allow and deny globs. */

import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIGURATION } from "../../src/config/configuration.ts";
import { InterfaceFilter, type InterfaceTraits } from "../../src/config/interface-filter.ts";

const ethernet = { loopback: false, pointToPoint: false, multicast: true };
const loopback = { loopback: true, pointToPoint: false, multicast: false };
const tunnel = { loopback: false, pointToPoint: true, multicast: true };
const dummy = { loopback: false, pointToPoint: false, multicast: false };

const defaults = DEFAULT_CONFIGURATION.interfaces;
const both = { ipv4: true, ipv6: true };

function select(
  rules: { allow?: readonly string[]; deny?: readonly string[]; ipv4?: boolean; ipv6?: boolean },
  name: string,
  traits: Omit<InterfaceTraits, "name">,
) {
  return new InterfaceFilter({ ...defaults, ...both, ...rules }).select({ name, ...traits });
}

describe("InterfaceFilter", () => {
  it("uses an ordinary interface with both families", () => {
    expect(select({}, "eth0", ethernet)).toEqual(["ipv4", "ipv6"]);
  });

  it.each(["veth1a2b", "docker0", "br-5f3c", "virbr0", "tailscale0", "wg0", "zt5u4"])(
    "leaves %s alone by default",
    (name) => {
      expect(select({}, name, ethernet)).toEqual([]);
    },
  );

  it("uses an interface named in allow although a deny glob matches it", () => {
    expect(select({ allow: ["*", "veth0"] }, "veth0", ethernet)).toEqual(["ipv4", "ipv6"]);
    expect(select({ allow: ["*", "veth0"] }, "veth1", ethernet)).toEqual([]);
  });

  it("lets deny win over a glob in allow", () => {
    expect(select({ allow: ["veth*"] }, "veth0", ethernet)).toEqual([]);
  });

  it("uses only what allow matches", () => {
    expect(select({ allow: ["eth*"], deny: [] }, "wlan0", ethernet)).toEqual([]);
    expect(select({ allow: [], deny: [] }, "eth0", ethernet)).toEqual([]);
  });

  it("uses the loopback interface only when it is named, and with IPv4 only", () => {
    expect(select({}, "lo", loopback)).toEqual([]);
    expect(select({ deny: [] }, "lo", loopback)).toEqual([]);
    expect(select({ allow: ["lo"] }, "lo", loopback)).toEqual(["ipv4"]);
    expect(select({ allow: ["lo"], ipv4: false }, "lo", loopback)).toEqual([]);
  });

  it.each([
    ["a point-to-point interface", "ppp7", tunnel],
    ["an interface without multicast", "dummy0", dummy],
  ])("uses %s only when it is named", (_, name, traits) => {
    expect(select({ deny: [] }, name, traits)).toEqual([]);
    expect(select({ allow: [name] }, name, traits)).toEqual(["ipv4", "ipv6"]);
  });

  it("leaves out a family that is switched off", () => {
    expect(select({ ipv6: false }, "eth0", ethernet)).toEqual(["ipv4"]);
    expect(select({ ipv4: false }, "eth0", ethernet)).toEqual(["ipv6"]);
  });
});
