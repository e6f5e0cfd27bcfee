/** Swarms under troubles, a fixed number of seeds; more by `npm run sim`. */

import { describe, expect, test } from "vitest";
import { type Duration, minutes, seconds } from "../../src/core/time.ts";
import { MdnsEngine } from "../../src/mdns/engine.ts";
import { runSwarm, type SwarmOptions } from "../../src/sim/swarm.ts";

/** Every TTL and every interval between queries is over after this. */
const QUIET = minutes(80);

function swarm(
  hosts: number,
  seed: number,
  startWithin: Duration,
  disturbed: Duration,
  quiet: Duration = QUIET,
) {
  const options: SwarmOptions = {
    seed,
    hosts,
    createEngine: (engineOptions) => new MdnsEngine(engineOptions),
    startWithin,
    disturbed,
    quiet,
  };
  return runSwarm(options);
}

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

describe.each([
  { hosts: 2, seeds: 12, disturbed: 20 },
  { hosts: 3, seeds: 12, disturbed: 20 },
  { hosts: 5, seeds: 10, disturbed: 15 },
  { hosts: 12, seeds: 5, disturbed: 10 },
  { hosts: 30, seeds: 2, disturbed: 5 },
])(
  "a swarm of $hosts hosts keeps all properties through troubles",
  ({ hosts, seeds, disturbed }) => {
    test.each(seedsFrom(100 * hosts, seeds))("with seed %i", (seed) => {
      const { violations } = swarm(hosts, seed, seconds(10), minutes(disturbed));
      expect(violations).toEqual(new Map());
    });
  },
);

describe("a swarm that has been quiet for two minutes keeps all properties", () => {
  test.each(seedsFrom(1, 6))("with seed %i", (seed) => {
    const { violations } = swarm(30, seed, seconds(0), minutes(5), minutes(2));
    expect(violations).toEqual(new Map());
  });
});

test("a swarm of 200 hosts keeps all properties through troubles", { timeout: 300_000 }, () => {
  const { violations } = swarm(200, 1, seconds(10), minutes(5), minutes(10));
  expect(violations).toEqual(new Map());
});

test("a swarm of 200 hosts that all start at once keeps all properties", {
  timeout: 300_000,
}, () => {
  const { violations, start, rest } = swarm(200, 1, seconds(0), minutes(0));
  expect(violations).toEqual(new Map());
  expect(start.packets / 200).toBeLessThan(25);
  expect(rest.packets / 200 / (rest.duration / minutes(60))).toBeLessThan(25);
});

test("equal seeds give equal traces", () => {
  const [first, again, other] = [3, 3, 4].map((seed) => swarm(6, seed, seconds(10), minutes(5)));
  expect(again!.traceHash).toBe(first!.traceHash);
  expect(other!.traceHash).not.toBe(first!.traceHash);
});
