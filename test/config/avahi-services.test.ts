/** Avahi's *.service files: the corpus, and every message with its place. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAvahiServices } from "../../src/config/avahi-services.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { describeGroup } from "./describe-group.ts";

const corpus = new URL("avahi-corpus/", import.meta.url);

function parseCorpusFile(file: string) {
  return parseAvahiServices(readFileSync(new URL(file, corpus), "utf8"), file);
}

/** What each valid file of the corpus publishes, in the form of `describeGroup`. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  "airprint.service": [
    "AirPrint Laser @ {hostLabel}",
    "_ipp._tcp | 631 | +_universal | txtvers=1 qtotal=1 Transparent=T URF=none rp=printers/Laser " +
      "note=Laser product=(GPL\\x20Ghostscript) printer-state=3 printer-type=0x801046 " +
      "pdl=application/octet-stream,application/pdf,image/png,image/urf",
  ],
  "any-order.service": ["Any order", "_http._tcp | 8081 | first=1 second=2 third=3"],
  "base64-txt.service": [
    "Base64",
    "_bin._udp | 4001 | blob=\\x00\\xff\\x80\\xab text=hello full=\\x00\\x01\\x02",
  ],
  "cdata.service": ["<CDATA> & more", "_http._tcp | 8084 | mix=a<b>c"],
  "comments.service": ["Comments", "_http._tcp | 8083"],
  "dotted-name.service": ["Version 1.2.3 \\ final.", "_http._tcp | 8086"],
  "entities.service": ["R&D <lab> ☃ ä", '_http._tcp | 8082 | path=/?a=1&b="2"'],
  "hex-txt.service": [
    "Hexadecimal",
    "_bin._tcp | 4000 | blob=\\x00\\xff\\x80\\xab empty= flag plain=00ff",
  ],
  "name-63-octets.service": [
    "123456789 123456789 123456789 123456789 123456789 123456789 123",
    "_http._tcp | 8090",
  ],
  "no-port.service": ["No port", "_http._tcp | 0"],
  "other-host.service": ["Camera", "_rtsp._tcp | 554 | host=camera.local"],
  "own-entities.service": ["Speaker in Room 1", "_speaker._tcp | 4003 | room=Room\\x201"],
  "protocols.service": [
    "Protocols",
    "_four._tcp | 4004 | ipv4",
    "_six._tcp | 4006 | ipv6",
    "_both._tcp | 4010",
  ],
  "samba.service": [
    "{hostLabel} Files",
    "_smb._tcp | 445",
    "_device-info._tcp | 0 | model=RackMac",
  ],
  "sftp-ssh.service": ["{hostLabel} SFTP", "_sftp-ssh._tcp | 22 | path=/srv/files u=guest"],
  "ssh.service": ["{hostLabel}", "_ssh._tcp | 22"],
  "subtypes.service": ["Subtypes", "_http._tcp | 80 | +_printer | +_scanner"],
  "time-machine.service": [
    "{hostLabel} Backup",
    "_smb._tcp | 445",
    "_adisk._tcp | 9 | sys=waMa=0,adVF=0x100 dk0=adVN=Backup,adVF=0x82",
    "_device-info._tcp | 0 | model=TimeCapsule8,119",
  ],
  "txt-shapes.service": [
    "TXT shapes",
    "_shapes._tcp | 4002 | flag empty= equals=a=b=c space=\\x20padded\\x20 " +
      "utf8=Gr\\xc3\\xbc\\xc3\\x9fe\\x20\\xe2\\x98\\x83 ",
  ],
  "underscore-type.service": ["Underscore", "_my_service._tcp | 8091"],
  "utf8-name.service": ["Küche – 台所 🍳", "_http._tcp | 8085"],
  "wildcards-many.service": ["{hostLabel} and {hostLabel}, %{hostLabel}, %d", "_http._tcp | 8088"],
  "wildcards-off.service": ["100%h", "_http._tcp | 8087"],
  "windows-lines.service": ["Windows lines", "_http._tcp | 8089"],
  "wrong-subtype.service": ["Wrong subtype", "_http._tcp | 8092"],
};

/** The warnings of valid files. */
const WARNINGS: Readonly<Record<string, readonly string[]>> = {
  "txt-shapes.service": [
    "txt-shapes.service:13:5: warning: a TXT entry without a key is left out (RFC 6763 §6.4)",
  ],
  "underscore-type.service": [
    'underscore-type.service:4:5: warning: the service name "my_service" holds an underscore; ' +
      "only letters, digits and hyphens may (RFC 6335 §5.1)",
  ],
  "wrong-subtype.service": [
    'wrong-subtype.service:5:5: warning: expected a subtype of "_http._tcp" such as ' +
      '_printer._sub._http._tcp, not "_printer" (it is left out)',
  ],
};

const INVALID: Readonly<Record<string, readonly string[]>> = {
  "bad-base64.service": [
    'bad-base64.service:6:5: expected base64 with its padding after "=", not "AP8"',
    'bad-base64.service:7:5: expected two hexadecimal digits an octet after "=", not "0f0"',
  ],
  "bad-empty.service": [
    "bad-empty.service:1:1: not well-formed XML: document must contain a root element",
  ],
  "bad-missing-name.service": ["bad-missing-name.service:1:1: the service group has no <name>"],
  "bad-missing-type.service": ["bad-missing-type.service:3:3: the service has no <type>"],
  "bad-name-too-long.service": [
    "bad-name-too-long.service:2:3: the name has 64 octets; an instance name has at most 63",
  ],
  "bad-no-service.service": ["bad-no-service.service:1:1: the service group has no <service>"],
  "bad-not-well-formed.service": [
    "bad-not-well-formed.service:4:27: not well-formed XML: unexpected close tag",
  ],
  "bad-port.service": ['bad-port.service:5:5: expected a port from 0 to 65535, not "65536"'],
  "bad-root.service": [
    "bad-root.service:1:1: unexpected element <service> as the root (valid there: <service-group>)",
  ],
  "bad-type-line-break.service": [
    'bad-type-line-break.service:4:5: expected a type such as _http._tcp, not "\\n      ' +
      '_http._tcp\\n    " (the second label is _tcp, or _udp for everything else)',
  ],
  "bad-unclosed.service": [
    "bad-unclosed.service:2:24: not well-formed XML: unclosed tag: service-group",
  ],
  "bad-unknown-attribute.service": [
    "bad-unknown-attribute.service:2:3: unexpected attribute lang of <name> " +
      "(it takes only replace-wildcards)",
    "bad-unknown-attribute.service:4:5: unexpected attribute format of <type> (it takes none)",
  ],
  "bad-unknown-element.service": [
    "bad-unknown-element.service:5:5: unexpected element <prot> in <service> " +
      "(did you mean <port>?)",
    "bad-unknown-element.service:7:3: unexpected element <interface> in <service-group> " +
      "(valid there: <name>, <service>)",
  ],
  "bad-value-format.service": [
    'bad-value-format.service:3:3: protocol: expected any, ipv4 or ipv6, not "IPv4"',
    "bad-value-format.service:6:5: value-format: expected text, binary-hex or binary-base64, " +
      'not "hex"',
  ],
};

describe("the corpus of Avahi's service files", () => {
  it("is covered, every file of it", () => {
    const files = [...Object.keys(VALID), ...Object.keys(INVALID)];
    expect(files.sort()).toEqual(readdirSync(corpus).sort());
  });

  it.each(Object.entries(VALID))("loads %s", (file, lines) => {
    const { group, diagnostics } = parseCorpusFile(file);
    expect(describeGroup(group)).toEqual(lines);
    expect(diagnostics.map(formatDiagnostic)).toEqual(WARNINGS[file] ?? []);
  });

  it.each(Object.entries(INVALID))("refuses %s", (file, messages) => {
    const { group, diagnostics } = parseCorpusFile(file);
    expect(diagnostics.map(formatDiagnostic)).toEqual(messages);
    expect(group).toBeUndefined();
  });
});

function messagesOf(text: string): readonly string[] {
  return parseAvahiServices(text, "a.service").diagnostics.map(formatDiagnostic);
}

function withName(name: string): string {
  return `<service-group>${name}<service><type>_http._tcp</type></service></service-group>`;
}

describe("parseAvahiServices", () => {
  it("keeps where the group and each service were written", () => {
    const { group } = parseCorpusFile("samba.service");
    expect(group?.source).toEqual({ file: "samba.service", line: 3 });
    expect(group?.format).toBe("avahi");
    expect(group?.services.map((service) => service.line)).toEqual([5, 9]);
  });

  it("takes the text of a name as it is, white space too, and warns of a line break", () => {
    const { group, diagnostics } = parseAvahiServices(withName("<name> a\n</name>"), "a.service");
    expect(group?.name).toEqual([" a\n"]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      "a.service:1:16: warning: the name holds a control character or line break (RFC 6763 §4.1.1)",
    ]);
  });

  it("warns of a wildcard that is not replaced", () => {
    expect(messagesOf(withName("<name>%h</name>"))).toEqual([
      "a.service:1:16: warning: %h stays as it is in this name " +
        '(add replace-wildcards="yes" to <name>)',
    ]);
    expect(messagesOf(withName('<name replace-wildcards="true">%h</name>'))).toEqual([
      'a.service:1:16: warning: replace-wildcards: only "yes" replaces them, not "true"',
    ]);
  });

  it("joins the texts of a repeated element, as Avahi does, and warns", () => {
    const { group, diagnostics } = parseAvahiServices(
      withName("<name>a</name><name>b</name>"),
      "a.service",
    );
    expect(group?.name).toEqual(["ab"]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      "a.service:1:30: warning: a second <name>; the texts of all of them are joined",
    ]);
  });

  it("reports elements where only text may stand, and goes on after them", () => {
    const text = withName("<name>a<b>c<name>d</name></b></name><port>1</port>");
    expect(messagesOf(text)).toEqual([
      "a.service:1:23: unexpected element <b> in <name> (only text may stand there)",
      "a.service:1:52: unexpected element <port> in <service-group> " +
        "(valid there: <name>, <service>)",
    ]);
  });

  it.each([
    [
      "an entity that is not declared",
      "&nbsp;",
      'the entity "&nbsp;" is not declared in this file',
    ],
    [
      "an entity named like a property that every object has",
      "&constructor;",
      'the entity "&constructor;" is not declared in this file',
    ],
    ["a character that is none", "&#x110000;", "not well-formed XML: malformed character entity"],
    ["a bare ampersand", "a & b", "not well-formed XML: a bare ampersand; write &amp;"],
  ])("refuses %s", (_, name, message) => {
    expect(messagesOf(withName(`<name>${name}</name>`))[0]).toMatch(/^a\.service:1:(2[2-5]|31): /);
    expect(messagesOf(withName(`<name>${name}</name>`))[0]).toContain(message);
  });

  it("reads no external entity", () => {
    const doctype = '<!DOCTYPE service-group [<!ENTITY passwd SYSTEM "file:///etc/passwd">]>';
    expect(messagesOf(`${doctype}\n${withName("<name>&passwd;</name>")}`)).toEqual([
      'a.service:2:22: the entity "&passwd;" is not declared in this file',
    ]);
  });

  it("refuses entities that grow without bound", () => {
    const levels = Array.from({ length: 20 }, (_, index) => {
      const inner = index === 0 ? "lol" : `&e${index - 1};`.repeat(10);
      return `<!ENTITY e${index} "${inner}">`;
    });
    const text = `<!DOCTYPE service-group [${levels.join("")}]>${withName("<name>&e19;</name>")}`;
    expect(messagesOf(text)).toEqual([
      expect.stringMatching(
        /^a\.service:1:\d+: entities grow beyond 65536 characters or 16 levels$/,
      ),
    ]);
  });

  it("refuses an entity that holds itself", () => {
    const doctype = '<!DOCTYPE service-group [<!ENTITY a "x&b;"><!ENTITY b "y&a;">]>';
    expect(messagesOf(`${doctype}${withName("<name>&a;</name>")}`)).toEqual([
      expect.stringMatching(
        /^a\.service:1:\d+: entities grow beyond 65536 characters or 16 levels$/,
      ),
    ]);
  });

  it("warns of an encoding other than UTF-8", () => {
    const declaration = '<?xml version="1.0" encoding="ISO-8859-1"?>';
    expect(messagesOf(`${declaration}${withName("<name>a</name>")}`)).toEqual([
      'a.service:1:1: warning: the file declares the encoding "ISO-8859-1" but is read as UTF-8',
    ]);
  });

  it.each(["<", "<a", "<!DOCTYPE", "<?xml", "]]>", "\u0000", "x"])(
    "reports %j as not well-formed",
    (text) => {
      expect(messagesOf(text)[0]).toMatch(/^a\.service:\d+:\d+: not well-formed XML: /);
    },
  );
});
