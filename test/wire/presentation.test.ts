import { describe, expect, test } from "vitest";
import { composeMessage } from "../../src/wire/compose.ts";
import { RecordClass, RecordType } from "../../src/wire/constants.ts";
import { Name } from "../../src/wire/name.ts";
import {
  formatMessage,
  formatQuestion,
  formatRecord,
  parseQuestion,
  parseRecord,
  parseRecordData,
} from "../../src/wire/presentation.ts";
import { formatClass, formatType, parseClass, parseType } from "../../src/wire/type-names.ts";
import { message, parsed, question, record, texts } from "./kit.ts";

const canonical = [
  "printer.local. 120 IN+flush A 192.0.2.1",
  "printer.local. 120 IN AAAA 2001:db8::1",
  "printer.local. 120 IN AAAA ::ffff:192.0.2.1",
  "example.com. 3600 IN NS ns.example.com.",
  "www.local. 120 IN+flush CNAME printer.local.",
  "_ipp._tcp.local. 4500 IN PTR My\\032Printer._ipp._tcp.local.",
  "example.com. 3600 IN DNAME example.net.",
  "example.com. 3600 IN SOA ns.example.com. root.example.com. 2026010101 7200 3600 1209600 300",
  'printer.local. 120 IN HINFO "X86_64" "LINUX"',
  "example.com. 3600 IN MX 10 mail.example.com.",
  'x.local. 4500 IN TXT ""',
  'x.local. 4500 IN TXT "txtvers=1" "note=say \\"hi\\"; \\\\o/" "\\000\\255" "größe=1"',
  "x.local. 120 IN+flush SRV 0 0 631 printer.local.",
  'example.com. 60 IN NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:x@y!" _sip._udp.example.com.',
  "printer.local. 120 IN+flush NSEC printer.local. A AAAA CAA TYPE65280",
  'example.com. 60 IN CAA 128 issue "ca.example; policy=ev"',
  "example.com. 60 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
  "example.com. 60 IN DNSKEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZ",
  "example.com. 60 IN RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WN",
  "example.com. 60 IN HTTPS 0 www.example.com.",
  'example.com. 60 IN HTTPS 1 . alpn="h2,h3" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2',
  'example.com. 60 IN HTTPS 1 . ech=AAEC ipv6hint=2001:db8::1 dohpath="/q{?dns}" ohttp',
  'example.com. 60 IN SVCB 16 x.example. mandatory=alpn,ipv4hint alpn="a" ipv4hint=192.0.2.1',
  'example.com. 60 IN SVCB 1 x.example. key667="hello\\210qoo" key65280',
  'example.com. 60 IN SVCB 1 x.example. alpn="f\\\\\\\\oo\\\\,bar,h2"',
  "example.com. 60 IN TYPE65280 \\# 4 c0000201",
  "example.com. 60 CH TYPE65280 \\# 0",
  "x.local. 0 ANY A \\# 0",
  'odd\\.dot\\;semi\\"quote\\(\\)\\\\.local. 1 CLASS7 A 192.0.2.1',
];

describe.each(canonical)("%s", (text) => {
  test("reads and shows the same", () => {
    expect(formatRecord(record(text))).toBe(text);
  });

  test("comes through octets unchanged", () => {
    const answers = [record(text)];
    const octets = composeMessage(message({ answers }), "mdns");
    expect(texts(parsed(octets).answers)).toEqual([text]);
  });
});

test.each([
  ["x.local A 192.0.2.1", "x.local. 120 IN A 192.0.2.1"],
  ["x.local in 5 a 192.0.2.1 ; comment", "x.local. 5 IN A 192.0.2.1"],
  ['"My Printer.local" AAAA 2001:DB8:0::1', "My\\032Printer.local. 120 IN AAAA 2001:db8::1"],
  ["x. SOA a. b. ( 1 2\n 3 ; three\n 4 5 )", "x. 120 IN SOA a. b. 1 2 3 4 5"],
  ["x. TXT plain two\\ words", 'x. 120 IN TXT "plain" "two words"'],
  ["x. A \\# 4 c0 00 0201", "x. 120 IN A 192.0.2.1"],
  ["x. TYPE1 192.0.2.1", "x. 120 IN A 192.0.2.1"],
  ["x. NSEC x. AAAA A A", "x. 120 IN NSEC x. A AAAA"],
  ["x. HTTPS 1 . port=80 alpn=h2", 'x. 120 IN HTTPS 1 . alpn="h2" port=80'],
  ["x. SVCB 1 . key1=\\002h2", 'x. 120 IN SVCB 1 . alpn="h2"'],
  [
    "x. RRSIG A 5 1 1 1048354263 0 1 . AAAA",
    "x. 120 IN RRSIG A 5 1 1 20030322173103 19700101000000 1 . AAAA",
  ],
])("%s reads as %s", (text, shown) => {
  expect(formatRecord(record(text))).toBe(shown);
});

test.each([
  ["", 1, "the name is missing"],
  ["x..local A 192.0.2.1", 1, "the name: a label is empty"],
  ["x.local", 8, "the type is missing"],
  ["x.local 120 IN", 15, "the type is missing"],
  ["x.local NOTYPE 1", 9, '"NOTYPE" is no type'],
  ["x.local A", 10, "the address is missing"],
  ["x.local A 192.0.2.256", 11, '"192.0.2.256" is no ipv4 address'],
  ["x.local A 2001:db8::1", 11, '"2001:db8::1" is no ipv4 address'],
  ["x.local AAAA fe80::1%eth0", 14, '"fe80::1%eth0" is no ipv6 address'],
  ["x.local A 192.0.2.1 192.0.2.2", 21, '"192.0.2.2" is one field too many'],
  ["x.local SRV 0 0 65536 y.", 17, 'the port "65536" is no integer from 0 to 65535'],
  ["x.local SRV 0 0 -1 y.", 17, 'the port "-1" is no integer from 0 to 65535'],
  ['x.local TXT "open', 13, "a closing quotation mark is missing"],
  ["x.local TXT a\\300", 14, "invalid escape"],
  [`x.local TXT ${"a".repeat(256)}`, 13, "the string has 256 octets; the limit is 255"],
  ["x.local TYPE9999 abc", 18, "the data of TYPE9999 is written as \\# SIZE HEXADECIMAL"],
  ["x.local TYPE9999 \\# 2 c0", 18, "the data has 1 octets, not 2"],
  ["x.local A \\# 3 c00002", 11, "the octets are no A data"],
  ["x.local DS 1 1 1 abc", 18, "the digest is not hexadecimal"],
  ["x.local DNSKEY 1 1 1 a", 22, "the public key is not base64"],
  [
    "x.local RRSIG A 1 1 1 20031322173103 0 1 . AAAA",
    23,
    'the expiration "20031322173103" is no time as YYYYMMDDHHmmSS',
  ],
  ["x.local NSEC x. NOTYPE", 17, '"NOTYPE" is no type'],
  ["x.local HTTPS 1 . alpn=h2 alpn=h3", 19, "a service parameter comes twice"],
  ["x.local HTTPS 1 . port=http", 19, '"port=http" has a value that its key does not allow'],
  ["x.local HTTPS 1 . what=1", 19, '"what" is no parameter key'],
  ["x.local HTTPS 1 . mandatory=alpn", 19, "the service parameters do not go together"],
  ["x.local CAA 0 a-b c", 15, "the tag is not of letters and digits"],
])("refuses %s at column %i", (text, column, reason) => {
  expect(parseRecord(text)).toEqual({ ok: false, error: { column, message: reason } });
});

test("record data alone reads by its type", () => {
  expect(parseRecordData(RecordType.A, "192.0.2.1")).toEqual({
    ok: true,
    value: { kind: "A", address: "192.0.2.1" },
  });
});

test.each([
  "x.local. IN+QU ANY",
  "x.local. IN A",
  "x.local. ANY TYPE65280",
  "x.local. CLASS7 HTTPS",
])("the question %s reads and shows the same", (text) => {
  expect(formatQuestion(question(text))).toBe(text);
});

test("a question needs a type, and its class is IN by default", () => {
  expect(question("x.local ANY")).toMatchObject({ type: 255, class: RecordClass.IN });
  expect(parseQuestion("x.local")).toMatchObject({ ok: false, error: { column: 8 } });
  expect(parseQuestion("x.local FOO A")).toMatchObject({ ok: false, error: { column: 9 } });
});

test("types and classes have mnemonics or numbers", () => {
  expect([formatType(28), formatType(65280), formatType(52)]).toEqual([
    "AAAA",
    "TYPE65280",
    "TLSA",
  ]);
  expect([parseType("aaaa"), parseType("type65280"), parseType("TYPE65536")]).toEqual([
    28,
    65280,
    undefined,
  ]);
  expect([formatClass(1), formatClass(7)]).toEqual(["IN", "CLASS7"]);
  expect([parseClass("in"), parseClass("CLASS7"), parseClass("CLASS")]).toEqual([1, 7, undefined]);
});

test("a message shows its header and its sections that are not empty", () => {
  const shown = formatMessage(
    message({
      id: 7,
      flags: 0x8583,
      questions: [question("x.local. IN A")],
      additionals: [record("y.local. 5 IN A 192.0.2.1")],
    }),
  );
  expect(shown.split("\n")).toEqual([
    ";; response, status NXDOMAIN, id 7, flags aa rd ra",
    ";; QUESTION",
    "x.local. IN A",
    ";; ADDITIONAL",
    "y.local. 5 IN A 192.0.2.1",
  ]);
});

test("nothing that a peer put into a name or a string is shown raw", () => {
  const evil = new Uint8Array(63).map((_, index) => index % 34);
  const shown = formatRecord({
    name: Name.of(evil, Uint8Array.of(0x1b, 0x9b, 0xff), "\u202e\u200b\ue000\u2028"),
    type: RecordType.TXT,
    class: 1,
    cacheFlush: false,
    ttl: 1,
    data: { kind: "TXT", strings: [evil, Uint8Array.of(0xc2, 0x9b)] },
  });
  expect(shown).toMatch(/^[\x20-\x7e]+$/);
});
