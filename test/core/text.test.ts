import { describe, expect, it } from "vitest";
import { printable, truncateText } from "../../src/core/text.ts";

describe("text that has to fit", () => {
  it.each([
    ["node", 4, "node"],
    ["node", 3, "nod"],
    ["node", 0, ""],
    ["Müller", 2, "M"],
    ["Müller", 3, "Mü"],
    ["台所", 5, "台"],
    ["😀😀", 7, "😀"],
  ])("%s in %i octets is cut between characters", (text, sizeMax, kept) => {
    expect(truncateText(text, sizeMax)).toBe(kept);
  });
});

describe("what is shown on a terminal", () => {
  it.each([
    ["a C0 control", "a\u001b[31mb", "a\\027[31mb"],
    ["a new line", "a\nb", "a\\010b"],
    ["a C1 control", "a\u009bb", "a\\194\\155b"],
    ["an override of the direction", "a\u202eb", "a\\226\\128\\174b"],
    ["a line separator", "a\u2028b", "a\\226\\128\\168b"],
    ["a private character", "a\ue000b", "a\\238\\128\\128b"],
    ["half a surrogate pair", "a\ud800b", "a\\239\\191\\189b"],
  ])("has %s as numbers", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("has letters of all scripts, signs and emoji as they are", () => {
    const text = "Büro – 会議室 كتاب 🖨 \\ .";
    expect(printable(text)).toBe(text);
  });
});
