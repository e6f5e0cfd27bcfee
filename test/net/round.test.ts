import { expect, test } from "vitest";
import { untilRound } from "../../src/net/round.ts";

test("all that wait for the next round wait for the same instant, a minute at most", () => {
  const instants = [0, 1, 59_999.5, 60_000, 90_000].map((now) => [now, untilRound(now)] as const);
  expect(instants.map(([now, wait]) => Math.floor(now) + wait)).toEqual([
    ...[60_000, 60_000, 60_000, 120_000, 120_000],
  ]);
  for (const [, wait] of instants) expect(wait).toBeGreaterThan(0);
});
