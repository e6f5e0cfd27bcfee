import { describe, expect, test } from "vitest";
import { keepData, keptDataKey, restoreData, sameKeptData } from "../../src/mdns/kept-data.ts";
import { sameRecordData } from "../../src/wire/record-order.ts";
import { record } from "./querier-link.ts";

const TEXTS = [
  "a.local. 120 IN A 192.0.2.7",
  "a.local. 120 IN AAAA fe80::7",
  "_ipp._tcp.local. 120 IN PTR One._ipp._tcp.local.",
  "a.local. 120 IN CNAME B.local.",
  "a.local. 120 IN NS ns.local.",
  "a.local. 120 IN DNAME B.local.",
  "a.local. 120 IN SRV 1 2 631 B.local.",
  'a.local. 120 IN TXT "a=b" "" "\\255\\000 c"',
  'a.local. 120 IN TXT ""',
  'a.local. 120 IN HINFO "AMD64" "LINUX"',
  "a.local. 120 IN NSEC a.local. A AAAA",
  "a.local. 120 IN TYPE65280 \\# 3 010203",
  "a.local. 120 IN MX 10 Mail.local.",
];

describe("record data in the cache", () => {
  test.each(TEXTS)("comes out as it went in: %s", (text) => {
    const { type, data } = record(text);
    expect(restoreData(keepData(data), type)).toEqual(data);
  });

  test("§16: is the same and has one key whatever the case of names in it, and only then", () => {
    for (const one of TEXTS) {
      for (const other of [
        ...TEXTS,
        ...TEXTS.map((text) => text.replace(/ (\S+)\.local\.$/, upper)),
      ]) {
        const [a, b] = [record(one), record(other)];
        if (a.type !== b.type) continue;
        const [keptA, keptB] = [keepData(a.data), keepData(b.data)];
        const isSame = sameRecordData(a.data, b.data);
        expect(sameKeptData(keptA, keptB)).toBe(isSame);
        expect(keptDataKey(keptA) === keptDataKey(keptB)).toBe(isSame);
      }
    }
  });
});

function upper(text: string): string {
  return text.toUpperCase();
}
