import { describe, expect, it } from "vitest";
import { attemptOf, suffixedLabel } from "../../src/host/rename.ts";

const octets = (text: string) => new TextEncoder().encode(text).length;

describe("RFC 6762 §9: the name after a lost one", () => {
  it.each([
    ["node", 2, "node-2"],
    ["node-1", 2, "node-1-2"],
    ["node-1", 3, "node-1-3"],
    ["node-1", 10, "node-1-10"],
    ["x".repeat(63), 2, `${"x".repeat(61)}-2`],
    ["x".repeat(63), 10, `${"x".repeat(60)}-10`],
    ["ü".repeat(31), 2, `${"ü".repeat(30)}-2`],
    [`${"x".repeat(60)}-yz`, 2, `${"x".repeat(60)}-2`],
  ])("of %s is, at attempt %i, %s", (original, attempt, label) => {
    expect(suffixedLabel(original, attempt)).toBe(label);
    expect(octets(label)).toBeLessThanOrEqual(63);
  });

  it("at every length up to the limit stays within 63 octets of whole characters", () => {
    for (let length = 1; length <= 63; length++) {
      for (const character of ["x", "ü", "印", "😀"]) {
        const size = octets(character);
        if (length * size > 63) continue;
        const label = suffixedLabel(character.repeat(length), 42);
        expect(octets(label)).toBeLessThanOrEqual(63);
        expect(label).toMatch(/^(x*|ü*|印*|(😀)*)-42$/u);
      }
    }
  });

  it("is recognized when the host starts again, and only for the same original", () => {
    expect(attemptOf("node-1", "node-1-2")).toBe(2);
    expect(attemptOf("Node-1", "node-1-3")).toBe(3);
    expect(attemptOf("x".repeat(63), `${"x".repeat(61)}-2`)).toBe(2);
    expect(attemptOf("node", "node-1-2")).toBeUndefined();
    expect(attemptOf("node-1", "node-1")).toBeUndefined();
    expect(attemptOf("node", "node-1")).toBeUndefined();
    expect(attemptOf("node", "node-2521")).toBeUndefined();
  });
});
