import { expect, it } from "vitest";
import type { IpAddress } from "../../src/core/ip-address.ts";
import { instant, minutes } from "../../src/core/time.ts";
import { NamePlan } from "../../src/host/name-plan.ts";
import { RIVAL, record } from "./host-kit.ts";

const rival = { address: RIVAL as IpAddress, record: record("node-1.local 120 A 192.0.2.99") };

it("a name taken back and soon lost again is tried for after a longer time", () => {
  const plan = new NamePlan("node-1", undefined);
  plan.hold(instant(0));
  plan.lose(rival, instant(1000));
  expect(plan.reclaimInterval).toBe(minutes(1));
  plan.takeOriginal(instant(61_000));
  plan.lose(rival, instant(62_000));
  expect(plan.reclaimInterval).toBe(minutes(2));
});

it("a name taken back and held for ten minutes is tried for after one minute again", () => {
  const plan = new NamePlan("node-1", undefined);
  plan.hold(instant(0));
  plan.lose(rival, instant(1000));
  plan.takeOriginal(instant(61_000));
  plan.lose(rival, instant(61_000 + minutes(10)));
  expect(plan.reclaimInterval).toBe(minutes(1));
});

it("renames far apart do not count as one series", () => {
  const plan = new NamePlan("node-1", undefined);
  let now = 0;
  for (let count = 0; count < 50; count++) {
    plan.hold(instant(now));
    now += minutes(1);
    expect(plan.lose(rival, instant(now))).toBe(now);
  }
  expect(plan.label).toBe("node-1-51");
});
