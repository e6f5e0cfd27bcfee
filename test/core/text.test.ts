import { describe, expect, it } from "vitest";
import { truncateText } from "../../src/core/text.ts";

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
