/** The checks that hold for service definitions of every format. */

import { describe, expect, it } from "vitest";
import { DiagnosticList, formatDiagnostic } from "../../src/config/diagnostic.ts";
import { OWN_SPECIFIERS, readTemplate } from "../../src/config/name-template.ts";
import { utf8 } from "../../src/config/octets.ts";
import {
  checkName,
  checkSubtype,
  checkTxtRecord,
  checkType,
  splitTxtEntry,
} from "../../src/config/service-rules.ts";

const position = { line: 1, column: 1 };

function collect(check: (diagnostics: DiagnosticList) => void): readonly string[] {
  const diagnostics = new DiagnosticList("f");
  check(diagnostics);
  return diagnostics.all.map((diagnostic) => formatDiagnostic(diagnostic).replace("f:1:1: ", ""));
}

describe("checkType", () => {
  const messagesOf = (type: string) => collect((list) => checkType(type, position, list));

  it.each(["_http._tcp", "_sleep-proxy._udp", "_a1._TCP", "_fifteen-letters._tcp"])(
    "RFC 6763 §7: accepts %s",
    (type) => {
      expect(messagesOf(type)).toEqual([]);
    },
  );

  const second = "(the second label is _tcp, or _udp for everything else)";

  it.each([
    ["http", `expected a type such as _http._tcp, not "http" ${second}`],
    ["_http._sctp", `expected a type such as _http._tcp, not "_http._sctp" ${second}`],
    ["", `expected a type such as _http._tcp, not "" ${second}`],
    ["_http._tcp.local", 'the type "_http._tcp.local" carries a domain (write _http._tcp)'],
    ["_http._tcp.", 'the type "_http._tcp." carries a domain (write _http._tcp)'],
    [
      "_printer._sub._http._tcp",
      '"_printer._sub._http._tcp" is a subtype (write _http._tcp here and _printer as its subtype)',
    ],
    ["http._tcp", 'expected an underscore, then letters, digits and hyphens, not "http"'],
    ["_ht tp._tcp", 'expected an underscore, then letters, digits and hyphens, not "_ht tp"'],
    ["_küche._tcp", 'expected an underscore, then letters, digits and hyphens, not "_küche"'],
    ["_._tcp", 'expected an underscore, then letters, digits and hyphens, not "_"'],
  ])("RFC 6763 §7: refuses %j", (type, message) => {
    expect(messagesOf(type)).toEqual([message]);
  });

  const shape = "(a letter, and hyphens only between other characters)";

  it.each([
    [
      "_my_app._tcp",
      'warning: the service name "my_app" holds an underscore; only letters, digits and hyphens may (RFC 6335 §5.1)',
    ],
    [
      "_sixteen-letters1._tcp",
      'warning: the service name "sixteen-letters1" has 16 characters; RFC 6335 §5.1 allows 15',
    ],
    ["_123._tcp", `warning: the service name "123" breaks RFC 6335 §5.1 ${shape}`],
    ["_a--b._tcp", `warning: the service name "a--b" breaks RFC 6335 §5.1 ${shape}`],
    ["_a-._tcp", `warning: the service name "a-" breaks RFC 6335 §5.1 ${shape}`],
  ])("RFC 6335 §5.1: warns of %s", (type, message) => {
    expect(messagesOf(type)).toEqual([message]);
  });
});

describe("checkSubtype", () => {
  const messagesOf = (subtype: string) => collect((list) => checkSubtype(subtype, position, list));

  it("RFC 6763 §7.1: accepts a label with an underscore", () => {
    expect(messagesOf("_printer")).toEqual([]);
  });

  it.each([
    [
      "_printer._sub._http._tcp",
      'expected one label such as _printer, not "_printer._sub._http._tcp" (._sub and the type are put after it)',
    ],
    ["", 'expected one label such as _printer, not "" (._sub and the type are put after it)'],
    ["x".repeat(64), `the subtype "${"x".repeat(60)}..." has 64 octets; a label has at most 63`],
    [
      "printer",
      'warning: the subtype "printer" is not an underscore, then letters, digits and hyphens',
    ],
  ])("RFC 6763 §7.1: reports %j", (subtype, message) => {
    expect(messagesOf(subtype)).toEqual([message]);
  });
});

describe("checkName", () => {
  const messagesOf = (name: string) =>
    collect((list) => checkName(readTemplate(name, OWN_SPECIFIERS).template, position, list));

  it.each(["Web", "a.b \\ c", "ü".repeat(31), "x".repeat(63), `${"x".repeat(48)}%h`])(
    "RFC 6763 §4.1.1: accepts %j",
    (name) => {
      expect(messagesOf(name)).toEqual([]);
    },
  );

  it.each([
    ["", "the name is empty"],
    ["x".repeat(64), "the name has 64 octets; an instance name has at most 63"],
    ["ü".repeat(32), "the name has 64 octets; an instance name has at most 63"],
    ["a\tb", "the name holds a control character or line break (RFC 6763 §4.1.1)"],
    [
      `${"x".repeat(60)}%h`,
      "warning: only 3 of 63 octets are left for the host name; a longer one is cut off",
    ],
  ])("RFC 6763 §4.1.1: reports %j", (name, message) => {
    expect(messagesOf(name)).toEqual([message]);
  });
});

describe("checkTxtRecord", () => {
  const messagesOf = (...entries: string[]) =>
    collect((list) =>
      checkTxtRecord(
        entries.map((entry) => ({ entry: splitTxtEntry(utf8(entry)), position })),
        list,
      ),
    );

  it("RFC 6763 §6.4: accepts keys with and without values", () => {
    expect(messagesOf("path=/", "flag", "empty=", "a b=c", "ü=x".slice(1))).toEqual([
      "warning: a TXT entry without a key is left out (RFC 6763 §6.4)",
    ]);
    expect(messagesOf("path=/", "flag", "empty=", "a b=c", "k=ü")).toEqual([]);
  });

  it("RFC 6763 §6.4: refuses keys that are not printable ASCII", () => {
    const expected = 'expected a TXT key of printable ASCII characters other than "="';
    expect(messagesOf("kü=1", "a\tb=1")).toEqual([
      `${expected}, not "kü"`,
      `${expected}, not "a\\tb"`,
    ]);
  });

  it("RFC 6763 §6.4: warns of keys of more than nine characters, save customary ones", () => {
    expect(messagesOf("ninechars=1", "printer-type=0x1")).toEqual([]);
    expect(messagesOf("tencharact=1")).toEqual([
      'warning: the TXT key "tencharact" has 10 characters; RFC 6763 §6.4 recommends at most nine',
    ]);
  });

  it("RFC 6763 §6.4: warns of a key that occurs again, in any case", () => {
    expect(messagesOf("Path=/a", "pATH=/b")).toEqual([
      'warning: the TXT key "pATH" occurs before; peers ignore it here (RFC 6763 §6.4)',
    ]);
  });

  it("RFC 6763 §6.1: an entry has at most 255 octets", () => {
    expect(messagesOf(`k=${"x".repeat(253)}`)).toEqual([]);
    expect(messagesOf(`k=${"x".repeat(254)}`)).toEqual([
      'the TXT entry "k" has 256 octets; the limit is 255',
    ]);
  });

  it("RFC 6763 §6.2: warns of a large record and refuses an enormous one", () => {
    const record = (count: number) =>
      Array.from({ length: count }, (_, index) => `k${index}=${"x".repeat(200)}`);
    expect(messagesOf(...record(1))).toEqual([]);
    expect(messagesOf(...record(2))).toEqual([
      "warning: the TXT record has 408 octets; RFC 6763 §6.2 recommends at most 400",
    ]);
    expect(messagesOf(...record(7))).toEqual([
      "warning: the TXT record has 1428 octets and does not fit one packet (RFC 6763 §6.2)",
    ]);
    expect(messagesOf(...record(42))).toEqual([
      "the TXT record has 8600 octets; the limit is 8400",
    ]);
  });
});
