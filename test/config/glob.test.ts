/** Globs for interface names. */

import { describe, expect, it } from "vitest";
import { matchesGlob } from "../../src/config/glob.ts";

describe("matchesGlob", () => {
  it.each([
    ["*", "eth0"],
    ["*", ""],
    ["eth*", "eth0"],
    ["eth*", "eth"],
    ["*0", "wlan0"],
    ["e*h*0", "eth10"],
    ["eth?", "eth1"],
    ["eth[0-2]", "eth2"],
    ["eth[!0]", "eth1"],
    ["eth[^0]", "eth1"],
    ["eth[]]", "eth]"],
    ["eth[a-]", "eth-"],
    ["br-*", "br-lan"],
    ["eth[", "eth["],
    ["eth0.100", "eth0.100"],
    ["a**b", "ab"],
  ])("lets %s match %j", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(true);
  });

  it.each([
    ["eth*", "veth0"],
    ["eth?", "eth"],
    ["eth?", "eth10"],
    ["eth[0-2]", "eth3"],
    ["eth[!0]", "eth0"],
    ["ETH*", "eth0"],
    ["eth0.100", "eth0x100"],
    ["*a", "b"],
    ["", "eth0"],
  ])("does not let %s match %j", (glob, name) => {
    expect(matchesGlob(glob, name)).toBe(false);
  });

  it("takes no exponential time for many asterisks", () => {
    expect(matchesGlob(`${"a*".repeat(200)}b`, "a".repeat(5000))).toBe(false);
  });
});
