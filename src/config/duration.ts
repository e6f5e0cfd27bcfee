/**
 * Durations as people write them: `800ms`, `3s`, `1.5s`, `10m`, `1h`; on the command line also a
 * bare number, which is milliseconds.
 */

import { failure, type Result, success } from "../core/errors.ts";
import { type Duration, milliseconds } from "../core/time.ts";
import { quote } from "./diagnostic.ts";

/** 24 days: a timer cannot be set to more than 2^31 - 1 milliseconds. */
const DURATION_MAX = 24 * 24 * 3_600_000;

const MILLISECONDS_OF_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

type Unit = keyof typeof MILLISECONDS_OF_UNIT;

/** A duration with its unit, as a pattern for JSON Schema. */
export const DURATION_PATTERN = "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$";

export const DURATION_EXPECTED = "a duration such as 500ms, 3s or 10m";

/** Reads a duration; the error says what was expected and repeats the text. */
export function parseDuration(text: string): Result<Duration, string> {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(text);
  if (match === null) return failure(`expected ${DURATION_EXPECTED}, not ${quote(text)}`);
  const factor = match[2] === "" ? 1 : MILLISECONDS_OF_UNIT[match[2] as Unit];
  const count = Number(match[1]) * factor;
  if (count > DURATION_MAX) return failure(`${text} is too long; the limit is 576h`);
  return success(milliseconds(count));
}
