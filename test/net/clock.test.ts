import { expect, it } from "vitest";
import { BootClock } from "../../src/net/clock.ts";

function clockOn(readings: { monotonic: number; boot: number }, lookInterval = 0) {
  const slept: number[] = [];
  const clock = new BootClock({
    monotonic: () => readings.monotonic,
    boot: () => readings.boot,
    lookInterval,
  });
  clock.onWake = (duration) => slept.push(duration);
  return { clock, slept };
}

it("counts the time a suspend took and tells how long it was", () => {
  const readings = { monotonic: 500, boot: 90_500 };
  const { clock, slept } = clockOn(readings);
  readings.monotonic += 10;
  readings.boot += 10 + 7_200_000;
  expect(clock.now()).toBe(7_200_510);
  expect(slept).toEqual([7_200_000]);
  readings.monotonic += 5;
  readings.boot += 5;
  expect(clock.now()).toBe(7_200_515);
  expect(slept).toHaveLength(1);
});

it("takes readings that are coarse for what they are", () => {
  const readings = { monotonic: 500.4, boot: 90_500 };
  const { clock, slept } = clockOn(readings);
  for (let step = 0; step < 100; step++) {
    readings.monotonic += 3.7;
    readings.boot = Math.floor((readings.monotonic + 90_000) / 10) * 10;
    expect(clock.now()).toBe(Math.floor(readings.monotonic));
  }
  expect(slept).toEqual([]);
});

it("never goes back", () => {
  const readings = { monotonic: 500, boot: 90_500 };
  const { clock } = clockOn(readings);
  readings.boot += 1_000;
  const before = clock.now();
  readings.boot -= 5_000;
  expect(clock.now()).toBeGreaterThanOrEqual(before);
});

it("agrees with the system's own clocks", () => {
  const clock = new BootClock();
  const before = performance.now();
  const now = clock.now();
  expect(now).toBeGreaterThanOrEqual(Math.floor(before));
  expect(now).toBeLessThanOrEqual(Math.ceil(performance.now()));
});
