/** systemd's *.dnssd files. */

import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { overrideByPriority, parseSystemdServices } from "../../src/config/systemd-services.ts";
import { splitWords } from "../../src/config/systemd-words.ts";
import { describeGroup } from "./describe-group.ts";

function parse(text: string, ...dropIns: string[]) {
  const { group, diagnostics } = parseSystemdServices(
    { file: "a.dnssd", text },
    dropIns.map((dropIn, index) => ({ file: `${index}.conf`, text: dropIn })),
  );
  return { lines: describeGroup(group), messages: diagnostics.map(formatDiagnostic), group };
}

/** A service with the minimum and these further lines. */
function withLines(...lines: string[]): string {
  return ["[Service]", "Name=Web", "Type=_http._tcp", "Port=80", ...lines].join("\n");
}

describe("parseSystemdServices", () => {
  it("reads every key", () => {
    const { lines, messages, group } = parse(`
# a web server
[Service]
Name = Web on %H
Type=_http._tcp
SubType=_printer
Port=8080
Priority=1
Weight=2
TxtText=path=/index.html t=temperature_sensor
`);
    expect(messages).toEqual([]);
    expect(lines).toEqual([
      "Web on {hostLabel}",
      "_http._tcp | 8080 | +_printer | path=/index.html t=temperature_sensor",
    ]);
    expect(group).toMatchObject({
      format: "systemd",
      source: { file: "a.dnssd", line: 4 },
      services: [{ priority: 1, weight: 2, protocol: "any", line: 4 }],
    });
  });

  it("reads every specifier of the name", () => {
    const { lines } = parse(withLines("Name=%a %b %B %H %m %o %v %w %W %%"));
    expect(lines[0]).toBe(
      "{architecture} {bootId} {buildId} {hostLabel} {machineId} {osId} {kernelRelease} " +
        "{osVersionId} {osVariantId} %",
    );
  });

  it("makes a TXT record of each TxtText and TxtData line", () => {
    const { lines, messages } = parse(
      withLines("TxtText=a=1 b=2", "TxtData=c=AP8= flag", "TxtText=d=3"),
    );
    expect(messages).toEqual([]);
    expect(lines[1]).toBe("_http._tcp | 80 | a=1 b=2 | c=\\x00\\xff flag | d=3");
  });

  it("unquotes and unescapes TxtText, and writes an empty value as none", () => {
    const { lines } = parse(
      withLines(String.raw`TxtText="a=b c" d='e f' g=\x41\u00fc\101\n h=\q i= j="\"" k`),
    );
    expect(lines[1]).toBe(
      String.raw`_http._tcp | 80 | a=b\x20c d=e\x20f g=A\xc3\xbcA\x0a h=\q i j=" k`,
    );
  });

  it("takes back what was assigned when an assignment is empty", () => {
    const text = withLines("TxtText=a=1", "TxtText=", "TxtText=b=2", "SubType=_x", "SubType=");
    expect(parse(text).lines[1]).toBe("_http._tcp | 80 | b=2");
  });

  it("lets drop-ins change and add", () => {
    const { lines, messages } = parse(
      withLines("TxtText=a=1"),
      "[Service]\nPort=81\nTxtText=b=2\n",
      "[Service]\nName=Other\n",
    );
    expect(messages).toEqual([]);
    expect(lines).toEqual(["Other", "_http._tcp | 81 | a=1 | b=2"]);
  });

  it("joins continued lines, skips comments among them, and keeps their places", () => {
    const { lines, messages } = parse(
      withLines("TxtText=a=1 \\", "# a comment", "  b=2 \\", "; another", "c=3", "Weight=x"),
    );
    expect(messages).toEqual([
      'a.dnssd:10:8: Weight: expected a whole number from 0 to 65535, not "x"',
    ]);
    expect(lines).toEqual([]);
    expect(parse(withLines("TxtText=a=1 \\", "# a comment", "  b=2")).lines[1]).toBe(
      "_http._tcp | 80 | a=1 b=2",
    );
  });

  it("publishes nothing for an empty file, which masks another, and says nothing", () => {
    expect(parse("\n")).toEqual({ lines: [], messages: [], group: undefined });
  });

  it.each<[string, string, string[]]>([
    [
      "what is missing",
      "[Service]\nPort=80\n",
      ["a.dnssd:1:1: Name= is missing", "a.dnssd:1:1: Type= is missing"],
    ],
    [
      "values that are none",
      "[Service]\nName=a\nType=http\n  Port = 0\nSubType=a.b\nPriority=70000\n",
      [
        'a.dnssd:3:6: expected a type such as _http._tcp, not "http" ' +
          "(the second label is _tcp, or _udp for everything else)",
        'a.dnssd:4:10: Port: expected a whole number from 1 to 65535, not "0"',
        'a.dnssd:5:9: expected one label such as _printer, not "a.b" ' +
          "(._sub and the type are put after it)",
        'a.dnssd:6:10: Priority: expected a whole number from 0 to 65535, not "70000"',
      ],
    ],
    [
      "TXT that cannot be read",
      withLines('TxtText="a', "TxtData=a=x"),
      [
        "a.dnssd:5:9: TxtText: a quotation mark is left open",
        'a.dnssd:6:9: TxtData: expected base64 with its padding after "=", not "x"',
      ],
    ],
    [
      "lines that are none",
      "Name=a\n[Service\n[Service]\nName=a\nType=_a._tcp\nPort=1\nnonsense\n=1\n",
      [
        "a.dnssd:1:1: expected a section such as [Service] before this line",
        'a.dnssd:2:1: expected a section such as [Service], not "[Service"',
        'a.dnssd:7:1: expected Key=value, not "nonsense"',
        'a.dnssd:8:1: expected Key=value, not "=1"',
      ],
    ],
  ])("refuses %s", (_, text, expected) => {
    const { messages, group } = parse(text);
    expect(messages).toEqual(expected);
    expect(group).toBeUndefined();
  });

  it("reports a problem of a drop-in at its place", () => {
    expect(parse(withLines(), "[Service]\nPort=none\n").messages).toEqual([
      '0.conf:2:6: Port: expected a whole number from 1 to 65535, not "none"',
    ]);
  });

  it("warns of what systemd ignores, and goes on", () => {
    const { messages, lines } = parse(
      `${withLines("Name=%x", "Txt=a", "X-Own=1")}\n[Unit]\nDescription=a\n[X-Other]\nKey=1\n`,
    );
    expect(messages).toEqual([
      "a.dnssd:5:6: warning: unknown specifier %x in the name; it stays as it is " +
        "(%H is the host name, %% a per cent sign)",
      'a.dnssd:6:1: warning: unknown key "Txt", ignored ' +
        "(valid here: Name, Type, SubType, Port, Priority, Weight, TxtText, TxtData)",
      "a.dnssd:9:1: warning: the section [Unit] is ignored (expected [Service])",
    ]);
    expect(lines).toEqual(["%x", "_http._tcp | 80"]);
  });

  it("warns when the port is missing", () => {
    const { messages, lines } = parse("[Service]\nName=a\nType=_a._tcp\n");
    expect(messages).toEqual([
      "a.dnssd:1:1: warning: Port= is missing; the service is published with port 0",
    ]);
    expect(lines).toEqual(["a", "_a._tcp | 0"]);
  });
});

describe("splitWords", () => {
  const text = (words: readonly Uint8Array[] | undefined) =>
    words?.map((word) => new TextDecoder().decode(word));

  it.each<[string, string[]]>([
    ["", []],
    ["  a \t b ", ["a", "b"]],
    [`a"b c"d`, ["ab cd"]],
    [`""`, [""]],
    [String.raw`a\ b`, ["a\\", "b"]],
    [String.raw`a\sb`, ["a b"]],
    [String.raw`a\x00b`, ["a\\x00b"]],
    [String.raw`\U0001f373`, ["🍳"]],
    [String.raw`\Uffffffff`, ["\\Uffffffff"]],
    ["a\\", ["a\\"]],
    [String.raw`'it\'s'`, ["it's"]],
  ])("splits %j", (value, words) => {
    expect(text(splitWords(value))).toEqual(words);
  });

  it.each(['"a', "a'", `"a'`])("refuses %j, whose quote is left open", (value) => {
    expect(splitWords(value)).toBeUndefined();
  });
});

describe("overrideByPriority", () => {
  it("takes a name from the first directory that has it, in the order of the names", () => {
    expect(
      overrideByPriority([
        { directory: "/etc/systemd/dnssd", names: ["b.dnssd"] },
        { directory: "/run/systemd/dnssd", names: ["c.dnssd", "b.dnssd"] },
        { directory: "/usr/lib/systemd/dnssd", names: ["a.dnssd", "c.dnssd"] },
      ]),
    ).toEqual([
      "/usr/lib/systemd/dnssd/a.dnssd",
      "/etc/systemd/dnssd/b.dnssd",
      "/run/systemd/dnssd/c.dnssd",
    ]);
  });
});
