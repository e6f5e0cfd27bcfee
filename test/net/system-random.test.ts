import { expect, it } from "vitest";
import { SystemRandom } from "../../src/net/system-random.ts";

it("draws every value of a range, both bounds included, about equally often", () => {
  const random = new SystemRandom();
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 30_000; draw++) {
    const value = random.integer(20, 22);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([20, 21, 22]);
  for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(600);
});

it("draws ranges of one value and of all 16-bit values", () => {
  const random = new SystemRandom();
  expect(random.integer(7, 7)).toBe(7);
  const values = Array.from({ length: 1_000 }, () => random.integer(0, 0xffff));
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThanOrEqual(0xffff);
  expect(new Set(values).size).toBeGreaterThan(900);
});
