import { describe, expect, it } from "vitest";
import { checkedInstance, numberedInstance, numberOf } from "../../src/dnssd/instance-name.ts";

const size = (text: string): number => new TextEncoder().encode(text).length;

describe("an instance name", () => {
  it("§4.1.1: is precomposed", () => {
    expect(checkedInstance("Mu\u0308ller")).toBe("Müller");
  });

  it.each(["x", "a.b c\\d", "台所", "é".repeat(31), "x".repeat(63)])("may be %j", (name) => {
    expect(checkedInstance(name)).toBe(name);
  });

  it.each(["", "x".repeat(64), "é".repeat(32), "a\tb", "a\u007fb"])("may not be %j", (name) => {
    expect(() => checkedInstance(name)).toThrow();
  });
});

describe("a name that is taken", () => {
  it("gets a number, which is ours and never the user's", () => {
    expect([1, 2, 3].map((number) => numberedInstance("Web", number))).toEqual([
      "Web",
      "Web (2)",
      "Web (3)",
    ]);
    expect(numberedInstance("Web (2)", 2)).toBe("Web (2) (2)");
  });

  it.each([
    "x".repeat(63),
    "é".repeat(31),
    "台".repeat(21),
    "😀".repeat(15),
    `${"x".repeat(58)} yyyy`,
  ])("is cut between characters where it would be too long: %j", (original) => {
    for (const number of [2, 10, 99]) {
      const name = numberedInstance(original, number);
      expect(size(name)).toBeLessThanOrEqual(63);
      expect(name).toMatch(/\S \(\d+\)$/);
      expect(original.startsWith(name.replace(/ \(\d+\)$/, ""))).toBe(true);
    }
  });

  it("is recognized at the next start, unless the original was another", () => {
    expect(numberOf("Web", "Web (2)")).toBe(2);
    expect(numberOf("Web", "Web")).toBe(1);
    expect(numberOf("Wiki", "Web (2)")).toBe(1);
    expect(numberOf("Web", "Web (2000)")).toBe(1);
    expect(numberOf("é".repeat(31), numberedInstance("é".repeat(31), 12))).toBe(12);
  });
});
