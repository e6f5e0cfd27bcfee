import { expect, it } from "vitest";
import { InterruptionCounter } from "../../src/net/interruption-counter.ts";

const UP = { index: 2, up: true, carrier: true };
const NO_CARRIER = { ...UP, carrier: false };
const DOWN = { ...UP, up: false };

it("counts a loss of carrier and a taking down once each", () => {
  const counter = new InterruptionCounter();
  const counts = [UP, NO_CARRIER, NO_CARRIER, UP, DOWN, UP].map((seen) => counter.count(seen, 0));
  expect(counts).toEqual([0, 1, 1, 1, 2, 2]);
});

it("counts a loss of carrier that only the kernel's own count shows", () => {
  const counter = new InterruptionCounter();
  expect(counter.count(UP, 1)).toBe(0);
  expect(counter.count(UP, 3)).toBe(1);
  expect(counter.count(UP, 3)).toBe(1);
});

it("gives an interface that took over an index another count than its predecessor had", () => {
  const counter = new InterruptionCounter();
  const before = counter.count(UP, 0);
  counter.keepOnly([]);
  expect(counter.count(UP, 0)).not.toBe(before);
});
