/** Durations as people write them. */

import { describe, expect, it } from "vitest";
import { parseDuration } from "../../src/config/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["800ms", 800],
    ["3s", 3000],
    ["1.5s", 1500],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["250", 250],
    ["0", 0],
  ])("reads %s as %d milliseconds", (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: milliseconds });
  });

  it.each(["", "3 s", "3sec", "-1s", "s", "1e3", ".5s", "3S", "1d"])("refuses %j", (text) => {
    const error = `expected a duration such as 500ms, 3s or 10m, not ${JSON.stringify(text)}`;
    expect(parseDuration(text)).toEqual({ ok: false, error });
  });

  it("refuses what no timer can wait for", () => {
    expect(parseDuration("576h")).toEqual({ ok: true, value: 576 * 3_600_000 });
    expect(parseDuration("577h")).toEqual({
      ok: false,
      error: "577h is too long; the limit is 576h",
    });
  });
});
