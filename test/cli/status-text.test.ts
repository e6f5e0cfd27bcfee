import { describe, expect, it } from "vitest";
import { packetCounts } from "../../src/cli/packet-counts.ts";
import { formatStatus } from "../../src/cli/status-text.ts";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { milliseconds } from "../../src/core/time.ts";
import type { DaemonStatus } from "../../src/runtime/daemon-status.ts";
import { FakeAdministered } from "../servers/fake-daemon.ts";

type ServerStatus = DaemonStatus["host"]["unicast"]["routes"][number]["servers"][number];

const STATUS = new FakeAdministered().status();

function withHost(host: Partial<DaemonStatus["host"]>): DaemonStatus {
  return { ...STATUS, host: { ...STATUS.host, ...host } };
}

describe("status for people", () => {
  it("begins with the warnings", () => {
    const lines = formatStatus(STATUS).split("\n");
    expect(lines[0]).toMatch(/^! avahi-daemon \(process 12\) holds UDP port 5353 too: /);
    expect(lines[1]).toBe("! no stub");
  });

  it("tells who has the name that this host wanted", () => {
    const [name] = STATUS.host.names;
    const taken = { ...name!, label: "node-2", takenBy: "192.0.2.9" as IpAddress };
    const text = formatStatus(withHost({ names: [taken], originalLabel: "node" }));
    expect(text).toMatch(/^ {2}node-2\.local +eth0 .*node\.local belongs to 192\.0\.2\.9$/m);
  });

  it("tells name servers with round-trip times and failures, and the hit rate", () => {
    const server: ServerStatus = {
      ...{ transport: "udp", address: "192.0.2.53", port: 53, state: "failing", failures: 3 },
      ...{ interface: undefined, serverName: undefined, sent: 9, answered: 6, givesCookies: false },
      roundTrip: milliseconds(12),
    };
    const routes = [{ domain: ".", servers: [server], unresolved: [] }];
    const counters = { "cache-hits": 3, "cache-misses": 1 };
    const text = formatStatus(withHost({ unicast: { ...STATUS.host.unicast, routes, counters } }));
    expect(text).toMatch(/^ {2}192\.0\.2\.53:53 +\. +failing, 3 failures +12 ms +9 +6$/m);
    expect(text).toContain("4 questions, 75 % answered from it");
  });

  it("holds no control characters, whatever a name holds", () => {
    const [name] = STATUS.host.names;
    const text = formatStatus(withHost({ names: [{ ...name!, label: "a\u001b[2J\u0007" }] }));
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});

describe("counters", () => {
  it("are sorted into what came in, went out, was discarded, and the rest", () => {
    const counters = {
      ...{ "queries-received": 2, "unicast-responses-sent": 3, "discarded-off-link-source": 4 },
      conflicts: 1,
    };
    expect(packetCounts(counters)).toEqual({
      ...{ received: "queries 2", sent: "unicast responses 3" },
      ...{ discarded: "off link source 4", other: "conflicts 1" },
    });
  });
});
