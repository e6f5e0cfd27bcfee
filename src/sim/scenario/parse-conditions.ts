/** Conditions of a link in a scenario: `latency=1ms jitter=5ms loss=10% ...`. */

import type { Conditions } from "../conditions.ts";
import { parseDuration, type Words } from "./words.ts";

const CONDITION = /^(latency|jitter|reordering-delay|loss|duplication|reordering)=(\S+)$/;
const PERCENTAGE = /^(\d+(?:\.\d+)?)%$/;

export function parseConditions(words: Words): Partial<Conditions> {
  let conditions: Partial<Conditions> = {};
  while (!words.isAtEnd && CONDITION.test(words.next)) {
    const match = CONDITION.exec(words.next)!;
    conditions = { ...conditions, ...parseCondition(match[1]!, match[2]!, words) };
    words.take("the condition");
  }
  return conditions;
}

function parseCondition(key: string, text: string, words: Words): Partial<Conditions> {
  const duration = parseDuration(text);
  const percentage = PERCENTAGE.exec(text);
  const share = percentage === null ? undefined : Number(percentage[1]) / 100;
  switch (key) {
    case "latency":
      return { latency: duration ?? words.fail("a duration is expected") };
    case "jitter":
      return { jitter: duration ?? words.fail("a duration is expected") };
    case "reordering-delay":
      return { reorderingDelay: duration ?? words.fail("a duration is expected") };
    case "loss":
      return { loss: share ?? words.fail("a percentage is expected") };
    case "duplication":
      return { duplication: share ?? words.fail("a percentage is expected") };
    default:
      return { reordering: share ?? words.fail("a percentage is expected") };
  }
}
