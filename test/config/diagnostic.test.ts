/** How problems are printed and placed. */

import { describe, expect, it } from "vitest";
import { DiagnosticList, formatDiagnostic, LineIndex, quote } from "../../src/config/diagnostic.ts";

describe("formatDiagnostic", () => {
  const place = { file: "a.yaml", line: 3, column: 7 } as const;

  it("prints file, line and column before the message", () => {
    expect(formatDiagnostic({ ...place, severity: "error", message: "wrong" })).toBe(
      "a.yaml:3:7: wrong",
    );
  });

  it("marks a warning and puts the hint at the end", () => {
    expect(
      formatDiagnostic({ ...place, severity: "warning", message: "odd", hint: "do this" }),
    ).toBe("a.yaml:3:7: warning: odd (do this)");
  });

  it("leaves the place out where there is none", () => {
    expect(
      formatDiagnostic({ file: "--stub", line: 0, column: 0, severity: "error", message: "no" }),
    ).toBe("--stub: no");
  });
});

describe("DiagnosticList", () => {
  it("lets no control or invisible character through to a terminal", () => {
    const list = new DiagnosticList("a");
    list.error({ line: 1, column: 1 }, "\u001b[31m\n\u202e", "\u0007");
    expect(list.all.map(formatDiagnostic)).toEqual([
      "a:1:1: \\027[31m\\010\\226\\128\\174 (\\007)",
    ]);
  });
});

describe("LineIndex", () => {
  it.each([
    [0, 1, 1],
    [2, 1, 3],
    [3, 2, 1],
    [4, 3, 1],
    [6, 3, 3],
  ])("finds offset %d in line %d, column %d", (offset, line, column) => {
    expect(new LineIndex("ab\n\ncd").positionAt(offset)).toEqual({ line, column });
  });
});

describe("quote", () => {
  it("keeps a message on one line and of bearable length", () => {
    expect(quote('a\n"b"')).toBe('"a\\n\\"b\\""');
    expect(quote("x".repeat(100))).toBe(`"${"x".repeat(60)}..."`);
  });
});
