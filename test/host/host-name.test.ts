import { describe, expect, it } from "vitest";
import { fallbackLabel, originalLabel, usableLabel } from "../../src/host/host-name.ts";

const octets = (text: string) => new TextEncoder().encode(text).length;

describe("a host name becomes a label", () => {
  it.each([
    ["node-1", "node-1"],
    ["Node-1", "Node-1"],
    ["my_host", "my-host"],
    ["Bob's Mac", "Bob-s-Mac"],
    ["-edge-", "edge"],
    ["büro", "büro"],
    ["bu\u0308ro", "büro"],
    ["印刷機", "印刷機"],
    ["a\u0007b\u202ec", "a-b-c"],
    ["1and1", "1and1"],
  ])("%s is called %s", (text, label) => {
    expect(usableLabel(text)).toBe(label);
  });

  it.each(["", "localhost", "LOCALHOST", "(none)", "192", "---", "_"])(
    "nothing of %j is usable",
    (text) => {
      expect(usableLabel(text)).toBeUndefined();
    },
  );

  it("RFC 1035 §2.3.4: a long name is cut at 63 octets and between characters", () => {
    expect(usableLabel("x".repeat(80))).toBe("x".repeat(63));
    const label = usableLabel("ü".repeat(40))!;
    expect(label).toBe("ü".repeat(31));
    expect(octets(label)).toBe(62);
  });

  it("a cut that leaves a hyphen at the end takes it too", () => {
    expect(usableLabel(`${"x".repeat(62)}-y`)).toBe("x".repeat(62));
  });
});

describe("the label to claim", () => {
  const settings = { hostname: undefined, systemHostName: "", fallbackSeed: "3f2a" };

  it("is the first label of the system's name", () => {
    expect(originalLabel({ ...settings, systemHostName: "node-1.example.org" })).toBe("node-1");
  });

  it("is the configured one where there is one", () => {
    expect(originalLabel({ ...settings, systemHostName: "a", hostname: "b" })).toBe("b");
  });

  it("is one that stays the same and differs between hosts where the system has none", () => {
    const label = originalLabel({ ...settings, systemHostName: "localhost.localdomain" });
    expect(label).toMatch(/^host-[0-9a-f]{6}$/);
    expect(label).toBe(fallbackLabel("3f2a"));
    expect(label).not.toBe(fallbackLabel("3f2b"));
  });
});
