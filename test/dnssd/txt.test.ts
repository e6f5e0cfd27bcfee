import { describe, expect, it } from "vitest";
import { composeTxt, readTxt, splitTxtString, txtEntry } from "../../src/dnssd/txt.ts";

const text = (octets: Uint8Array | undefined): string | undefined =>
  octets === undefined ? undefined : new TextDecoder().decode(octets);

const strings = (...texts: readonly string[]): Uint8Array[] =>
  texts.map((string) => new TextEncoder().encode(string));

function read(...texts: readonly string[]): (readonly [string | undefined, string | undefined])[] {
  const entries = readTxt({ kind: "TXT", strings: strings(...texts) });
  return entries.map(({ key, value }) => [text(key), text(value)] as const);
}

describe("composing a TXT record", () => {
  it("§6.1: writes one empty string where there is no entry", () => {
    expect(composeTxt([])).toEqual({ kind: "TXT", strings: [new Uint8Array(0)] });
  });

  it("§6.4: leaves out entries without a key, which nobody could read", () => {
    const data = composeTxt([txtEntry("", "x"), txtEntry("a"), txtEntry("")]);
    expect(data.strings.map(text)).toEqual(["a"]);
    expect(composeTxt([txtEntry("", "x")])).toEqual(composeTxt([]));
  });

  it("§6.4: tells a key without value from one with an empty value, in the order given", () => {
    const data = composeTxt([txtEntry("z", ""), txtEntry("a"), txtEntry("b", "1=2")]);
    expect(data.strings.map(text)).toEqual(["z=", "a", "b=1=2"]);
  });

  it("§6.5: leaves binary values as they are", () => {
    const data = composeTxt([txtEntry("k", Uint8Array.of(0, 255))]);
    expect([...data.strings[0]!]).toEqual([0x6b, 0x3d, 0, 255]);
  });

  it("refuses an entry of more than 255 octets, but not one of 255", () => {
    expect(composeTxt([txtEntry("k", "x".repeat(253))]).strings[0]).toHaveLength(255);
    expect(() => composeTxt([txtEntry("k", "x".repeat(254))])).toThrow(/256 octets/);
  });

  it("refuses a record that no message could hold", () => {
    const entries = Array.from({ length: 34 }, (_, index) =>
      txtEntry(`k${index}`, "x".repeat(250)),
    );
    expect(() => composeTxt(entries)).toThrow(/the limit is 8400/);
  });

  it.each(["a=b", "ä", "a\n", "a\u007f"])("§6.4: refuses %j as a key", (key) => {
    expect(() => composeTxt([txtEntry(key, "1")])).toThrow(/no TXT key/);
  });
});

describe("reading a TXT record", () => {
  it("§6.4: takes the first of a key, whatever its case", () => {
    expect(read("Path=/", "PATH=/other", "path")).toEqual([["Path", "/"]]);
  });

  it("§6.1, §6.4: passes over empty strings and those without a key", () => {
    expect(read("", "=x", "a")).toEqual([["a", undefined]]);
  });

  it("splits at the first equals sign only", () => {
    const { key, value } = splitTxtString(strings("k=a=b")[0]!);
    expect([text(key), text(value)]).toEqual(["k", "a=b"]);
  });
});
