import { describe, expect, test } from "vitest";
import {
  compareRecords,
  recordDataKey,
  recordDataOctets,
  recordKey,
  recordSetKey,
  sameRecord,
  sameRecordData,
} from "../../src/wire/record-order.ts";
import { hexadecimal, record } from "./kit.ts";

test("record data as octets is uncompressed and in original case", () => {
  expect(recordDataOctets(record("x. SRV 1 2 3 Host.Local.").data)).toEqual(
    hexadecimal("0001 0002 0003 04486f7374 054c6f63616c 00"),
  );
});

describe("§8.2: the lexicographically later record", () => {
  test.each([
    ["MyPrinter.local. A 169.254.99.200", "MyPrinter.local. A 169.254.200.50"],
    ["x. IN A 255.255.255.255", "x. CH A 0.0.0.0"],
    ["x. TXT zzz", "x. SRV 0 0 0 a."],
    ["x. TXT a", "x. TXT a b"],
    ["x. TXT a", "x. TXT bb"],
    ["x. PTR A.local.", "x. PTR a.local."],
    ["x. TYPE65280 \\# 1 7f", "x. TYPE65280 \\# 1 80"],
  ])("%s is earlier than %s", (earlier, later) => {
    expect(compareRecords(record(earlier), record(later))).toBeLessThan(0);
    expect(compareRecords(record(later), record(earlier))).toBeGreaterThan(0);
    expect(compareRecords(record(later), record(later))).toBe(0);
  });

  test("the cache-flush bit does not count", () => {
    expect(compareRecords(record("x. IN+flush A 192.0.2.1"), record("x. IN A 192.0.2.1"))).toBe(0);
  });
});

describe("identity", () => {
  test.each([
    ["x. A 192.0.2.1", "X. 5 IN+flush A 192.0.2.1"],
    ["x. PTR Host.local.", "x. PTR host.LOCAL."],
    ["x. SRV 0 0 1 Host.local.", "x. SRV 0 0 1 host.local."],
    ["x. NSEC X. A", "x. NSEC x. A"],
    ["x. TXT a b", 'x. TXT "a" "b"'],
  ])("§16: %s is the same as %s", (a, b) => {
    expect(sameRecord(record(a), record(b))).toBe(true);
    expect(recordKey(record(a))).toBe(recordKey(record(b)));
  });

  test.each([
    ["x. A 192.0.2.1", "x. A 192.0.2.2"],
    ["x. A 192.0.2.1", "y. A 192.0.2.1"],
    ["x. A 192.0.2.1", "x. CH A 192.0.2.1"],
    ["x. NS a.", "x. CNAME a."],
    ["x. TXT a", "x. TXT A"],
    ["x. TXT ab", "x. TXT a b"],
    ["x. SRV 0 0 1 a.", "x. SRV 0 0 2 a."],
    ["x. TYPE65280 \\# 1 41", "x. TYPE65280 \\# 1 61"],
  ])("%s is another than %s", (a, b) => {
    expect(sameRecord(record(a), record(b))).toBe(false);
    expect(recordKey(record(a))).not.toBe(recordKey(record(b)));
  });

  test("what was not read as a type's data is never the same as what was", () => {
    const octets = { kind: "UNKNOWN", octets: hexadecimal("c0000201") } as const;
    expect(sameRecordData(octets, record("x. A 192.0.2.1").data)).toBe(false);
    expect(recordDataKey(octets)).not.toBe(recordDataKey(record("x. A 192.0.2.1").data));
  });

  test("the records of one RRset share a key", () => {
    const key = recordSetKey(record("x. IN+flush A 192.0.2.1"));
    expect(recordSetKey(record("X. 9 A 192.0.2.2"))).toBe(key);
    expect(recordSetKey(record("x. AAAA ::1"))).not.toBe(key);
  });
});
