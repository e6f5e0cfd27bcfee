import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Condition } from "../../src/config/service-definition.ts";
import { SeededRandom } from "../../src/core/random.ts";
import { milliseconds, seconds } from "../../src/core/time.ts";
import type { CheckResult } from "../../src/daemon/condition-check.ts";
import {
  CHECKS_MAX,
  CONFIRMATION_WAIT,
  ServiceConditions,
} from "../../src/daemon/service-conditions.ts";

function condition(port: number, every = seconds(10)): Condition {
  return { kind: "tcp", host: "127.0.0.1", port, every, timeout: milliseconds(500) };
}

/** Conditions whose looks the test answers. */
class Subject {
  readonly changes: string[] = [];
  readonly conditions: ServiceConditions;
  /** Whether anything answers. */
  isUp = false;
  /** Looks that are not answered yet, when they are not answered at once. */
  readonly open: ((result: CheckResult) => void)[] = [];
  answersAtOnce = true;
  looks = 0;
  readonly #signals = new Set<AbortSignal>();

  constructor() {
    this.conditions = new ServiceConditions({
      random: new SeededRandom(1),
      lookup: () => {},
      onChange: (_, state) => this.changes.push(state.state),
      check: (_condition, _lookup, signal) => {
        this.looks++;
        this.#signals.add(signal);
        if (this.answersAtOnce) return Promise.resolve(this.#result());
        return new Promise((resolve) => this.open.push(resolve));
      },
    });
  }

  /** Conditions whose looks were given up. */
  get aborted(): number {
    return [...this.#signals].filter(({ aborted }) => aborted).length;
  }

  #result(): CheckResult {
    return { answers: this.isUp, reason: this.isUp ? "up" : "down" };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** More than a round with its spread. */
const ROUND = 11_000;

describe("a condition", () => {
  test("is known after the first look, which comes at once", async () => {
    const subject = new Subject();
    expect(subject.conditions.stateOf(condition(80))).toEqual({ state: "unknown" });
    subject.isUp = true;
    subject.conditions.follow([condition(80)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(subject.changes).toEqual(["met"]);
    expect(subject.conditions.stateOf(condition(80))).toEqual({ state: "met", reason: "up" });
  });

  test("ends after two failures in a row, the second look coming soon", async () => {
    const subject = new Subject();
    subject.isUp = true;
    subject.conditions.follow([condition(80)]);
    await vi.advanceTimersByTimeAsync(0);
    subject.isUp = false;
    await vi.advanceTimersByTimeAsync(ROUND - CONFIRMATION_WAIT);
    await vi.advanceTimersByTimeAsync(2 * CONFIRMATION_WAIT);
    expect(subject.changes).toEqual(["met", "unmet"]);
    expect(subject.looks).toBe(3);
  });

  test("does not end by one failure", async () => {
    const subject = new Subject();
    subject.isUp = true;
    subject.conditions.follow([condition(80)]);
    await vi.advanceTimersByTimeAsync(0);
    subject.isUp = false;
    while (subject.looks < 2) await vi.advanceTimersByTimeAsync(100);
    subject.isUp = true;
    await vi.advanceTimersByTimeAsync(10 * ROUND);
    expect(subject.changes).toEqual(["met"]);
  });

  test("begins anew after two successes in a row", async () => {
    const subject = new Subject();
    subject.conditions.follow([condition(80)]);
    await vi.advanceTimersByTimeAsync(0);
    subject.isUp = true;
    while (subject.looks < 2) await vi.advanceTimersByTimeAsync(100);
    expect(subject.changes).toEqual(["unmet"]);
    await vi.advanceTimersByTimeAsync(2 * CONFIRMATION_WAIT);
    expect(subject.changes).toEqual(["unmet", "met"]);
  });

  test("is looked at once for all services that have it", async () => {
    const subject = new Subject();
    subject.conditions.follow([condition(80), condition(80), condition(81)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(subject.looks).toBe(2);
  });

  test("is looked at at uneven intervals around its own", async () => {
    const subject = new Subject();
    subject.conditions.follow([condition(80)]);
    const at: number[] = [];
    for (let now = 0; at.length < 20; now += 10) {
      const before = subject.looks;
      await vi.advanceTimersByTimeAsync(10);
      if (subject.looks > before) at.push(now);
    }
    const intervals = at.slice(1).map((instant, index) => instant - at[index]!);
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(9000 - 10);
    expect(Math.max(...intervals)).toBeLessThanOrEqual(11_000 + 10);
    expect(new Set(intervals).size).toBeGreaterThan(5);
  });

  test("that nothing has any more is not looked at, and a look under way is given up", async () => {
    const subject = new Subject();
    subject.answersAtOnce = false;
    subject.conditions.follow([condition(80)]);
    subject.conditions.follow([]);
    expect(subject.aborted).toBe(1);
    subject.open[0]!({ answers: true, reason: "up" });
    await vi.advanceTimersByTimeAsync(10 * ROUND);
    expect(subject.looks).toBe(1);
    expect(subject.changes).toEqual([]);
  });

  test("keeps what is known of it when others come", async () => {
    const subject = new Subject();
    subject.isUp = true;
    subject.conditions.follow([condition(80)]);
    await vi.advanceTimersByTimeAsync(0);
    subject.conditions.follow([condition(80), condition(81)]);
    expect(subject.conditions.stateOf(condition(80)).state).toBe("met");
    await vi.advanceTimersByTimeAsync(0);
    expect(subject.looks).toBe(2);
  });
});

test("a few looks at most are under way at once, and the others follow", async () => {
  const subject = new Subject();
  subject.answersAtOnce = false;
  const ports = Array.from({ length: CHECKS_MAX + 3 }, (_, index) => 8000 + index);
  subject.conditions.follow(ports.map((port) => condition(port)));
  expect(subject.looks).toBe(CHECKS_MAX);
  for (let answered = 0; answered < ports.length; answered++) {
    subject.open[answered]!({ answers: true, reason: "up" });
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(subject.changes).toHaveLength(ports.length);
});
