import { expect, it } from "vitest";
import { SeededRandom } from "../../src/core/random.ts";

it("a seeded random gives the same numbers for one seed and others for another", () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20 }, () => random.integer(0, 1_000_000));
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

it("a seeded random reaches both bounds and spreads evenly between them", () => {
  const random = new SeededRandom(42);
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 10_000; draw++) {
    const value = random.integer(3, 7);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([3, 4, 5, 6, 7]);
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
});
