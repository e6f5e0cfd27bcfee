/** What a swarm sends is counted by kind, and stays below what RFC 6762's timers make it send. */

import { expect, test } from "vitest";
import { type Duration, minutes, seconds } from "../../src/core/time.ts";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import type { NetworkObserver } from "../../src/sim/observer.ts";
import { runSwarm } from "../../src/sim/swarm.ts";
import type { TrafficCount } from "../../src/sim/traffic.ts";
import { Flag } from "../../src/wire/constants.ts";

const SERVICES = 3;

function swarm(hosts: number, quiet: Duration, observer?: NetworkObserver) {
  return runSwarm({
    seed: 1,
    hosts,
    services: SERVICES,
    createEngine: (options) => new MdnsEngine(options),
    startWithin: seconds(0),
    disturbed: minutes(0),
    quiet,
    ...(observer === undefined ? {} : { observer }),
  });
}

/** Packets of the kinds that begin with one of the words, a host. */
function packetsOf(count: TrafficCount, hosts: number, ...words: string[]): number {
  let packets = 0;
  for (const [kind, volume] of count.kinds) {
    if (words.some((word) => kind.startsWith(word))) packets += volume.packets;
  }
  return packets / hosts;
}

test("every packet is counted under one kind", () => {
  const { start, rest } = swarm(6, minutes(10));
  for (const count of [start, rest]) {
    const volumes = [...count.kinds.values()];
    expect(volumes.reduce((sum, { packets }) => sum + packets, 0)).toBe(count.packets);
    expect(volumes.reduce((sum, { octets }) => sum + octets, 0)).toBe(count.octets);
  }
  expect([...start.kinds.keys()]).toEqual(expect.arrayContaining(["probe", "announcement"]));
  expect([...rest.kinds.keys()]).not.toContain("probe");
  expect([...rest.kinds.keys()]).not.toContain("announcement");
});

test("each host publishes as many services as it is told to", () => {
  const announced = new Map<string, Set<string>>();
  swarm(5, minutes(0), {
    packetSent: ({ sender, sentAt, message }) => {
      if (message === undefined || (message.flags & Flag.QR) === 0 || sentAt > minutes(1)) return;
      const instances = announced.get(sender) ?? new Set();
      announced.set(sender, instances);
      for (const { data } of message.answers) {
        if (data.kind === "PTR") instances.add(data.name.key);
      }
    },
  });
  expect([...announced.values()].map(({ size }) => size)).toEqual(Array(5).fill(SERVICES));
});

test.each([8, 24])(
  "%i hosts with three services each send what the timers make them send",
  { timeout: 120_000 },
  (hosts) => {
    const { start, rest } = swarm(hosts, minutes(60));
    // At most 1.1 links a host and 1.34 families a link, and not half of the hosts probe again.
    const ways = 1.1 * 1.34;
    expect(packetsOf(start, hosts, "probe")).toBeLessThan(1.5 * 3 * ways * 1.1);
    expect(packetsOf(start, hosts, "announcement")).toBeLessThan(1.5 * 2 * ways * 1.1);
    // RFC 6762 §5.2: after 20 to 120 ms, then at intervals of 1, 2, 4, ... seconds.
    expect(packetsOf(start, hosts, "query A", "query PTR")).toBeLessThan(6 * ways);
    expect(rest.packets / hosts / (rest.duration / minutes(60))).toBeLessThan(23);
  },
);
