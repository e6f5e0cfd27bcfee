/** Reading dotlocal.yaml: what is accepted, and every message with its place. */

import { describe, expect, it } from "vitest";
import { DEFAULT_CONFIGURATION } from "../../src/config/configuration.ts";
import { parseConfiguration } from "../../src/config/configuration-file.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";

function messagesOf(text: string): readonly string[] {
  const { configuration, diagnostics } = parseConfiguration(text, "dotlocal.yaml");
  expect(configuration).toBeUndefined();
  return diagnostics.map(formatDiagnostic);
}

function configurationOf(text: string) {
  const { configuration, diagnostics } = parseConfiguration(text, "dotlocal.yaml");
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  return configuration!;
}

/** Every key, each at its default, as the manual shows it. */
const EVERYTHING = `
hostname: null
aliases: []
user: null
interfaces:
  allow: ["*"]
  deny: [lo, "veth*", "docker*", "br-*", "virbr*", "cni*", "flannel*", "cali*", "podman*", "ve-*", "tun*", "tap*", "wg*", "tailscale*", "zt*", "ppp*"]
ipv4: true
ipv6: true
mdns:
  mode: full
  publish: { addresses: true, reverse: true, hinfo: false, workstation: false }
  announcements: 2
  lookupTimeout: 3s
  reclaim: true
  sameNameOnAllLinks: true
  browseDomains: []
llmnr:
  mode: full
  guard: true
  guardInterval: 10m
resolver:
  stub:
    enabled: true
    listen: ["127.0.0.153:53"]
    allow: [127.0.0.0/8, "::1/128"]
  resolvConf: leave
  upstreams: auto
  search: auto
  ndots: 1
  timeout: auto
  attempts: auto
  routes: {}
  singleLabel: [search, mdns, llmnr]
  rotate: false
  localUnicastFallback: auto
  cache: { size: 10000, maxTtl: 86400, maxNegativeTtl: 3600, staleTtl: 3600, prefetch: true }
services:
  directories: [/etc/dotlocal/services]
  avahi: [/etc/avahi/services]
  avahiHosts: [/etc/avahi/hosts]
  systemd: [/etc/systemd/dnssd, /run/systemd/dnssd, /usr/local/lib/systemd/dnssd, /usr/lib/systemd/dnssd]
compat:
  avahi: auto
  resolved: auto
control:
  socket: null
  publish: group
  group: dotlocal
stateDirectory: null
metrics: { listen: null }
log: { level: info, format: auto }
`;

describe("parseConfiguration", () => {
  it.each([
    ["an empty file", ""],
    ["a file of comments", "# hostname: node-1\n\n# nothing\n"],
    ["an empty mapping", "{}"],
    ["sections with nothing in them", "mdns:\n  publish:\nresolver:\nlog:\n"],
    ["every key at its default", EVERYTHING],
  ])("gives the defaults for %s", (_, text) => {
    expect(configurationOf(text)).toEqual(DEFAULT_CONFIGURATION);
  });

  it("reads values into their types and keeps the defaults of what is not written", () => {
    const configuration = configurationOf(`
hostname: node-1
aliases: [nas, printer]
interfaces: { allow: [eth0] }
mdns: { lookupTimeout: 800ms, browseDomains: [corp.example], publish: { hinfo: true } }
resolver:
  stub: { listen: ["[::1]:5300", 127.0.0.1], allow: [10.0.0.0/8] }
  upstreams: [192.0.2.1, "tls://192.0.2.2#dns.example"]
  search: [corp.example]
  timeout: 2s
  attempts: 3
  routes: { "corp.example": ["10.0.0.53"], "10.in-addr.arpa": ["10.0.0.53:5353"] }
control: { socket: /tmp/x.sock }
metrics: { listen: "127.0.0.1:9353" }
`);
    expect(configuration).toMatchObject({
      hostname: "node-1",
      aliases: ["nas", "printer"],
      interfaces: { allow: ["eth0"], deny: DEFAULT_CONFIGURATION.interfaces.deny },
      mdns: { lookupTimeout: 800, publish: { addresses: true, hinfo: true } },
      control: { socket: "/tmp/x.sock", group: "dotlocal" },
      metrics: { listen: { address: "127.0.0.1", port: 9353 } },
    });
    expect(configuration.mdns.browseDomains.map(String)).toEqual(["corp.example"]);
    const { resolver } = configuration;
    expect(resolver).toMatchObject({
      stub: {
        enabled: true,
        listen: [
          { address: "::1", port: 5300 },
          { address: "127.0.0.1", port: 53 },
        ],
        allow: [{ address: "10.0.0.0", prefixLength: 8 }],
      },
      upstreams: [
        { transport: "dns", address: "192.0.2.1", port: 53 },
        { transport: "tls", address: "192.0.2.2", port: 853, serverName: "dns.example" },
      ],
      timeout: 2000,
      attempts: 3,
    });
    expect(String(resolver.search)).toBe("corp.example");
    expect(resolver.routes.map(({ domain, upstreams }) => [`${domain}`, upstreams])).toEqual([
      ["corp.example", [expect.objectContaining({ address: "10.0.0.53", port: 53 })]],
      ["10.in-addr.arpa", [expect.objectContaining({ address: "10.0.0.53", port: 5353 })]],
    ]);
  });

  it("follows anchors and aliases", () => {
    const text = "services: { avahi: &dirs [/a, /b], systemd: *dirs }";
    expect(configurationOf(text).services.systemd).toEqual(["/a", "/b"]);
  });

  it.each<[string, string, string[]]>([
    [
      "an unknown key, with the nearest one",
      "mdns:\n  mode: full\n  lookupTimout: 3s\n",
      ['dotlocal.yaml:3:3: unknown key "lookupTimout" (did you mean "lookupTimeout"?)'],
    ],
    [
      "an unknown key that is near to none",
      "log: { colour: red }\n",
      ['dotlocal.yaml:1:8: unknown key "colour" (valid here: level, format)'],
    ],
    [
      "a word that is no choice",
      "mdns:\n  mode: fulll\n",
      [
        'dotlocal.yaml:2:9: mdns.mode: expected full, resolve or off, not "fulll" (did you mean full?)',
      ],
    ],
    [
      "words of YAML 1.1 for true",
      "ipv4: yes\n",
      ['dotlocal.yaml:1:7: ipv4: expected true or false, not "yes"'],
    ],
    [
      "a duration with a space",
      "mdns:\n  lookupTimeout: 3 s\n",
      [
        'dotlocal.yaml:2:18: mdns.lookupTimeout: expected a duration such as 500ms, 3s or 10m, not "3 s"',
      ],
    ],
    [
      "a duration without its unit",
      "llmnr: { guardInterval: 10 }\n",
      [
        "dotlocal.yaml:1:25: llmnr.guardInterval: expected a duration such as 500ms, 3s or 10m, not 10",
      ],
    ],
    [
      "a duration of nothing",
      "llmnr: { guardInterval: 0s }\n",
      ["dotlocal.yaml:1:25: llmnr.guardInterval: 0s is too short"],
    ],
    [
      "numbers beyond their range",
      "mdns: { announcements: 9 }\nresolver: { attempts: 0, cache: { maxTtl: -1 } }\n",
      [
        "dotlocal.yaml:1:24: mdns.announcements: expected a whole number from 1 to 8, not 9",
        "dotlocal.yaml:2:23: resolver.attempts: expected auto or a whole number from 1 to 10, not 0",
        "dotlocal.yaml:2:43: resolver.cache.maxTtl: expected a number of seconds from 0 to 2147483647, not -1",
      ],
    ],
    [
      "a wrong item of a list, and not the right ones",
      "resolver:\n  upstreams:\n    - 192.0.2.1\n    - 5\n    - nonsense\n",
      [
        "dotlocal.yaml:4:7: resolver.upstreams[1]: expected a name server, not 5",
        "dotlocal.yaml:5:7: resolver.upstreams[2]: expected a name server such as 192.0.2.1, " +
          "[2001:db8::1]:53, tls://192.0.2.1#name or https://192.0.2.1/dns-query#name, " +
          'not "nonsense"',
      ],
    ],
    [
      "one value where a list belongs",
      "resolver: { upstreams: 192.0.2.1, search: corp.example }\naliases: nas\n",
      [
        'dotlocal.yaml:1:24: resolver.upstreams: expected auto or a list of name servers, not "192.0.2.1"',
        'dotlocal.yaml:1:43: resolver.search: expected auto or a list of domains, not "corp.example"',
        'dotlocal.yaml:2:10: aliases: expected a list, not "nas"',
      ],
    ],
    [
      "a domain that is none, as a key",
      "resolver:\n  routes:\n    a..b: [192.0.2.1]\n",
      ['dotlocal.yaml:3:5: resolver.routes: expected a domain name, not "a..b": a label is empty'],
    ],
    [
      "a host name with its domain",
      "hostname: node-1.example.com\n",
      [
        'dotlocal.yaml:1:11: hostname: expected one label without a domain, not "node-1.example.com"; write "node-1"',
      ],
    ],
    [
      "a host name that YAML takes for a number",
      "hostname: 17\n",
      ["dotlocal.yaml:1:11: hostname: expected a label such as node-1, not 17"],
    ],
    [
      "an endpoint without its port, and a network that is none",
      "metrics: { listen: 127.0.0.1 }\nresolver: { stub: { allow: [127.0.0.0/80] } }\n",
      [
        'dotlocal.yaml:1:20: metrics.listen: expected an address and a port such as 127.0.0.1:9353 or [::1]:9353, not "127.0.0.1"',
        'dotlocal.yaml:2:29: resolver.stub.allow[0]: expected a network such as 127.0.0.0/8 or 2001:db8::/32, not "127.0.0.0/80"',
      ],
    ],
    [
      "a mapping where a value belongs, and the other way round",
      "ipv6: { on: true }\nmdns: full\n",
      [
        "dotlocal.yaml:1:7: ipv6: expected true or false, not a mapping",
        'dotlocal.yaml:2:7: mdns: expected a mapping of keys to values, not "full"',
      ],
    ],
    [
      "a list as the whole file",
      "- hostname\n",
      ["dotlocal.yaml:1:1: expected keys such as hostname or mdns, not a list"],
    ],
    [
      "a key named like a property that every object has",
      "__proto__: 1\nconstructor: 2\n",
      [
        expect.stringMatching(/^dotlocal.yaml:1:1: unknown key "__proto__"/),
        expect.stringMatching(/^dotlocal.yaml:2:1: unknown key "constructor"/),
      ] as unknown as string[],
    ],
    [
      "a duplicate key",
      "ipv4: true\nipv6: true\nipv4: false\n",
      ['dotlocal.yaml:3:1: the key "ipv4" is given twice'],
    ],
    [
      "a tab",
      "mdns:\n\tmode: full\n",
      ["dotlocal.yaml:2:1: a tab is used for indentation (YAML indents with spaces only)"],
    ],
    [
      "an asterisk without quotes",
      "interfaces: { allow: [*] }\n",
      [
        "dotlocal.yaml:1:23: expected the name of an anchor after * " +
          '(an asterisk begins an alias in YAML; write "*" in quotes for a glob)',
      ],
    ],
    [
      "a glob without quotes that looks like an alias",
      "interfaces: { allow: [*eth0] }\n",
      [
        "dotlocal.yaml:1:23: *eth0 refers to an anchor that is not defined " +
          '(an asterisk begins an alias in YAML; write "*" in quotes for a glob)',
      ],
    ],
    [
      "a tag",
      "hostname: !env NAME\n",
      ["dotlocal.yaml:1:11: tags are not used here (write a value that begins with ! in quotes)"],
    ],
    [
      "a colon inside a value",
      "user: a: b\n",
      ['dotlocal.yaml:1:7: a colon inside the value (write the value in quotes: "a: b")'],
    ],
    [
      "a second document",
      "ipv4: true\n---\nipv6: true\n",
      ["dotlocal.yaml:2:1: a second document begins here; a file holds one"],
    ],
  ])("reports %s", (_, text, messages) => {
    expect(messagesOf(text)).toEqual(messages);
  });

  it("warns of an allow glob that deny takes back", () => {
    const text = "interfaces: { allow: [eth0, 'veth*'] }";
    const { configuration, diagnostics } = parseConfiguration(text, "dotlocal.yaml");
    expect(configuration?.interfaces.allow).toEqual(["eth0", "veth*"]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      'dotlocal.yaml:1:29: warning: interfaces.allow[1]: "veth*" is denied as well and selects ' +
        "nothing; name the interfaces themselves",
    ]);
  });

  it("reports every problem of a file, in the order of its lines", () => {
    const text = "ipv4: 1\nmdns:\n  mode: of\n  typo: 1\nlog: { level: loud }\nhostname: a.b\n";
    expect(messagesOf(text)).toEqual([
      "dotlocal.yaml:1:7: ipv4: expected true or false, not 1",
      'dotlocal.yaml:3:9: mdns.mode: expected full, resolve or off, not "of" (did you mean off?)',
      expect.stringMatching(/^dotlocal.yaml:4:3: unknown key "typo"/),
      'dotlocal.yaml:5:15: log.level: expected trace, debug, info, warn, error, fatal or silent, not "loud"',
      'dotlocal.yaml:6:11: hostname: expected one label without a domain, not "a.b"; write "a"',
    ]);
  });
});

describe("a file made to exhaust its reader", () => {
  it("is refused when its aliases multiply", () => {
    const levels = Array.from({ length: 12 }, (_, index) => {
      const inner = index === 0 ? "x" : `*a${index - 1}`;
      return `a${index}: &a${index} [${Array(9).fill(inner).join(", ")}]`;
    });
    expect(messagesOf(levels.join("\n"))).toEqual([
      expect.stringMatching(/^dotlocal.yaml:\d+:\d+: too many values; the limit is 50000/),
    ]);
  });

  it("is refused when an alias lies inside its own anchor", () => {
    expect(messagesOf("aliases: &a [*a]\n")).toEqual([
      "dotlocal.yaml:1:13: nested too deeply; the limit is 32 levels",
    ]);
  });

  it.each([
    ["brackets", "[".repeat(20_000)],
    ["braces", "{a: ".repeat(20_000)],
    ["dashes", "- ".repeat(20_000)],
    ["question marks", "? ".repeat(20_000)],
  ])("is refused when %s nest without end", (_, text) => {
    expect(messagesOf(text)).toEqual([
      "dotlocal.yaml:1:1: nested too deeply; the limit is 32 levels",
    ]);
  });

  it("is refused when it is too large", () => {
    expect(messagesOf(`#${"x".repeat(1_048_576)}`)).toEqual([
      "dotlocal.yaml:1:1: the file is too large; the limit is 1048576 characters",
    ]);
  });

  it("has the rest of its problems left out after a hundred", () => {
    const text = Array.from({ length: 500 }, (_, index) => `key${index}: 1`).join("\n");
    const messages = messagesOf(text);
    expect(messages).toHaveLength(101);
    expect(messages).toContain(
      "dotlocal.yaml:101:1: too many problems; the rest of them is not shown",
    );
  });
});
