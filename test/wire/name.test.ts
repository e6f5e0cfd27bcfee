import { describe, expect, test } from "vitest";
import { LABEL_SIZE_MAX, NAME_SIZE_MAX, Name } from "../../src/wire/name.ts";

const longest = Name.of("a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61));

describe("presentation format", () => {
  test.each([
    ["printer.local", "printer.local"],
    ["printer.local.", "printer.local"],
    [".", "."],
    ["My Printer._ipp._tcp.local", "My Printer._ipp._tcp.local"],
    ["a\\.b.local", "a\\.b.local"],
    ["a\\\\b.local", "a\\\\b.local"],
    ["\\097.local", "a.local"],
    ["B\\195\\188ro.local", "Büro.local"],
    ["Büro.local", "Büro.local"],
    ["\\000\\255.local", "\\000\\255.local"],
    ["a\\009b.local", "a\\009b.local"],
    ["\\239\\187\\191bom.local", "\\239\\187\\191bom.local"],
    ["\\226\\128\\174evil.local", "\\226\\128\\174evil.local"],
  ])("reads %s and shows %s", (text, shown) => {
    expect(Name.parse(text).toString()).toBe(shown);
    expect(Name.parse(shown)).toEqual(Name.parse(text));
  });

  test.each([
    ["", "the name is empty"],
    ["..", "a label is empty"],
    [".local", "a label is empty"],
    ["a..local", "a label is empty"],
    ["a\\25.local", 'invalid escape at character 2 of "a\\25.local"'],
    ["a\\256.local", 'invalid escape at character 2 of "a\\256.local"'],
    ["a\\", 'invalid escape at character 2 of "a\\"'],
    ["x".repeat(64), `label "${"x".repeat(64)}" has 64 octets; the limit is 63`],
    [`${"x".repeat(63)}.`.repeat(4), "the name has 257 octets; the limit is 255"],
  ])("refuses %s", (text, reason) => {
    expect(Name.tryParse(text)).toBe(reason);
    expect(() => Name.parse(text)).toThrow(expect.objectContaining({ code: "INVALID_NAME" }));
  });
});

test("RFC 6762 §16: names compare without the case of ASCII letters, and with that of others", () => {
  expect(Name.parse("PRINTER.Local").equals(Name.parse("printer.local"))).toBe(true);
  expect(Name.parse("BÜRO.local").equals(Name.parse("büro.local"))).toBe(false);
  expect(Name.parse("PRINTER.Local").toString()).toBe("PRINTER.Local");
  expect(Name.parse("a\\.b").equals(Name.parse("a.b"))).toBe(false);
});

test("a name lies within its ancestors, by whole labels", () => {
  const name = Name.parse("a.b.Local");
  expect(name.isWithin(Name.parse("local"))).toBe(true);
  expect(name.isWithin(name)).toBe(true);
  expect(name.isWithin(Name.ROOT)).toBe(true);
  expect(name.isWithin(Name.parse("cal"))).toBe(false);
  expect(Name.parse("local").isWithin(name)).toBe(false);
  expect(Name.of("x\u0005local").isWithin(Name.of("local"))).toBe(false);
});

test("the longest name has 255 octets and takes no further label", () => {
  expect(longest.octets.length).toBe(NAME_SIZE_MAX);
  expect(longest.key.length).toBe(NAME_SIZE_MAX);
  expect(() => longest.prepend("x")).toThrow("the name has 257 octets; the limit is 255");
  expect(longest.parent.prepend("a".repeat(LABEL_SIZE_MAX))).toEqual(longest);
});

test("a label put before a name keeps to the limits", () => {
  expect(Name.parse("local").prepend("x.y").toString()).toBe("x\\.y.local");
  expect(Name.ROOT.prepend("local").toString()).toBe("local");
  expect(() => Name.ROOT.prepend("")).toThrow("a label is empty");
  expect(() => Name.ROOT.prepend("x".repeat(64))).toThrow("has 64 octets");
});

test("labels, parent and first label of a name", () => {
  const name = Name.parse("Büro.local");
  expect(name.labelCount).toBe(2);
  expect(name.firstLabel).toBe("Büro");
  expect(name.parent.toString()).toBe("local");
  expect(name.parent.parent).toEqual(Name.ROOT);
  expect(Name.ROOT.parent).toBe(Name.ROOT);
  expect(Name.ROOT.firstLabel).toBe("");
  expect(JSON.stringify({ name })).toBe('{"name":"Büro.local"}');
});
