/** No file, however broken, makes a reader throw: seeded mutations of files that are right. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAvahiHosts } from "../../src/config/avahi-hosts.ts";
import { parseConfiguration } from "../../src/config/configuration-file.ts";
import type { Diagnostic } from "../../src/config/diagnostic.ts";
import { parseServiceFile } from "../../src/config/service-file.ts";
import { SeededRandom } from "../../src/core/random.ts";

const MUTANTS = 60;

const FRAGMENTS = [
  "[",
  "]",
  "{",
  "}",
  ":",
  "- ",
  "*a",
  "&a ",
  "&amp;",
  "&x;",
  "<",
  ">",
  "</",
  "<!--",
  "<![CDATA[",
  "=",
  "\\",
  '"',
  "'",
  "%",
  "#",
  "\n",
  "\t",
  "\r\n",
  "\0",
  "\u{1f373}",
  "\ud800",
  "null",
  "__proto__",
  "99999999999999999999",
];

function mutate(text: string, random: SeededRandom): string {
  let mutant = text;
  for (let count = random.integer(1, 4); count > 0; count--) {
    const start = random.integer(0, mutant.length);
    const end = Math.min(mutant.length, start + random.integer(0, 12));
    const fragment = FRAGMENTS[random.integer(0, FRAGMENTS.length - 1)]!;
    mutant = mutant.slice(0, start) + fragment + mutant.slice(end);
  }
  return mutant;
}

function readAll(directory: string): readonly string[] {
  const url = new URL(directory, import.meta.url);
  return readdirSync(url).map((name) => readFileSync(new URL(name, url), "utf8"));
}

const CONFIGURATION = `
hostname: node-1
interfaces: { allow: ["*"], deny: [lo, "veth*"] }
mdns: { mode: full, lookupTimeout: 3s, publish: { hinfo: true } }
resolver:
  stub: { listen: ["127.0.0.153:53"], allow: [127.0.0.0/8] }
  upstreams: ["https://192.0.2.1/dns-query#name", "tls://192.0.2.1#name"]
  routes: { "corp.example": ["10.0.0.53"] }
`;

const DNSSD = `[Service]\nName=Web on %H\nType=_http._tcp\nPort=80\nTxtText="a=b c" \\\n d=\\x41\n`;

const HOSTS = "# comment\n192.0.2.1 nas.local files.local\n2001:db8::1 nas.local\n";

type Read = (text: string) => { diagnostics: readonly Diagnostic[]; valid: unknown };

const readServices =
  (format: "dotlocal" | "avahi" | "systemd"): Read =>
  (text) => {
    const { group, diagnostics } = parseServiceFile(text, "f", format);
    return { diagnostics, valid: group };
  };

const READERS: readonly (readonly [string, readonly string[], Read])[] = [
  [
    "the configuration",
    [CONFIGURATION],
    (text) => {
      const { configuration, diagnostics } = parseConfiguration(text, "f");
      return { diagnostics, valid: configuration };
    },
  ],
  ["our service definitions", readAll("../../service-defs/examples/"), readServices("dotlocal")],
  ["Avahi's service files", readAll("avahi-corpus/"), readServices("avahi")],
  ["systemd's service files", [DNSSD], readServices("systemd")],
  [
    "Avahi's hosts",
    [HOSTS],
    (text) => {
      const { entries, diagnostics } = parseAvahiHosts(text, "f");
      return { diagnostics, valid: entries };
    },
  ],
];

/** What is wrong with what a reader says of a text. */
function faultsOf(text: string, read: Read): readonly string[] {
  const { diagnostics, valid } = read(text);
  const lineCount = text.split("\n").length;
  const isRefused = diagnostics.some((diagnostic) => diagnostic.severity === "error");
  const isSilent = valid === undefined && !isRefused && text.trim() !== "";
  const misplaced = diagnostics.filter(
    ({ line, column, message }) =>
      !(line >= 1 && line <= lineCount && column >= 1) || /\n|undefined|\[object/.test(message),
  );
  return [
    ...(isSilent ? [`silent: ${JSON.stringify(text)}`] : []),
    ...misplaced.map((diagnostic) => JSON.stringify({ ...diagnostic, text })),
  ];
}

describe("a file that was damaged", () => {
  it.each(READERS)("is read or refused with a place, among %s", (_, originals, read) => {
    const random = new SeededRandom(6762);
    const faults = originals.flatMap((original) =>
      Array.from({ length: MUTANTS }, () => faultsOf(mutate(original, random), read)).flat(),
    );
    expect(faults).toEqual([]);
  });
});
