/** When and how often something is expected. */

import { type Duration, milliseconds } from "../../core/time.ts";
import type { ExpectationStep } from "./syntax.ts";
import { parseDuration, type Words } from "./words.ts";

const ZERO = milliseconds(0);

/** As a number of times, without limit; as an end, never. */
export const FOREVER = Number.POSITIVE_INFINITY as Duration;

/** `20ms..120ms`, if it is next. */
export function parseSpan(words: Words): { from: Duration; to: Duration } | undefined {
  const match = /^(.+?)\.\.(.+)$/.exec(words.next);
  const from = parseDuration(match?.[1] ?? "");
  const to = parseDuration(match?.[2] ?? "");
  if (from === undefined || to === undefined) return undefined;
  words.take("the range");
  return { from, to };
}

export function parseWindowSpan(words: Words): { from: Duration; to: Duration } | undefined {
  if (words.skip("within")) return { from: ZERO, to: words.duration() };
  if (!words.skip("between")) return undefined;
  const from = words.duration();
  words.expect("and");
  return { from, to: words.duration() };
}

/** `no`, `N`, or nothing, which is one at least. */
export function parseHowMany(words: Words): { countMin: number; countMax: number } {
  const number = words.skip("no") ? "0" : words.takeMatch(/^\d+$/)?.[0];
  if (number === undefined) return { countMin: 1, countMax: FOREVER };
  return { countMin: Number(number), countMax: Number(number) };
}

/** `never`, `exactly N times`, `at most N times`, `at least N times`. */
export function parseCount(
  words: Words,
): Pick<ExpectationStep, "countMin" | "countMax"> | undefined {
  if (words.skip("never")) return { countMin: 0, countMax: 0 };
  const kind = words.takeOneOf(["exactly", "most", "least"]);
  if (kind === undefined) return undefined;
  const count = words.integer("how many times");
  if (!words.skip("times")) words.expect("time");
  if (kind === "most") return { countMin: 0, countMax: count };
  return { countMin: count, countMax: kind === "least" ? FOREVER : count };
}
