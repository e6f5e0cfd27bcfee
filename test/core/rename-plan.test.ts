import { expect, it } from "vitest";
import { type Numbering, RenamePlan } from "../../src/core/rename-plan.ts";
import { type Instant, instant, minutes } from "../../src/core/time.ts";

const NUMBERING: Numbering = {
  nameOf: (original, number) => (number === 1 ? original : `${original}-${number}`),
  numberOf: (original, name) => Number(name.slice(original.length + 1)) || undefined,
};

function newPlan(remembered?: string): RenamePlan<string> {
  return new RenamePlan("node", remembered, NUMBERING);
}

it("a name that was remembered is taken up again, another is not", () => {
  expect(newPlan("node-3").name).toBe("node-3");
  expect(newPlan("node").name).toBe("node");
  expect(newPlan("").name).toBe("node");
});

it("RFC 6762 §9: renames beyond the eighth wait, longer each time and five minutes at most", () => {
  const plan = newPlan();
  const waits: number[] = [];
  let now: Instant = instant(0);
  for (let count = 1; count <= 17; count++) {
    const at = plan.lose("b", now);
    waits.push(at - now);
    plan.claim();
    now = at;
  }
  const later = [5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000];
  expect(waits).toEqual([...Array(8).fill(0), ...later]);
});

it("renames far apart do not count as one series", () => {
  const plan = newPlan();
  let now = 0;
  for (let count = 0; count < 50; count++) {
    plan.hold(instant(now));
    now += minutes(1);
    expect(plan.lose("b", instant(now))).toBe(now);
  }
  expect(plan.name).toBe("node-51");
});

it("a name taken back and soon lost again is tried for after a longer time", () => {
  const plan = newPlan();
  plan.hold(instant(0));
  plan.lose("b", instant(1000));
  expect(plan.reclaimInterval).toBe(minutes(1));
  plan.takeOriginal(instant(61_000));
  plan.lose("b", instant(62_000));
  expect(plan.reclaimInterval).toBe(minutes(2));
});

it("a name taken back and held for ten minutes is tried for after one minute again", () => {
  const plan = newPlan();
  plan.hold(instant(0));
  plan.lose("b", instant(1000));
  plan.takeOriginal(instant(61_000));
  plan.lose("b", instant(61_000 + minutes(10)));
  expect(plan.reclaimInterval).toBe(minutes(1));
});

it("who has the original name is known, whoever takes the others", () => {
  const plan = newPlan();
  plan.lose("b", instant(0));
  plan.lose("c", instant(0));
  expect(plan.rival).toBe("b");
  plan.missOriginal("d");
  expect(plan.rival).toBe("d");
  plan.takeOriginal(instant(0));
  expect(plan.rival).toBeUndefined();
});
