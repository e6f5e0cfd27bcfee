import { describe, expect, it } from "vitest";
import {
  accessFinding,
  daemonFindings,
  hostNameFinding,
  mergedHolders,
  type PortUse,
  portFindings,
} from "../../src/cli/diagnosis/daemon-findings.ts";
import {
  bridgeFindings,
  linkFindings,
  namesakeFindings,
} from "../../src/cli/diagnosis/link-findings.ts";
import type { Trial } from "../../src/cli/diagnosis/self-test.ts";
import { DotlocalError } from "../../src/core/errors.ts";
import { FakeAdministered } from "../servers/fake-daemon.ts";

const TRIAL: Trial = {
  ...{ channel: "mdns", link: "eth0", family: "ipv4", failure: undefined, cameBack: true },
  ...{ answerers: ["192.0.2.9"], namesakes: [] },
};

const USE: PortUse = {
  ...{ port: 5353, protocol: "udp", isExclusive: false },
  holders: [{ pid: 12, name: "avahi-daemon", user: "avahi" }],
};

function severities(findings: readonly { severity: string }[]): string[] {
  return findings.map(({ severity }) => severity);
}

describe("links", () => {
  it("are fine when the test packet comes back and others answer", () => {
    expect(severities(linkFindings({ interfaces: [], trials: [TRIAL] }))).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
  });

  it("are a problem when it does not come back, or cannot be sent", () => {
    const lost = linkFindings({ interfaces: [], trials: [{ ...TRIAL, cameBack: false }] });
    expect(lost[1]).toMatchObject({
      ...{ severity: "problem", what: "mDNS on eth0 (IPv4): the test packet did not come back" },
      remedy: expect.stringContaining("UDP port 5353"),
    });
    const held = linkFindings({
      interfaces: [],
      trials: [{ ...TRIAL, failure: "bind: EADDRINUSE" }],
    });
    expect(held[1]).toMatchObject({
      severity: "problem",
      remedy: expect.stringContaining("ss -ulpn"),
    });
  });

  it("are a warning where LLMNR alone does not come back", () => {
    const trials: Trial[] = [TRIAL, { ...TRIAL, channel: "llmnr", cameBack: false }];
    expect(severities(linkFindings({ interfaces: [], trials }))).toEqual([
      "ok",
      "ok",
      "warning",
      "ok",
    ]);
  });

  it("are worth a note when nobody else is there", () => {
    const [, , note] = linkFindings({ interfaces: [], trials: [{ ...TRIAL, answerers: [] }] });
    expect(note).toMatchObject({ severity: "note", what: "nobody else answered on eth0" });
  });

  it("tell what each interface lacks when none can be used", () => {
    const base = {
      ...{ index: 2, up: true, carrier: true, loopback: false, multicast: true, mtu: 1500 },
      ...{ pointToPoint: false, mac: undefined, addresses: [], interruptions: 0 },
    };
    const interfaces = [
      { ...base, name: "eth0", up: false },
      { ...base, name: "eth1", carrier: false },
      { ...base, name: "eth2" },
    ];
    expect(linkFindings({ interfaces, trials: [] })).toMatchObject([
      {
        severity: "problem",
        what: "no usable link: eth0 is down, eth1 has no carrier, eth2 has no address",
      },
    ]);
  });

  it("tell of a namesake", () => {
    expect(namesakeFindings([{ ...TRIAL, namesakes: ["192.0.2.9"] }], "a.local")).toMatchObject([
      { severity: "warning", what: "a.local belongs to 192.0.2.9 on the link" },
    ]);
    expect(namesakeFindings([TRIAL], "a.local")).toEqual([]);
  });

  it("tell of a bridge that snoops without a querier", () => {
    const bridge = { link: "eth0", bridge: "br0", hasSnooping: true, hasQuerier: false };
    expect(bridgeFindings([bridge])).toMatchObject([{ severity: "note" }]);
    expect(bridgeFindings([{ ...bridge, hasQuerier: true }])).toEqual([]);
    expect(bridgeFindings([{ ...bridge, hasSnooping: false }])).toEqual([]);
  });
});

describe("ports", () => {
  it("name the program that shares one, what follows, and how to end it", () => {
    expect(portFindings([USE])).toMatchObject([
      {
        severity: "warning",
        what: "avahi-daemon (process 12) holds UDP port 5353 too: unicast answers reach only one of the two",
        remedy: expect.stringContaining("systemctl disable --now avahi-daemon"),
      },
    ]);
  });

  it("are a problem where a program holds one for itself alone", () => {
    expect(portFindings([{ ...USE, isExclusive: true }])).toMatchObject([
      { severity: "problem", what: expect.stringContaining("for itself alone") },
    ]);
  });

  it("name the user where the program is not to be seen, and that root sees more", () => {
    const holders = ["alice", "avahi"].map((user) => ({ pid: null, name: null, user }));
    expect(portFindings([{ ...USE, holders }])).toMatchObject([
      {
        severity: "warning",
        what: expect.stringMatching(/^a process of user alice holds UDP port 5353 too: /),
        remedy: "ask as root to see which program it is",
      },
      {
        what: expect.stringMatching(/^a process of user avahi holds UDP port 5353 too: /),
        remedy: expect.stringMatching(/as root.*systemctl disable --now avahi-daemon/),
      },
    ]);
    expect(portFindings([{ ...USE, holders: [] }])).toEqual([]);
  });

  it("have each holder once, by whoever knows its program", () => {
    const avahi = { pid: 12, name: "avahi-daemon", user: "avahi" };
    const [hiddenAvahi, root] = ["avahi", "root"].map((user) => ({ pid: null, name: null, user }));
    const mine = { pid: 13, name: "chromium", user: "alice" };
    const hiddenAlice = { pid: null, name: null, user: "alice" };
    expect(mergedHolders([hiddenAvahi!, mine], [avahi, hiddenAlice])).toEqual([mine, avahi]);
    expect(mergedHolders([hiddenAvahi!], [hiddenAvahi!, root!])).toEqual([hiddenAvahi, root]);
    expect(mergedHolders([avahi], [avahi])).toEqual([avahi]);
  });
});

describe("the daemon", () => {
  it("is missed when it does not run", () => {
    const absent = new DotlocalError("NO_DAEMON", "no daemon answers");
    expect(daemonFindings(absent)).toMatchObject([{ severity: "warning" }]);
  });

  it("has its own warnings told, but for those looked at anyway", () => {
    const findings = daemonFindings(new FakeAdministered().status());
    expect(findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^running as process \d+: /),
      "no stub",
    ]);
  });

  it("lets some publish", () => {
    const configured = { publish: "group", group: "dotlocal" } as const;
    expect(accessFinding(configured, true).severity).toBe("ok");
    expect(accessFinding(configured, false)).toMatchObject({
      ...{ severity: "note", remedy: expect.stringContaining("dotlocal") },
    });
  });

  it("cannot give a name to a host that has none", () => {
    expect(hostNameFinding("localhost").severity).toBe("warning");
    expect(hostNameFinding("node-1.example").severity).toBe("ok");
  });
});
