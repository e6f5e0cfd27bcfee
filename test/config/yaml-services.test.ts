/** Our own service definitions: what is accepted, and every message with its place. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { parseYamlServices } from "../../src/config/yaml-services.ts";
import { describeGroup } from "./describe-group.ts";

function groupOf(text: string) {
  const { group, diagnostics } = parseYamlServices(text, "a.yaml");
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  return group!;
}

function messagesOf(text: string): readonly string[] {
  return parseYamlServices(text, "a.yaml").diagnostics.map(formatDiagnostic);
}

/** A service with the minimum and these further lines. */
function withLines(...lines: string[]): string {
  return ["name: Web", "type: _http._tcp", "port: 80", ...lines].join("\n");
}

describe("parseYamlServices", () => {
  it("reads a service with the minimum", () => {
    expect(groupOf(withLines())).toEqual({
      name: ["Web"],
      format: "dotlocal",
      source: { file: "a.yaml", line: 1 },
      services: [
        {
          type: "_http._tcp",
          subtypes: [],
          port: 80,
          txt: [],
          additionalTxtRecords: [],
          host: undefined,
          domain: expect.objectContaining({ firstLabel: "local" }),
          priority: 0,
          weight: 0,
          interfaces: undefined,
          protocol: "any",
          when: undefined,
          line: 1,
        },
      ],
    });
  });

  it("reads every key", () => {
    const group = groupOf(`
name: "Web on %h, 100%%"
type: _http._tcp
port: 8080
subtypes: [_printer]
txt: { path: /, duplex: true, blob: { hex: "00ff" }, b64: { base64: "AP8=" }, plain: "v" }
host: nas.local
domain: example.org
priority: 1
weight: 2
interfaces: ["eth*"]
protocol: ipv4
when: { tcp: 8080, every: 30s, timeout: 500ms }
`);
    expect(describeGroup(group)).toEqual([
      "Web on {hostLabel}, 100%",
      "_http._tcp | 8080 | +_printer | ipv4 | host=nas.local | domain=example.org | " +
        "path=/ duplex blob=\\x00\\xff b64=\\x00\\xff plain=v",
    ]);
    expect(group.services[0]).toMatchObject({
      priority: 1,
      weight: 2,
      interfaces: ["eth*"],
      when: { kind: "tcp", host: "127.0.0.1", port: 8080, every: 30_000, timeout: 500 },
    });
  });

  it("keeps the order and the spelling of TXT values", () => {
    const group = groupOf(
      withLines("txt: { z: 1.0, 10: 0x10, 2: on, a: 1e3, n: '', t: true, f: 'false' }"),
    );
    expect(describeGroup(group)[1]).toBe("_http._tcp | 80 | z=1.0 10=0x10 2=on a=1e3 n= t f=false");
  });

  it("reads several services under one name", () => {
    const group = groupOf(`
name: "%h"
services:
  - { type: _ssh._tcp, port: 22 }
  - type: _sftp-ssh._tcp
    port: 22
    txt: { path: /srv }
`);
    expect(describeGroup(group)).toEqual([
      "{hostLabel}",
      "_ssh._tcp | 22",
      "_sftp-ssh._tcp | 22 | path=/srv",
    ]);
    expect(group.services.map((service) => service.line)).toEqual([4, 5]);
  });

  it("reads JSON, indented with tabs too", () => {
    const text = '{\n\t"name": "Web",\n\t"type": "_http._tcp",\n\t"port": 80\n}\n';
    expect(describeGroup(groupOf(text))).toEqual(["Web", "_http._tcp | 80"]);
  });

  it.each([
    ["{ tcp: 80 }", { kind: "tcp", host: "127.0.0.1", port: 80, every: 10_000, timeout: 2000 }],
    ['{ tcp: "nas.local:80" }', { kind: "tcp", host: "nas.local", port: 80 }],
    ['{ tcp: "[::1]:80" }', { kind: "tcp", host: "::1", port: 80 }],
    [
      "{ http: http://127.0.0.1:8080/health, status: 204 }",
      { kind: "http", url: "http://127.0.0.1:8080/health", status: 204 },
    ],
    ["{ http: https://nas.local/ }", { kind: "http", status: undefined }],
  ])("reads when: %s", (when, condition) => {
    expect(groupOf(withLines(`when: ${when}`)).services[0]?.when).toMatchObject(condition);
  });

  it.each<[string, string, string[]]>([
    ["nothing at all", "", ["a.yaml:1:1: expected keys such as name, type and port, not nothing"]],
    [
      "what is missing",
      "name: Web\n",
      ['a.yaml:1:1: "type" is missing', 'a.yaml:1:1: "port" is missing'],
    ],
    [
      "an unknown key",
      withLines("sybtypes: [_a]"),
      ['a.yaml:4:1: unknown key "sybtypes" (did you mean "subtypes"?)'],
    ],
    [
      "a service's key beside the services",
      "name: Web\nservices: [{ type: _http._tcp, port: 80 }]\nport: 80\n",
      ['a.yaml:3:1: unknown key "port" (valid here: name, services)'],
    ],
    [
      "an empty list of services",
      "name: Web\nservices: []\n",
      ["a.yaml:2:11: services: expected a list of services, not a list"],
    ],
    [
      "problems of each service",
      "name: Web\nservices:\n  - { type: http, port: 80 }\n  - { type: _http._tcp, port: 70000 }\n",
      [
        'a.yaml:3:13: expected a type such as _http._tcp, not "http" ' +
          "(the second label is _tcp, or _udp for everything else)",
        "a.yaml:4:31: services[1].port: expected a whole number from 0 to 65535, not 70000",
      ],
    ],
    [
      "an unknown specifier",
      'name: "Web on %H"\ntype: _http._tcp\nport: 80\n',
      [
        "a.yaml:1:7: unknown specifier %H in the name (%h is this host's label, %% a per cent sign)",
      ],
    ],
    ["an empty name", 'name: ""\ntype: _http._tcp\nport: 80\n', ["a.yaml:1:7: the name is empty"]],
    [
      "a name with a line break",
      'name: "a\\nb"\ntype: _http._tcp\nport: 80\n',
      ["a.yaml:1:7: the name holds a control character or line break (RFC 6763 §4.1.1)"],
    ],
    [
      "TXT values of the wrong kind",
      withLines("txt:", "  a: false", "  b: [1]", "  c:", "  d: { hex: 0f0 }", "  e: { bin: x }"),
      [
        "a.yaml:5:6: txt.a: expected text, a number, true for a key without value, " +
          "{ hex: ... } or { base64: ... }, not false",
        "a.yaml:6:6: txt.b: expected text, a number, true for a key without value, " +
          "{ hex: ... } or { base64: ... }, not a list",
        "a.yaml:7:5: txt.c: expected text, a number, true for a key without value, " +
          "{ hex: ... } or { base64: ... }, not nothing",
        'a.yaml:8:13: expected two hexadecimal digits an octet, not "0f0"',
        "a.yaml:9:6: txt.e: expected text, a number, true for a key without value, " +
          "{ hex: ... } or { base64: ... }, not a mapping",
      ],
    ],
    [
      "a condition that is none",
      withLines("when: { tpc: 80 }"),
      ["a.yaml:4:7: when: expected { tcp: PORT } or { http: URL }, not a mapping"],
    ],
    [
      "an unknown key of a condition",
      withLines("when: { http: http://127.0.0.1/, evry: 5s }"),
      ['a.yaml:4:34: unknown key "evry" (did you mean "every"?)'],
    ],
    [
      "conditions with wrong parts",
      withLines("when: { tcp: nas.local, every: 100ms, timeout: 0ms }"),
      [
        'a.yaml:4:14: expected a port, or a host and a port such as 127.0.0.1:8080, not "nas.local"',
        "a.yaml:4:32: 100ms is too short; the least is 1s",
        "a.yaml:4:48: 0ms is too short; the least is 1ms",
      ],
    ],
    [
      "a URL that is none",
      withLines("when: { http: ftp://nas.local/ }"),
      ['a.yaml:4:15: expected a URL such as http://127.0.0.1:8080/, not "ftp://nas.local/"'],
    ],
    [
      "a host name without its domain",
      withLines("host: nas"),
      ['a.yaml:4:7: expected a full host name such as nas.local, not "nas"'],
    ],
    [
      "names that are none",
      withLines("host: a..b", "domain: .local"),
      [
        'a.yaml:4:7: expected a domain name, not "a..b": a label is empty',
        'a.yaml:5:9: expected a domain name, not ".local": a label is empty',
      ],
    ],
  ])("reports %s", (_, text, messages) => {
    expect(messagesOf(text)).toEqual(messages);
    expect(parseYamlServices(text, "a.yaml").group).toBeUndefined();
  });
});

const directories = ["service-defs/", "service-defs/examples/"];

describe("the service definitions that ship", () => {
  const files = directories.flatMap((directory) => {
    const url = new URL(`../../${directory}`, import.meta.url);
    return readdirSync(url, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [`${directory}${entry.name}`, new URL(entry.name, url)] as const);
  });

  it.each(files)("%s loads without a warning", (file, url) => {
    const { group, diagnostics } = parseYamlServices(readFileSync(url, "utf8"), file);
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    expect(group?.services.length).toBeGreaterThan(0);
  });

  it("publish nothing from service-defs/ itself unless something answers", () => {
    const loaded = files.filter(([file]) => !file.includes("examples"));
    expect(loaded).toHaveLength(1);
    for (const [file, url] of loaded) {
      const { group } = parseYamlServices(readFileSync(url, "utf8"), file);
      expect(group?.services.every((service) => service.when !== undefined)).toBe(true);
    }
  });
});
